"""``/r/<token>``: the places that were shared with a patient, to read and to print. Nobody signs in.

Address, title and preview say nothing of the patient, the need or the places. A link that ended or that never was gets
the same page, which says whom to ask.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request, send_from_directory

from bot.content.directory import load_directory
from bot.core.directory.texts import date_text
from bot.directory.links import PATH
from bot.store import directory, patients, shared_lists
from bot.store.shared_lists import Shared
from webhooks.pages.place_view import PlaceView, view

if TYPE_CHECKING:
    from bot.bootstrap import Deps
    from bot.store.database import Transaction

FOLDER = Path(__file__).parent / "templates"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


def make_blueprint(deps: Deps) -> Blueprint:
    """The page, its style sheet, and what is said when there is nothing behind a link."""
    blueprint = Blueprint("places", __name__, url_prefix=PATH.rstrip("/"), template_folder=str(FOLDER))
    page = _Page(deps)
    blueprint.add_url_rule("/page.css", "style", page.style)
    blueprint.add_url_rule("/<token>", "shared", page.shared)
    return blueprint


class _Page:
    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    def style(self) -> Response:
        """The style sheet of the pages."""
        return send_from_directory(FOLDER, "page.css", mimetype="text/css", max_age=3600)

    def shared(self, token: str) -> Response:
        """The places behind the token; 404 when there never was such a link, 410 when it ended."""
        with self._deps.db.read() as tx:
            found = shared_lists.find(tx, token)
            now = self._deps.clock.now()
            if found is None or found.expires_at <= now:
                return self._ended(410 if found else 404, found.language if found else self._accepted())
            language = found.language if found.language in self._deps.content.languages else "en"
            page = render_template(
                "places.html",
                **self._words(language, self._clinic(tx, found, language)),
                places=self._views(tx, found, language),
                until=self._until(found, language),
            )
        return Response(page, headers=HEADERS, mimetype="text/html")

    def _ended(self, status: int, language: str) -> Response:
        chosen = language if language in self._deps.content.languages else "en"
        clinic = self._deps.settings.clinic_name
        page = render_template("ended.html", **self._words(chosen, clinic))
        return Response(page, status, headers=HEADERS, mimetype="text/html")

    def _views(self, tx: Transaction, found: Shared, language: str) -> list[PlaceView]:
        """What is marked private by now is left out; what is gone from the directory is shown as not sure."""
        rules, now = load_directory(self._deps.settings.content_dir).rules, self._deps.clock.now()
        current = directory.by_ids(tx, found.resource_ids)
        services = [current.get(each) or directory.get(tx, each) for each in found.resource_ids]
        return [
            view(service, self._deps.content, language, rules, now, is_current=service.id in current)
            for service in services
            if service is not None and service.status != "private"
        ]

    def _words(self, language: str, clinic: str) -> dict[str, object]:
        settings, messages = self._deps.settings, self._deps.content.messages[language]
        filled = {"clinic": clinic, "help_contact": settings.help_contact}
        return {
            "language": language,
            "title": settings.programme_name,
            "words": {
                key.removeprefix("place_page_"): text for key, text in messages.items() if key.startswith("place_page_")
            },
            "contact": messages["place_page_contact"].format(**filled),
            "ended": messages["place_page_ended"].format(**filled),
        }

    def _until(self, found: Shared, language: str) -> str:
        """The last day on which the link surely works."""
        messages, last = self._deps.content.messages[language], found.expires_at.date() - timedelta(days=1)
        return messages["place_page_until"].format(date=f"{date_text(last, messages)} {last.year}")

    def _clinic(self, tx: Transaction, found: Shared, language: str) -> str:
        patient = patients.get(tx, found.patient_id)
        named = self._deps.settings.clinic_name if "BOT_CLINIC_NAME" in self._deps.settings.given else None
        return (patient.clinic if patient else None) or named or self._deps.content.say("your_clinic", language)

    def _accepted(self) -> str:
        return request.accept_languages.best_match(self._deps.content.languages, "en") or "en"
