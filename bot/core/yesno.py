"""Yes and no, in the words people use for them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core import text
from bot.core.lexicon import Lexicon

_LONGEST_REASON = 30
_SHORTEST_REASON = 3

_SIDES = {
    "answers.plain_no": False,
    "answers.no": False,
    "answers.hedged_no": False,
    "answers.yes": True,
    "answers.soft_yes": True,
    "answers.hedged_yes": True,
}
_HEADS = {"answers.no_head": False, "answers.yes_head": True}
_FIRM = ("answers.no", "answers.yes")
_USUAL = ("answers.plain_no", "answers.no", "answers.yes", "answers.soft_yes")
_FILLERS = "answers.yes_no_fillers"


def read_yes_no(found: list[str], lexicon: Lexicon, *, strict: bool = False) -> bool | None:
    """True or False when the whole message says it and nothing in it says the opposite; else ``None``.

    ``strict`` is for safety questions: as :func:`read_firm`, and of all that sounds like a no ("wrong", "not me",
    "no thanks") only the plainest words count.
    """
    spelt = _joined(found, lexicon)
    if strict:
        return _read(spelt, lexicon, ("answers.plain_no", *_FIRM), refused="answers.no")
    return _read(spelt, lexicon, _USUAL)


def read_firm(found: list[str], lexicon: Lexicon) -> bool | None:
    """As :func:`read_yes_no`, without the soft yes ("ok", "sure", a thumb): it may only mean that one has read."""
    return _read(_joined(found, lexicon), lexicon, _FIRM)


def read_loose(found: list[str], lexicon: Lexicon) -> bool | None:
    """As :func:`read_yes_no`, hedges included ("kind of", "not really"): for questions where a little is a yes."""
    return _read(_joined(found, lexicon), lexicon, tuple(_SIDES))


def _joined(found: list[str], lexicon: Lexicon) -> list[str]:
    """The words of all clauses in their usual spelling."""
    return lexicon.spell(token for part in text.clauses(found, at_commas=True) for token in part)


def _read(spelt: list[str], lexicon: Lexicon, rules: tuple[str, ...], refused: str | None = None) -> bool | None:
    """What the lists of ``rules`` make of the whole message. A soft yes beside a no is a contradiction.

    Pieces that are a yes each may be none together ("si digo que si, que pasa").
    """
    said: set[str] = set()
    at = pieces = 0
    while at < len(spelt):
        end, path = _longest(spelt, at, lexicon, (*rules, _FILLERS))
        if path is None or path == refused:
            return None
        said.add(path)
        at, pieces = end, pieces + 1
    if pieces > 1 and lexicon.rule("answers.doubt").labels_in(spelt):
        return None
    sides = {_SIDES[path] for path in said if path in _SIDES}
    return sides.pop() if len(sides) == 1 else None


def read_explained(found: list[str], lexicon: Lexicon) -> bool | None:
    """A yes or no with its reason before or behind it ("no, my son drives me", "we have a car so no").

    ``None`` when nothing in the message says yes or no, when the reason may turn it ("yes but not any more"), when
    it depends on something, when it answers something else ("yes I am alone"), or when it is a question.
    """
    parts = _clauses(found, lexicon)
    size = sum(map(len, parts))
    if "?" in found or not parts or size > _LONGEST_REASON or lexicon.rule("answers.doubt").labels_in(_flat(parts)):
        return None
    if lexicon.rule("answers.alone").labels_in(_flat(parts)):
        # Perhaps to the question before, whether one is alone.
        return None
    sides: set[bool] = set()
    for at, part in enumerate(parts):
        side, unclear = _side(part, lexicon, first=at == 0, last=len(parts) == 1)
        if unclear:
            return None
        sides.update([] if side is None else [side])
    if len(sides) != 1:
        return None
    side = sides.pop()
    return None if _is_turned(parts, lexicon, side=side) else side


def _clauses(found: list[str], lexicon: Lexicon) -> list[list[str]]:
    """The message cut at marks, dashes and words such as "so", each part in its usual spelling."""
    cuts = lexicon.words("answers.therefore")
    marked = ["," if token in ("-", "(", ")") else token for token in found]
    parts: list[list[str]] = []
    for part in text.clauses(marked, at_commas=True):
        here: list[str] = []
        for word in lexicon.spell(part):
            if word in cuts:
                parts.append(here)
                here = []
            else:
                here.append(word)
        parts.append(here)
    return [part for part in parts if part]


def _flat(parts: list[list[str]]) -> list[str]:
    return [word for part in parts for word in [*part, "."]]


def _side(part: list[str], lexicon: Lexicon, *, first: bool, last: bool) -> tuple[bool | None, bool]:
    """What one clause says, and whether it cannot be told ("no car": no, or a thing that is missing?)."""
    side = _read(part, lexicon, tuple(_SIDES))
    if side is not None:
        return side, False
    if lexicon.whole("answers.no_harm", part):
        return None, False
    start = _skipped(part, lexicon)
    end, head = _longest(part, start, lexicon, tuple(_HEADS))
    if head is None:
        return _last_word(part, lexicon), False
    reason = part[end:]
    if not reason:
        return _HEADS[head], False
    opposite = _longest(reason, 0, lexicon, tuple(_HEADS))[1]
    if opposite and _HEADS[opposite] != _HEADS[head]:
        return None, True
    # Behind "no sir" a reason begins, whatever it is; "no car" may be the reason itself.
    addressed = end > start + 1 and lexicon.whole(_FILLERS, part[end - 1 : end])
    begins = addressed or _begins(reason, "answers.statement", lexicon)
    if not _HEADS[head]:
        return (False, False) if begins else (None, first)
    if part[end - 1] in lexicon.words("answers.if_words") and not (begins and last):
        return None, not first
    return True, False


def _last_word(part: list[str], lexicon: Lexicon) -> bool | None:
    """A yes or no that ends a clause ("it has been hard yes"), where it can be nothing else."""
    if part[-1] in lexicon.words("answers.if_words") or len(part) < _SHORTEST_REASON:
        return None
    end = next((side for path, side in _HEADS.items() if lexicon.whole(path, part[-1:])), None)
    return None if end and lexicon.words("answers.negation").intersection(part) else end


def _skipped(part: list[str], lexicon: Lexicon) -> int:
    """Where a clause begins behind "well", "oh", "I would say"."""
    at = 0
    while 0 < (end := lexicon.rule(_FILLERS).longest(part, at)) < len(part) and end > at:
        if _longest(part, at, lexicon, tuple(_HEADS))[1]:
            break
        at = end
    return at


def _begins(reason: Sequence[str], place: str, lexicon: Lexicon) -> bool:
    """The reason begins with a word or two of the list."""
    return any(" ".join(reason[:size]) in lexicon.words(place) for size in (1, 2))


def _is_turned(parts: list[list[str]], lexicon: Lexicon, *, side: bool) -> bool:
    """Words that may take the answer back: any "but" behind a no, one with a "not" in it behind a yes."""
    words = _flat(parts)
    if lexicon.rule("answers.over" if side else "answers.lacking").labels_in(words):
        return True
    turns = [at for at, word in enumerate(words) if word in lexicon.words("answers.contrast")]
    if not turns:
        return False
    if side:
        return bool(lexicon.words("answers.negation").intersection(words[turns[0] :]))
    return not lexicon.whole("answers.no_harm", [word for word in words[turns[0] + 1 :] if word != "."])


def _longest(spelt: list[str], at: int, lexicon: Lexicon, paths: tuple[str, ...]) -> tuple[int, str | None]:
    """The end and the place of the longest match that stands at ``at``; of equals, the first place."""
    best: tuple[int, str | None] = (at, None)
    for path in paths:
        end = lexicon.rule(path).longest(spelt, at)
        if end > best[0]:
            best = (end, path)
    return best
