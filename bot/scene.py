"""Who texts, in which conversation, and what stands there: read once at the start of a turn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot import rescreening
from bot.bootstrap import Deps
from bot.core.answering import guess_language
from bot.core.dialog import JsonObject, Reply
from bot.core.gate import ASKED_TO_STOP, UNDELIVERABLE
from bot.core.safety_check import Check
from bot.core.screening import Progress
from bot.local_time import zone_of
from bot.referrals.reachable import reachable_again
from bot.referrals.summary import open_referrals
from bot.store import conversations, patients, phones, screenings, suppressions, threads
from bot.store.conversations import Conversation
from bot.store.database import Transaction
from bot.store.inbound import ClaimedInbound
from bot.store.patients import Patient
from bot.store.phones import Phone
from bot.unseen import BEFORE, as_seen

DEFAULT_INSTRUMENT = "ahc-hrsn-core"
DEFAULT_LANGUAGE = "en"
# Longer than this between two turns, and the patient is told where things stood.
AWAY_AFTER = timedelta(minutes=30)
# Younger patients are minors: a parent or guardian is taken to be texting.
OF_AGE = 18


@dataclass(frozen=True)
class Scene:
    """What a turn starts from. ``language`` is the thread's; ``last_turn_at`` is None before the first turn.

    Not ``reached``: a follow-up is for a patient whom this phone no longer reaches. ``last_answered_at`` is when the
    dialog manager last answered the patient's own words: what is open now was asked then, or repeated since.
    ``answered_lately``, while the menu is open: the questions that it offers were answered, and are not due again.
    ``asked_to_stop``: the patient was asked whether we should stop texting, and has not answered.
    """

    claimed: ClaimedInbound
    phone: Phone
    patient: Patient
    conversation: Conversation
    language: str
    opted_out: bool
    now: datetime
    reached: bool = True
    asked_to_stop: bool = False
    referrals: tuple[JsonObject, ...] = ()
    last_answered_at: datetime | None = None
    answered_lately: bool = False

    @property
    def is_due(self) -> bool:
        """Whether a follow-up fell due, rather than a patient having written."""
        return self.claimed.kind == "due"

    @property
    def reply_channel(self) -> str:
        """The channel that the reply takes: the one the message came by."""
        return "sms" if self.is_due else self.claimed.channel

    @property
    def last_turn_at(self) -> datetime | None:
        """When the thread last moved."""
        return self.conversation.updated_at if self.conversation.version else None

    @property
    def form(self) -> str | None:
        """The dialog form that is open: consent_form, screening_form, menu_form, or none."""
        return (self.conversation.state or {}).get("form")

    @property
    def screening_form_open(self) -> bool:
        """Whether a screening question is open."""
        return self.form == "screening_form"

    @property
    def progress(self) -> Progress | None:
        """The screening as the dialog state holds it, open or left."""
        stored = (self.conversation.state or {}).get("slots", {}).get("screening")
        return Progress.from_json(stored) if stored else None

    @property
    def remembered(self) -> JsonObject:
        """What the dialog remembers of the thread: consent, language, what was asked beside the open question."""
        return dict((self.conversation.state or {}).get("slots", {}).get("conversation") or {})

    @property
    def kept_places(self) -> JsonObject:
        """What the dialog keeps of the places that it showed, and of the referral that it asks about."""
        return dict((self.conversation.state or {}).get("slots", {}).get("places") or {})

    @property
    def consented(self) -> bool:
        """Whether the patient agreed in this thread."""
        return self.remembered.get("consent") is True

    @property
    def zone(self) -> str:
        """The time zone in which the patient is taken to be, an IANA name."""
        return zone_of(self.patient.timezone, self.patient.profile.zip, self.claimed.from_address)

    @property
    def for_somebody_else(self) -> bool:
        """Whether the clinic knows that somebody else answers, or must: for a minor."""
        return self.patient.proxy or self._is_minor()

    def _is_minor(self) -> bool:
        born = self.patient.profile.birth_date
        if born is None:
            return False
        today = self.now.astimezone(ZoneInfo(self.zone)).date()
        age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        return age < OF_AGE

    def with_progress(self, progress: Progress) -> Scene:
        """The same scene with the screening at another place."""
        state = self.conversation.state or {}
        slots = {**state.get("slots", {}), "screening": progress.to_json()}
        return replace(self, conversation=replace(self.conversation, state={**state, "slots": slots}))

    @property
    def check(self) -> Check | None:
        """What was asked after an alarm and is not answered yet. A text that came before the question is no answer."""
        return None if self.asked_since else Check.from_json((self.conversation.state or {}).get("check"))

    @property
    def asked_since(self) -> JsonObject:
        """The part of the state with what was asked after an alarm in a text that came later but was heard first."""
        stored = (self.conversation.state or {}).get("check")
        return {} if stored is None or self.claimed.seq >= stored.get("asked_at_row", 0) else {"check": stored}

    @property
    def check_age(self) -> timedelta:
        """How long ago it was asked whether all is well; no time when nothing is asked."""
        asked_at = (None if self.check is None else self.check.asked_at) or self.last_turn_at
        return timedelta(0) if asked_at is None else self.now - asked_at

    def state_at_rest(self, check: Check | None = None) -> JsonObject:
        """The dialog state with no form open; what was being asked waits until the patient comes back.

        ``check`` is what is asked instead.
        """
        kept = {k: v for k, v in (self.conversation.state or {}).items() if k not in ("form", "requested", "check")}
        asked = (
            self.asked_since
            if check is None
            else {"check": {**check.to_json(self.now), "asked_at_row": self.claimed.seq}}
        )
        return {**kept, **asked}

    def state_for_dialog(self) -> JsonObject | None:
        """The state without what only code reads."""
        return {k: v for k, v in (self.conversation.state or {}).items() if k not in ("check", BEFORE)} or None

    def names(self, deps: Deps, language: str) -> dict[str, Any]:
        """What the placeholders of our messages stand for in this thread."""
        named = deps.settings.clinic_name if "BOT_CLINIC_NAME" in deps.settings.given else None
        return {
            "programme": deps.settings.programme_name,
            "clinic": self.patient.clinic or named or deps.content.say("your_clinic", language),
            "help_contact": deps.settings.help_contact,
        }

    def says(self, deps: Deps, key: str, language: str | None = None) -> Reply:
        """One of our own messages, in the language of the thread unless another is given."""
        language = language or self.language
        return Reply(deps.content.say(key, language, **self.names(deps, language)), key)

    def context(self, deps: Deps) -> JsonObject:
        """What the dialog manager may know beside the message: no name, no number, no id of the patient."""
        invited_to = self.claimed.detail.get("guard", {}).get("instrument") or self.remembered.get("invited_to")
        return {
            **self.names(deps, self.language),
            "language": self.language,
            "language_known": self.language_known,
            "instrument": invited_to or DEFAULT_INSTRUMENT,
            "zone": self.zone,
            "proxy": self.for_somebody_else,
            "seems": None if self.is_due else guess_language(self.claimed.body, deps.content.telltales),
            "referrals": list(self.referrals),
            "name_known": bool(self.patient.profile.given_name),
            "answered": self.answered_lately,
            "away": self.last_turn_at is not None and self.now - self.last_turn_at > AWAY_AFTER,
        }

    @property
    def language_known(self) -> bool:
        """Whether the language is the patient's: the clinic or the patient said so, or the first words showed it."""
        return self.patient.language is not None or self.language != DEFAULT_LANGUAGE


def open_scene(deps: Deps, claimed: ClaimedInbound) -> Scene:
    """Find or make the phone, the patient and the conversation of this row.

    A text from a number nobody knows gets a patient of its own; a number that several patients share continues
    the conversation that is current on it.
    """
    with deps.db.write() as tx:
        phone = phones.find_or_create(tx, claimed.from_address)
        patient = _patient(tx, claimed, phone)
        reached = any(known.id == patient.id for known in patients.by_phone(tx, phone.id))
        language = patient.language or guess_language(claimed.body, deps.content.telltales) or DEFAULT_LANGUAGE
        conversation = conversations.find_or_create(tx, phone.id, patient.id, language)
        conversation = _without_ended_screening(tx, as_seen(tx, claimed, conversation))
        # A follow-up takes the phone when its text is about to leave (bot.sending.sender).
        if reached and claimed.kind == "text":
            phones.make_current(tx, phone.id, conversation.id)
        kinds = suppressions.kinds(tx, claimed.number_hash)
        referrals = tuple(open_referrals(deps, tx, patient.id))
        # Whoever texts can be reached, whatever Twilio once said about the number.
        if claimed.kind == "text" and suppressions.lift(tx, claimed.number_hash, UNDELIVERABLE):
            for known in patients.by_phone(tx, phone.id):
                reachable_again(tx, known.id)
        last_answered_at = threads.last_answered(tx, conversation.id)
        answered_lately = _answered_lately(tx, patient.id, conversation)
    return Scene(
        claimed=claimed,
        phone=phone,
        patient=patient,
        conversation=conversation,
        language=patient.language or conversation.language,
        opted_out="opted_out" in kinds,
        asked_to_stop=ASKED_TO_STOP in kinds,
        now=deps.clock.now(),
        reached=reached,
        referrals=referrals,
        last_answered_at=last_answered_at,
        answered_lately=answered_lately,
    )


def _answered_lately(tx: Transaction, patient_id: str, conversation: Conversation) -> bool:
    state = conversation.state or {}
    if state.get("form") != "menu_form":
        return False
    remembered = state.get("slots", {}).get("conversation") or {}
    return rescreening.answered_lately(tx, patient_id, str(remembered.get("invited_to") or DEFAULT_INSTRUMENT))


def _patient(tx: Transaction, claimed: ClaimedInbound, phone: Phone) -> Patient:
    """The patient of a follow-up, else of the current conversation if the phone still reaches them, else a new one."""
    reached = patients.by_phone(tx, phone.id)
    current = conversations.current_for_phone(tx, phone.id)
    named = patients.get(tx, claimed.detail["patient_id"]) if claimed.kind == "due" else None
    if named is not None:
        return named
    wanted = [current.patient_id if current else None]
    for patient_id in wanted:
        for patient in reached:
            if patient.id == patient_id:
                return patient
    # With several on one phone nobody knows who writes: a record of their own, which the clinic can join.
    return reached[0] if len(reached) == 1 else patients.create_texter(tx, phone.id)


def _without_ended_screening(tx: Transaction, conversation: Conversation) -> Conversation:
    """Forget a screening in the dialog state whose run has ended elsewhere (another phone, a new campaign)."""
    state = conversation.state or {}
    slots = state.get("slots", {})
    if "screening" not in slots or screenings.running_in(tx, conversation.id) is not None:
        return conversation
    left = {name: value for name, value in slots.items() if name != "screening"}
    kept = {name: value for name, value in state.items() if name not in ("form", "requested")}
    return replace(conversation, state={**kept, "slots": left})
