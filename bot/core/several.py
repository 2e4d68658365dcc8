"""Several options, where all that apply are wanted: ``1,3 and 5``, ``pests and mold``, ``none``, ``all of them``."""

from __future__ import annotations

from bot.core.answer_item import OUT_OF_RANGE, AnswerItem, AnswerReading, sure, unclear
from bot.core.choices import is_counted, read_one
from bot.core.labels import match_label
from bot.core.lexicon import Lexicon
from bot.core.numbers import digits_value, is_marked
from bot.core.yesno import read_yes_no

_SEPARATORS = frozenset(",;/&+.-()#:*")


def read_several(found: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """The options that a reply names. Everything in it must be understood for it to be certain."""
    words = [token for token in found if token[0].isalnum() or not token.isascii()]
    if not words or "$" in found or "%" in found:
        return None
    spelt = lexicon.spell(words)
    reading = (
        _letters(found, item, lexicon)
        or _all_or_none(words, spelt, item, lexicon)
        or _written_together(words, item)
        or _range(found, item, lexicon)
        or _one_label(spelt, item, lexicon)
        or _listed(found, words, item, lexicon)
    )
    return unclear(reading.values) if reading and reading.is_sure and is_marked(found) else reading


def _letters(found: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """``a, c``, ``d, e y g``: letters between commas, even those that are words of the language as well."""
    pieces = " ".join(found).split(",")
    keys: list[int] = []
    for place, piece in enumerate(pieces):
        letters = piece.split()
        if len(letters) > 1 and letters[-2] in lexicon.words("answers.and") and place == len(pieces) - 1:
            letters.pop(-2)
        if len(letters) > 2 or (len(letters) > 1 and place < len(pieces) - 1):
            return None
        for letter in letters:
            key = ord(letter) - ord("a") + 1 if len(letter) == 1 else 0
            if not item.option(key):
                return None
            keys.append(key)
    listed = len(pieces) > 1 or len(found) == 1
    return _combined(sorted(set(keys)), False, item, False) if listed and keys else None


def _all_or_none(words: list[str], spelt: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """``none``, ``no``, ``all of them``, ``all but 3``."""
    alone = _nones(item)
    others = tuple(option.key for option in item.options if not option.exclusive)
    for core in lexicon.cores(spelt, front="answers.before", end="answers.after"):
        if lexicon.whole("answers.all", core):
            return sure(*others)
        if lexicon.whole("answers.none", core) and len(alone) == 1:
            return sure(alone[0])
    if words == ["0"] and len(alone) == 1:
        return unclear((alone[0],))
    if read_yes_no(words, lexicon, strict=item.strict) is False and len(alone) == 1:
        return sure(alone[0])
    return _all_but(spelt, others, item, lexicon)


def _nones(item: AnswerItem) -> list[int]:
    """The options that mean that none of the others fits."""
    return [option.key for option in item.options if option.exclusive and not option.refusal]


def _all_but(spelt: list[str], others: tuple[int, ...], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """``all but 3``, ``everything except mold``."""
    end = lexicon.rule("answers.all_but").longest(spelt)
    if end in (0, len(spelt)):
        return None
    left_out = read_several(spelt[end:], item, lexicon)
    if left_out is None or not left_out.is_sure:
        return None
    return sure(*(key for key in others if key not in left_out.values))


def _written_together(words: list[str], item: AnswerItem) -> AnswerReading | None:
    """``135``: perhaps three options, so it is asked; a number beyond the list otherwise."""
    token = words[0]
    if len(words) > 1 or not token.isdecimal() or len(token) < 2 or item.option(int(token[:9])):
        return None
    keys = tuple(int(digit) for digit in token)
    if len(set(keys)) < len(keys) or not all(item.option(key) for key in keys):
        return OUT_OF_RANGE
    return unclear(tuple(sorted(keys)))


def _range(found: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """``1-3``, ``2 to 4``: the two ends, or everything between: asked."""
    tokens = [token for token in found if token != "#"]
    if len(tokens) != 3:
        return None
    low, high = digits_value(tokens[0]), digits_value(tokens[2])
    between = tokens[1] == "-" or lexicon.whole("answers.range", lexicon.spell([tokens[1]]))
    if not isinstance(low, int) or not isinstance(high, int) or not between or low >= high:
        return None
    if not item.option(low) or not item.option(high):
        return OUT_OF_RANGE
    return unclear(tuple(range(low, high + 1)), (low, high))


def _one_label(spelt: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """A label that itself holds commas or an "and" ("Pests such as bugs, ants, or mice")."""
    match = match_label(spelt, item.options, lexicon)
    return sure(match.keys[0]) if match and match.certain else None


def _listed(found: list[str], words: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """Parts between commas and "and", each an option."""
    parts = _parts(found, lexicon)
    named = [part for part in parts if not lexicon.whole("answers.none", lexicon.spell(part))]
    said = {word for part in named for word in lexicon.spell(part)}
    if not parts or (len(parts) > 1 and lexicon.words("answers.negation").intersection(said)):
        return None
    keys, unread, beyond = _read_parts(parts, item, lexicon)
    if beyond:
        return OUT_OF_RANGE
    if not keys:
        return None
    either = bool(lexicon.words("answers.or").intersection(words))
    counted = len(keys) == 1 and any(is_counted([word], lexicon.spell(words), lexicon) for word in words)
    return _combined(keys, unread or "?" in found or either or counted, item, either)


def _read_parts(parts: list[list[str]], item: AnswerItem, lexicon: Lexicon) -> tuple[list[int], bool, bool]:
    """The options named, whether a part was left over, and whether a number was beyond the list."""
    keys: list[int] = []
    unread = False
    for part in parts:
        reading = _none(part, item, lexicon) or read_one(part, item, lexicon)
        if reading is None or reading.ambiguous:
            unread = True
        elif reading.problem:
            return keys, unread, True
        else:
            keys.extend(int(value) for value in reading.values)
    return sorted(set(keys)), unread, False


def _none(part: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """``none`` as one of several parts."""
    alone = _nones(item)
    return sure(alone[0]) if len(alone) == 1 and lexicon.whole("answers.none", lexicon.spell(part)) else None


def _parts(found: list[str], lexicon: Lexicon) -> list[list[str]]:
    """The reply cut at separators and around every number."""
    cuts = lexicon.words("answers.and") | lexicon.words("answers.or")
    parts: list[list[str]] = [[]]
    for token in found:
        if token in _SEPARATORS or token in cuts or token == "?":
            parts.append([])
        elif digits_value(token) is not None or (parts[-1] and digits_value(parts[-1][-1]) is not None):
            parts.append([token])
        else:
            parts[-1].append(token)
    return [part for part in parts if part and not _is_small(part, lexicon)]


def _is_small(part: list[str], lexicon: Lexicon) -> bool:
    """A part that is only politeness or a lead-in ("the", "please", "yes")."""
    spelt = lexicon.spell(part)
    if lexicon.whole("answers.before", spelt) or lexicon.whole("answers.after", spelt):
        return True
    return read_yes_no(part, lexicon) is True


def _combined(keys: list[int], doubtful: bool, item: AnswerItem, either: bool) -> AnswerReading:
    """The options together; asked when something is doubtful or when "none" stands beside others."""
    alone = [key for key in keys if (option := item.option(key)) and option.exclusive]
    if alone and len(keys) > 1:
        return unclear(tuple(key for key in keys if key not in alone), tuple(alone))
    if doubtful:
        return unclear(*((key,) for key in keys)) if either and len(keys) > 1 else unclear(tuple(keys))
    return sure(*keys)
