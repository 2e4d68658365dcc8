"""One thread with the dialog process: what code reads goes in as a reading, the state is stored as text in between."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from bot.adapters.dialog_client import HttpDialog
from bot.asked import Asked
from bot.content import Content
from bot.core.correcting import passed
from bot.core.dialog import Reading, TurnRequest, TurnResult
from bot.core.picking import open_choice
from bot.core.screening import Progress, open_item
from bot.reading import read_words
from tests.world import START

NAMES = {"programme": "Followthrough", "clinic": "Elm Clinic", "help_contact": "555-555-0123"}


@dataclass
class Thread:
    """A patient's thread. ``state`` is what a turn left, re-read from JSON by the next; ``known``: more context."""

    dialog: HttpDialog
    content: Content
    language: str
    state: Any = None
    events: list[dict[str, Any]] = field(default_factory=list)
    referrals: list[dict[str, Any]] = field(default_factory=list)
    known: dict[str, Any] = field(default_factory=dict)

    def say(self, text: str) -> TurnResult:
        """The patient writes ``text``."""
        return self.take(read_words(self.content, text, self._asked()), text)

    def take(self, reading: Reading | None, text: str = "") -> TurnResult:
        """One turn with a reading, or with the words when there is none."""
        request = TurnRequest(
            conversation_id="cv_1",
            state=None if self.state is None else json.loads(self.state),
            text=None if reading else text,
            reading=reading,
            context={**NAMES, "language": self.language, "language_known": True, "away": False}
            | {"referrals": self.referrals, **self.known},
            now=START.isoformat(),
        )
        result = self.dialog.take_turn(request)
        self.state = json.dumps(result.state)
        self.events += result.events
        return result

    @property
    def progress(self) -> Progress:
        """Where the screening stands, as the state holds it."""
        return Progress.from_json(json.loads(self.state)["slots"]["screening"])

    def _asked(self) -> Asked:
        state = json.loads(self.state) if self.state else {}
        form = state.get("form")
        choice = open_choice(form, state.get("slots", {}).get("places") or {})
        decided = state.get("slots", {}).get("conversation", {}).get("consent")
        open_now = Asked(
            self.language,
            consent=form == "consent_form",
            menu=form == "menu_form",
            share=form == "share_form",
            idle=form is None,
            decided=decided is not None,
            agreed=decided is True,
            referred=bool(self.referrals),
            told=any(each.get("told") for each in self.referrals),
            choice=choice,
        )
        if form != "screening_form":
            return open_now
        instrument = self.content.instruments[self.progress.instrument]
        item = None if self.progress.gate else open_item(instrument, self.progress)
        return replace(open_now, item=item, gate=self.progress.gate, passed=passed(instrument, self.progress))
