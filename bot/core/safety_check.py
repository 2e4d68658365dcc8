"""The answer to what is asked after an alarm: is all well? Read by code, so that it needs no dialog manager."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from bot.core import text
from bot.core.lexicon import Lexicon
from bot.core.patterns import SENTENCE_END
from bot.core.safety import NEEDS, Alarm, AlarmKind
from bot.core.yesno import read_yes_no

Meaning = Literal["well", "not_well"]
# Of these nothing more is said in the thread until the patient has said that it is safe.
VIOLENCE = frozenset({"danger", "abuse_report"})
# "Is it safe for you to text now?": a yes counts for so long, and is asked for anew until the check is too old.
NOW = timedelta(minutes=30)
TOO_OLD = timedelta(hours=12)
# It is asked so often; then it is left, and the case stays with a person.
MOST_ASKED = 2


@dataclass(frozen=True)
class Check:
    """What was asked about, in which language, how often, and when it was asked last (None: in this turn).

    It is kept in the conversation, so it survives a restart.
    """

    kind: AlarmKind
    certain: bool
    language: str
    asked: int = 1
    asked_at: datetime | None = None

    @classmethod
    def after(cls, alarm: Alarm) -> Check | None:
        """What is asked after an alarm: a doubtful one always, violence whether it is safe to text."""
        return cls(alarm.kind, alarm.certain, alarm.language) if not alarm.certain or alarm.kind in VIOLENCE else None

    @property
    def question(self) -> str:
        """The message that asks: after violence its own words do."""
        if self.certain:
            return self.kind
        return "need_check" if self.kind in NEEDS else "safety_check"

    @property
    def repeated(self) -> str:
        """The message that asks once more; after violence one that anybody may see."""
        return "safe_now" if self.certain else self.question

    def once_more(self) -> Check:
        """The same, asked another time."""
        return replace(self, asked=self.asked + 1, asked_at=None)

    def to_json(self, now: datetime) -> dict[str, Any]:
        """For the conversation's state, in a turn that is taken at ``now``."""
        asked_at = (self.asked_at or now).isoformat()
        return {
            "kind": self.kind,
            "certain": self.certain,
            "language": self.language,
            "asked": self.asked,
            "asked_at": asked_at,
        }

    @classmethod
    def from_json(cls, stored: Any) -> Check | None:
        """What :meth:`to_json` stored; None when nothing waits."""
        if not stored:
            return None
        at = stored.get("asked_at")
        asked_at = datetime.fromisoformat(at) if at else None
        return cls(
            cast(AlarmKind, stored["kind"]), stored["certain"], stored["language"], stored.get("asked", 1), asked_at
        )


def read_check(body: str, check: Check, lexicons: Mapping[str, Lexicon], language: str) -> Meaning | None:
    """Whether the patient is well; None when the text answers something else, or takes its yes back.

    After violence nothing but a plain yes, or the word safe, is a yes: "ok" may only mean that the text was seen, and
    "no, I'm good" says no.
    """
    found = text.tokens(body)
    for name in sorted(lexicons, key=lambda each: each != language):
        meaning = _meaning(found, check, lexicons[name])
        if meaning is not None:
            return None if meaning == "well" and _is_taken_back(found, lexicons) else meaning
    return None


def _meaning(found: list[str], check: Check, lexicon: Lexicon) -> Meaning | None:
    spelt = [SENTENCE_END, *lexicon.spell(text.spoken(found)), SENTENCE_END]
    if lexicon.rule("safety.not_well").labels_in(spelt):
        return "not_well"
    if check.certain:
        return _is_safe(found, spelt, lexicon)
    if lexicon.rule("safety.well").labels_in(spelt):
        return "well"
    said = read_yes_no(found, lexicon)
    if said is None:
        return None
    # "Do you need help today?" is asked the other way round.
    asks_for_need = check.kind in NEEDS
    return "well" if said is not asks_for_need else "not_well"


def _is_safe(found: list[str], spelt: list[str], lexicon: Lexicon) -> Meaning | None:
    if lexicon.rule("safety.safe_now").labels_in(spelt):
        return "well"
    said = read_yes_no(found, lexicon, strict=True)
    return None if said is None else "well" if said else "not_well"


def _is_taken_back(found: list[str], lexicons: Mapping[str, Lexicon]) -> bool:
    """Whether something follows that limits a yes: "I'm safe but my kids aren't", "yes for now"."""
    return any(lexicon.rule("safety.taken_back").labels_in(lexicon.spell(found)) for lexicon in lexicons.values())
