"""Yes and no, in the words people use for them."""

from __future__ import annotations

from bot.core import text
from bot.core.lexicon import Lexicon

_PAUSES = frozenset(",.-;:!")
_LONGEST_REASON = 14

_SIDES = {"answers.plain_no": False, "answers.no": False, "answers.yes": True, "answers.soft_yes": True}
_HEADS = {"answers.no_head": False, "answers.yes_head": True}
_FIRM = ("answers.no", "answers.yes")
_FILLERS = "answers.yes_no_fillers"


def read_yes_no(found: list[str], lexicon: Lexicon, *, strict: bool = False) -> bool | None:
    """True or False when the whole message says it and nothing in it says the opposite; else ``None``.

    ``strict`` is for safety questions: as :func:`read_firm`, and of all that sounds like a no ("wrong", "not me",
    "no thanks") only the plainest words count.
    """
    if not strict:
        return _read(found, lexicon, tuple(_SIDES))
    return _read(found, lexicon, ("answers.plain_no", *_FIRM), refused="answers.no")


def read_firm(found: list[str], lexicon: Lexicon) -> bool | None:
    """As :func:`read_yes_no`, without the soft yes ("ok", "sure", a thumb): it may only mean that one has read."""
    return _read(found, lexicon, _FIRM)


def _read(found: list[str], lexicon: Lexicon, rules: tuple[str, ...], refused: str | None = None) -> bool | None:
    """What the lists of ``rules`` make of the whole message. A soft yes beside a no is a contradiction."""
    spelt = lexicon.spell(token for part in text.clauses(found, at_commas=True) for token in part)
    said: set[str] = set()
    at = 0
    while at < len(spelt):
        end, path = _longest(spelt, at, lexicon, (*rules, _FILLERS))
        if path is None or path == refused:
            return None
        said.add(path)
        at = end
    sides = {_SIDES[path] for path in said if path in _SIDES}
    return sides.pop() if len(sides) == 1 else None


def read_explained(found: list[str], lexicon: Lexicon) -> bool | None:
    """A yes or no that is followed by its reason ("no, my son drives me"); ``None`` when the reason may turn it."""
    spelt = lexicon.spell(found)
    end, head = _longest(spelt, 0, lexicon, tuple(_HEADS))
    side = _HEADS[head] if head else None
    rest = spelt[end:]
    reason = [token for token in rest if token[0].isalnum()]
    if side is None or not 0 < len(reason) <= _LONGEST_REASON or "?" in rest:
        return None
    if lexicon.words("answers.contrast").intersection(reason):
        return None
    starts = rest[0] in _PAUSES or reason[0] in lexicon.words("answers.statement")
    return side if side or starts else None


def _longest(spelt: list[str], at: int, lexicon: Lexicon, paths: tuple[str, ...]) -> tuple[int, str | None]:
    """The end and the place of the longest match that stands at ``at``; of equals, the first place."""
    best: tuple[int, str | None] = (at, None)
    for path in paths:
        end = lexicon.rule(path).longest(spelt, at)
        if end > best[0]:
            best = (end, path)
    return best
