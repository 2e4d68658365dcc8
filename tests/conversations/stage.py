"""Plays one conversation file through the real model and the real database.

Between any two turns everything that the bot knows lies in the database; each turn reads it again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from bot.bootstrap import Deps
from bot.core.screening import Progress
from bot.core.wording import question_text
from bot.release import release_due
from bot.store import escalations, inbound, outbox, patients, referrals, screenings, suppressions, tables
from bot.store.database import Transaction
from bot.store.referrals import PatientReferral
from bot.worker import Worker
from tests.conversations import clinic
from tests.conversations.world import NUMBER, OURS
from tests.world import StandingClock

# An address is another in every run.
LINK = re.compile(r"https?://\S+")
NAMES = {"programme": "Followthrough", "clinic": "Elm Clinic", "help_contact": "555-555-0123", "total": 11}


@dataclass
class Stage:
    """The world of one conversation: a worker, a clock that stands, one phone."""

    deps: Deps
    clock: StandingClock
    transcript: list[str] = field(default_factory=list)
    sent: int = 0

    def play(self, turn: dict[str, Any]) -> None:
        """One turn of the file: time passes, the clinic or the patient does something, the bot answers."""
        if "after" in turn:
            amount, unit = str(turn["after"]).split()
            self.clock.advance(**{unit if unit.endswith("s") else unit + "s": float(amount)})
            self.transcript.append(f"        … {turn['after']} later")
        if "patient" in turn:
            said = self._text(str(turn["patient"]), turn.get("opt_out_type"))
            self._expect(turn["bot"], said)
        if "due" in turn:
            release_due(self.deps)
            self._expect(turn["bot"], self._take_turns())
        if "clinic" in turn:
            self._clinic(turn["clinic"])
            self._expect(turn.get("bot", "silence"), self._take_turns())

    def recorded(self, expected: dict[str, Any]) -> None:
        """What the record must say at the end."""
        found = self._record()
        for name, value in expected.items():
            assert found[name] == value, self._failure(f"{name} is {found[name]!r}, expected {value!r}")

    def _text(self, body: str, opt_out_type: str | None) -> list[str]:
        self.transcript.append(f"patient: {body}")
        self.sent += 1
        with self.deps.db.write() as tx:
            inbound.store(
                tx,
                message_sid=f"SM{self.sent:032d}",
                kind="text",
                channel="sms",
                from_address=NUMBER,
                to_address=OURS,
                body=body,
                opt_out_type=opt_out_type,
                received_at=self.clock.now(),
            )
        return self._take_turns()

    def _take_turns(self) -> list[str]:
        before = self._last_seq()
        worker = Worker(self.deps)
        while worker.turn_once():
            pass
        said = self._said_since(before)
        self.transcript += [f"    bot: {text}".replace("\n", "\n         ") for text in said]
        return said

    def _expect(self, expected: Any, said: list[str]) -> None:
        wanted = [] if expected == "silence" else expected if isinstance(expected, list) else [expected]
        heard = LINK.sub("<link>", "\n\n".join(said))
        if not wanted:
            assert not said, self._failure("the bot should be silent")
        place = 0
        for each in wanted:
            text = self._worded(each)
            at = heard.find(text, place)
            assert at >= 0, self._failure(f"the bot should say {each!r}:\n{text}")
            place = at + len(text)
        rest = heard
        for each in wanted:
            rest = rest.replace(self._worded(each), "", 1)
        assert not rest.strip(), self._failure(f"the bot says more than expected:\n{rest.strip()}")

    def _worded(self, expected: Any) -> str:
        """A message key, ``question <link id>`` (``of <instrument>``), or ``{text: …}`` for words as they stand."""
        language = self._language()
        content = self.deps.content
        if isinstance(expected, dict) and "say" in expected:
            return content.say(expected["say"], language, **{**NAMES, "clinic": self._clinic_name()}, **_rest(expected))
        if isinstance(expected, dict):
            return str(expected["text"])
        if str(expected).startswith("question "):
            link_id, _, asked = str(expected).removeprefix("question ").partition(" of ")
            instrument = content.instruments[asked or "ahc-hrsn-core"]
            progress = Progress(instrument.id, instrument.version, at=link_id)
            return question_text(instrument, progress, language, content.messages[language])
        if str(expected).startswith("help "):
            return content.instruments["ahc-hrsn-core"].item(str(expected).removeprefix("help ")).help[language]
        return content.say(str(expected), language, **{**NAMES, "clinic": self._clinic_name()})

    def _clinic(self, act: dict[str, Any]) -> None:
        clinic.act(self.deps, self.clock, act, self.transcript)

    def _language(self) -> str:
        with self.deps.db.read() as tx:
            rows = (
                tx.session.execute(select(tables.Conversation).order_by(tables.Conversation.updated_at)).scalars().all()
            )
            return rows[-1].language if rows else "en"

    def _clinic_name(self) -> str:
        with self.deps.db.read() as tx:
            found = patients.by_number(tx, NUMBER)
        return (found[-1].clinic if found else None) or NAMES["clinic"]  # type: ignore[return-value]

    def _last_seq(self) -> int:
        with self.deps.db.read() as tx:
            return max(tx.session.execute(select(tables.Message.seq)).scalars(), default=0)

    def _said_since(self, seq: int) -> list[str]:
        """What the turn put into the outbox, which Twilio then has."""
        with self.deps.db.write() as tx:
            query = select(tables.Message).where(tables.Message.seq > seq, tables.Message.state == "waiting")
            rows = tx.session.execute(query.order_by(tables.Message.seq)).scalars().all()
            said = [tx.vault.open(row.body_sealed, "message.body_sealed") for row in rows]
            for message_id in [row.id for row in rows]:
                outbox.handed_over(tx, message_id, f"SM-of-{message_id}", "sent")
            return said

    def _record(self) -> dict[str, Any]:
        with self.deps.db.read() as tx:
            number_hash = tx.vault.number_hash(NUMBER)
            runs = [screenings.get(tx, i) for i in tx.session.execute(_ids()).scalars()]
            cases = escalations.list_page(tx, None, 100).items
            consents = tx.session.execute(select(tables.Consent).order_by(tables.Consent.seq)).scalars().all()
            last = runs[-1] if runs else None
            result = (last.result if last else None) or {}
            return {
                "answers": {a.link_id: _short(a.value) for a in last.answers} if last else {},
                "state": last.state if last else None,
                "states": [run.state for run in runs],
                "hits": result.get("scores", {}).get("hits", {}).get("value"),
                "needs": {n["domain"]: n["positive"] for n in result.get("needs", [])},
                "navigation_eligible": result.get("navigation_eligible"),
                "consent": [row.granted for row in consents],
                "consent_texts": [(row.text_version or "").split("/")[0] for row in consents],
                "escalations": sorted(f"{case.kind} {case.urgency}" for case in cases),
                "suppressed": sorted(suppressions.kinds(tx, number_hash)),
                "language": self._language(),
                "answered_by": result.get("answered_by"),
                "referrals": _referrals(tx),
                "zip": next((each.profile.zip for each in patients.by_number(tx, NUMBER)), None),
            }

    def _failure(self, why: str) -> str:
        with self.deps.db.read() as tx:
            rows = tx.session.execute(select(tables.FollowUp).order_by(tables.FollowUp.due_at)).scalars().all()
            planned = [f"{row.due_at} {row.kind}: {row.state} {row.reason or ''}" for row in rows]
        told = "\n".join(self.transcript)
        return f"{why}\n\n--- the conversation so far ---\n{told}\n\n--- planned ---\n" + "\n".join(planned)


def _referrals(tx: Transaction) -> list[str]:
    found = [each for known in patients.by_number(tx, NUMBER) for each in referrals.of_patient(tx, known.id)]
    return [_told(referral) for referral in sorted(found, key=lambda each: each.id)]


def _told(referral: PatientReferral) -> str:
    """A referral as a case file writes it: ``food requested``, with the reason behind it where it is closed."""
    return " ".join(
        filter(None, (referral.domain, referral.state, referral.state_reason if referral.is_closed else ""))
    )


def _rest(expected: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in expected.items() if name != "say"}


def _ids() -> Any:
    return select(tables.Screening.id).order_by(tables.Screening.started_at, tables.Screening.id)


def _short(value: Any) -> Any:
    """A value as a case file writes it: a code, a list of codes, a number, or the absence."""
    if isinstance(value, list):
        return [each["code"] for each in value]
    if isinstance(value, dict):
        return value.get("code") or value["absent"]
    return value
