"""``/p/<token>``: where a partner answers without an account.

The token is all there is to know, and only the partner was told it. Reading changes nothing, since mail scanners read
links; each answer carries how many came before it, so that a form sent twice is one answer. Name and number are shown
while the referral is open, and only when the patient agreed to share them. What a partner says after the end is kept.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, Request, Response, redirect, render_template, request, send_from_directory

from bot.content.referral import ReferralContent, load_referral
from bot.core.referral import CHW, COMPLETED, PARTNER, PATIENT, UnknownReport, may_be_proposed
from bot.phones import UnusableNumber, to_caller
from bot.referrals.planning import zone_for
from bot.referrals.reporting import Said, report
from bot.store import partners, patients, phones, referrals
from bot.store.partners import Link
from webhooks.pages.limits import Misses

if TYPE_CHECKING:
    from bot.bootstrap import Deps
    from bot.store.database import Transaction
    from bot.store.referrals import Event, PatientReferral

PATH = "/p"
FOLDER = Path(__file__).parent / "templates"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
LARGEST_FORM = 16 * 1024
LONGEST_NOTE = 1000
LANGUAGES = {"en": "English", "es": "Spanish"}
REASONS = {
    "no_capacity": "We have no room now",
    "not_eligible": "They do not meet our rules",
    "out_of_area": "They live outside our area",
    "not_offered": "We do not offer this",
    "not_reached": "We could not reach them",
    "did_not_come": "They did not come",
    "patient_declined": "They did not want it",
    "other": "Another reason",
}
ANSWERS = {
    "accepted": "You can help.",
    "declined": "You cannot help.",
    "appointment": "You proposed a time.",
    "reached": "You are in touch with them.",
    "not_reached": "You tried and did not reach them.",
    "waitlisted": "They are on your waiting list.",
    "in_progress": "You are helping them.",
    "helped": "They got help.",
    "not_helped": "It did not work out.",
}


def make_blueprint(deps: Deps) -> Blueprint:
    """The page and its style sheet."""
    blueprint = Blueprint("partner", __name__, url_prefix=PATH, template_folder=str(FOLDER))
    page = _Page(deps)
    blueprint.add_url_rule("/page.css", "style", page.style)
    blueprint.add_url_rule("/<token>", "read", page.read)
    blueprint.add_url_rule("/<token>", "answer", page.answer, methods=["POST"])
    return blueprint


class _Refused(Exception):
    """The answer cannot be taken; the sentence says why."""

    def __init__(self, sentence: str, status: int = 422) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


class _Page:
    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._misses = Misses()

    def style(self) -> Response:
        """The style sheet."""
        return send_from_directory(FOLDER, "partner.css", mimetype="text/css", max_age=3600)

    def read(self, token: str) -> Response:
        """The referral as it stands; 404 where there never was such a link, 410 where it ended."""
        with self._deps.db.read() as tx:
            link = partners.link_by_token(tx, token)
            if link is None or link.expires_at <= tx.now():
                return self._no_link(link)
            return self._shown(tx, link)

    def answer(self, token: str) -> Response | Any:
        """Take an answer and show what was noted."""
        request.max_content_length = LARGEST_FORM
        if not _is_own_form(request, self._deps.settings.public_url):
            return self._said("Please answer on the page itself.", 403)
        with self._deps.db.write() as tx:
            link = partners.link_by_token(tx, token)
            if link is None or link.expires_at <= tx.now():
                return self._no_link(link)
            try:
                self._take(tx, link)
            except _Refused as refused:
                return self._shown(tx, link, refused.sentence, refused.status)
        self._deps.wakeups.notify("inbound")
        return redirect(f"{PATH}/{token}", 303)

    def _take(self, tx: Transaction, link: Link) -> None:
        content = load_referral(self._deps.settings.content_dir)
        referral = referrals.hold(tx, link.referral_id)
        if request.form.get("seen") != str(link.answers):
            raise _Refused("This page was older than the last answer. Please look at how it stands now.", 409)
        said = self._said_in_form(tx, link, referral, content)
        if link.answers >= content.partner.most_answers or not partners.count_answer(tx, link):
            raise _Refused("There were too many answers. Please call the clinic instead.", 429)
        report(tx, content, referral.id, said)

    def _said_in_form(self, tx: Transaction, link: Link, referral: PatientReferral, content: ReferralContent) -> Said:
        word, reason = request.form.get("word", ""), request.form.get("reason") or None
        try:
            meant = content.rules.word(PARTNER, word, reason)
        except UnknownReport:
            raise _Refused("Please choose one of the answers.") from None
        if meant.reasons and reason is None:
            raise _Refused("Please choose a reason.")
        proposed_at = self._proposed(tx, referral) if meant.needs_time else None
        calls_from = _calls_from() if meant.then == "say_they_will_call" else None
        note = request.form.get("note", "").strip()[:LONGEST_NOTE] or None
        actor = f"link:{link.id}"
        return Said(PARTNER, word, actor, reason, note=note, proposed_at=proposed_at, calls_from=calls_from)

    def _proposed(self, tx: Transaction, referral: PatientReferral) -> datetime:
        """The time in the form, on the clock where the patient lives."""
        try:
            local = datetime.fromisoformat(request.form.get("at", ""))
        except ValueError:
            raise _Refused("Please give a day and a time.") from None
        at = local.replace(tzinfo=ZoneInfo(zone_for(tx, referral.patient_id)))
        if not may_be_proposed(at, tx.now()):
            raise _Refused("Please give a time that is to come, within a year.")
        return at

    # What is shown

    def _shown(self, tx: Transaction, link: Link, problem: str = "", status: int = 200) -> Response:
        referral = referrals.get(tx, link.referral_id)
        own = [event for event in referrals.events(tx, referral.id) if event.source == PARTNER]
        words = load_referral(self._deps.settings.content_dir).rules.words[PARTNER]
        zone = zone_for(tx, referral.patient_id)
        latest = partners.link_by_token(tx, request.view_args["token"]) if request.view_args else None
        page = render_template(
            "partner.html",
            programme=self._deps.settings.programme_name,
            help_contact=self._deps.settings.help_contact,
            place=referral.service_name,
            is_closed=referral.is_closed,
            late=_late_words(referral) if referral.is_closed else (),
            person=self._person(tx, referral),
            answered=[_noted(event, zone) for event in own],
            has_accepted=any(event.word != "declined" for event in own),
            reasons={word: [(each, REASONS[each]) for each in words[word].reasons] for word in words},
            zone=zone.rpartition("/")[2].replace("_", " "),
            seen=(latest or link).answers,
            problem=problem,
        )
        return Response(page, status, headers=HEADERS, mimetype="text/html")

    def _person(self, tx: Transaction, referral: PatientReferral) -> dict[str, str] | None:
        """Whom to call: nobody unless the patient agreed, and nobody any more once it is closed."""
        patient = patients.get(tx, referral.patient_id)
        if patient is None or not referral.shared or referral.is_closed:
            return None
        phone = phones.primary(tx, patient.id)
        language = LANGUAGES.get(patient.language or "", "")
        number = phones.address(tx, phone.id) if phone else ""
        return {"name": patient.profile.given_name or "", "number": number, "language": language}

    def _no_link(self, link: Link | None) -> Response:
        """Only misses are counted and held back: behind a proxy, partners share their address with strangers."""
        if link is None:
            address, now = request.remote_addr or "", self._deps.clock.now()
            if self._misses.too_many(address, now):
                return self._said("Please wait a minute, then open the link again.", 429)
            self._misses.add(address, now)
        return self._said("This link does not work any more.", 410 if link else 404)

    def _said(self, sentence: str, status: int) -> Response:
        page = render_template(
            "partner_ended.html",
            programme=self._deps.settings.programme_name,
            help_contact=self._deps.settings.help_contact,
            sentence=sentence,
        )
        return Response(page, status, headers=HEADERS, mimetype="text/html")


def _late_words(referral: PatientReferral) -> tuple[str, ...]:
    """What may still be said of one that has ended; nobody offers help whom the patient or the clinic called off."""
    if referral.state == COMPLETED:
        return ("not_helped",)
    is_called_off = referral.said_by in (PATIENT, CHW) or referral.state == "cancelled"
    return ("helped",) if is_called_off else ("helped", "accepted")


def _calls_from() -> str | None:
    """The number that the partner will call from, if the form gives one."""
    written = request.form.get("calls_from", "").strip()
    if not written:
        return None
    try:
        return to_caller(written)
    except UnusableNumber:
        raise _Refused("That is not a phone number that we know. Please give it with the area code.") from None


def _noted(event: Event, zone: str) -> dict[str, str]:
    local = event.at.astimezone(ZoneInfo(zone))
    said = ANSWERS[event.word]
    if event.proposed_at is not None:
        proposed = event.proposed_at.astimezone(ZoneInfo(zone))
        said = f"You proposed {proposed:%B} {proposed.day}, {proposed:%H:%M}."
    if event.calls_from is not None:
        said += f" You call from {event.calls_from}."
    reason = REASONS.get(event.reason or "", "")
    return {"at": f"{local:%B} {local.day}", "said": said, "reason": reason}


def _is_own_form(form: Request, public_url: str) -> bool:
    """A form of another site is refused where the browser says so; the token itself is what lets in."""
    if form.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = form.headers.get("Origin")
    if origin in (None, "null"):
        return True
    return urlsplit(str(origin)).netloc in (form.host, urlsplit(public_url).netloc)
