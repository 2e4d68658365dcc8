"""Yes and no, in the words people use for them."""

from __future__ import annotations

from bot.core import text
from bot.core.lexicon import Lexicon

_PAUSES = frozenset(",.-;:!")
_LONGEST_REASON = 14

Rules = tuple[tuple[str, bool | None], ...]
_STRICT: Rules = (("answers.no", False), ("answers.yes", True), ("answers.yes_no_fillers", None))
_SOFT = ("answers.soft_yes", True)
_HEADS: Rules = (("answers.no_head", False), ("answers.yes_head", True))


def read_yes_no(found: list[str], lexicon: Lexicon, *, strict: bool = False) -> bool | None:
    """True or False when the whole message says it and nothing in it says the opposite; else ``None``.

    ``strict`` refuses the soft yes ("ok", "sure", a thumb), which may only mean that the message was seen.
    """
    spelt = lexicon.spell(token for part in text.clauses(found, at_commas=True) for token in part)
    sides: set[bool] = set()
    at = 0
    rules = _STRICT if strict else (*_STRICT, _SOFT)
    while at < len(spelt):
        end, side = _longest(spelt, at, lexicon, rules)
        if end == at:
            return None
        if side is not None:
            sides.add(side)
        at = end
    return sides.pop() if len(sides) == 1 else None


def read_explained(found: list[str], lexicon: Lexicon) -> bool | None:
    """A yes or no that is followed by its reason ("no, my son drives me"); ``None`` when the reason may turn it."""
    spelt = lexicon.spell(found)
    end, side = _longest(spelt, 0, lexicon, _HEADS)
    rest = spelt[end:]
    reason = [token for token in rest if token[0].isalnum()]
    if side is None or not 0 < len(reason) <= _LONGEST_REASON or "?" in rest:
        return None
    if lexicon.words("answers.contrast").intersection(reason):
        return None
    starts = rest[0] in _PAUSES or reason[0] in lexicon.words("answers.statement")
    return side if side or starts else None


def _longest(spelt: list[str], at: int, lexicon: Lexicon, rules: Rules) -> tuple[int, bool | None]:
    """The end and the side of the longest yes, no or filler that stands at ``at``."""
    best: tuple[int, bool | None] = (at, None)
    for path, side in rules:
        end = lexicon.rule(path).longest(spelt, at)
        if end > best[0]:
            best = (end, side)
    return best
