"""The answer to what is asked after an alarm: is all well? Read by code, so that it needs no dialog manager."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from bot.core import text
from bot.core.lexicon import Lexicon
from bot.core.patterns import SENTENCE_END
from bot.core.safety import NEEDS, Alarm, AlarmKind
from bot.core.yesno import read_yes_no

Meaning = Literal["well", "not_well"]
# Of these nothing more is said in the thread until the patient has said that it is safe.
VIOLENCE = frozenset({"danger", "abuse_report"})


@dataclass(frozen=True)
class Check:
    """What was asked about, in which language. It is kept in the conversation, so it survives a restart."""

    kind: AlarmKind
    certain: bool
    language: str

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

    def to_json(self) -> dict[str, Any]:
        """For the conversation's state."""
        return {"kind": self.kind, "certain": self.certain, "language": self.language}

    @classmethod
    def from_json(cls, stored: Any) -> Check | None:
        """What :meth:`to_json` stored; None when nothing waits."""
        return cls(cast(AlarmKind, stored["kind"]), stored["certain"], stored["language"]) if stored else None


def read_check(body: str, check: Check, lexicons: Mapping[str, Lexicon], language: str) -> Meaning | None:
    """Whether the patient is well; None when the text answers something else. A doubt is no yes."""
    found = text.tokens(body)
    for name in sorted(lexicons, key=lambda each: each != language):
        lexicon = lexicons[name]
        spelt = [SENTENCE_END, *lexicon.spell(text.spoken(found)), SENTENCE_END]
        if lexicon.rule("safety.not_well").labels_in(spelt):
            return "not_well"
        if lexicon.rule("safety.well").labels_in(spelt):
            return "well"
        said = read_yes_no(found, lexicon)
        if said is not None:
            # "Do you need help today?" is asked the other way round.
            asks_for_need = check.kind in NEEDS
            return "well" if said is not asks_for_need else "not_well"
    return None
