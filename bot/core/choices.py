"""One option, or several, of a list that was shown with numbers."""

from __future__ import annotations

from functools import lru_cache

from bot.core import text
from bot.core.answer_item import (
    OUT_OF_RANGE,
    AnswerItem,
    AnswerReading,
    Option,
    sure,
    unclear,
)
from bot.core.labels import is_label_word, match_label
from bot.core.lexicon import Lexicon
from bot.core.numbers import cardinal, digits_value, is_marked, ordinal
from bot.core.scales import is_scale, read_scale
from bot.core.yesno import read_explained, read_firm, read_yes_no

_MONEY = frozenset("$%")
_AFTER_NUMBER = frozenset(".,)-:;")
_MOST_CANDIDATES = 3
_LONGEST_LIST = 8
_LONGEST_LEAD = 4
_SMALL = ("answers.and", "answers.or", "answers.weak", "answers.hedges")


def read_choice(found: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """The one option that a reply names by number, letter, ordinal, label or yes/no; ``None`` when it names none."""
    words = [token for token in found if token[0].isalnum() or not token.isascii()]
    reading = read_one(found, item, lexicon)
    if reading is None or reading.ambiguous:
        reading = read_scale(found, item, lexicon) or reading or _several(words, item, lexicon)
    if reading and reading.is_sure and "?" in found and len(words) < 3:
        return unclear(reading.values)
    if reading and reading.is_sure and _either_or(words, item, reading, lexicon):
        return _several(words, item, lexicon) or unclear(reading.values)
    return reading


def _either_or(words: list[str], item: AnswerItem, reading: AnswerReading, lexicon: Lexicon) -> bool:
    """The reply says "or", and the option that it was read as does not: the other side may be meant as well."""
    option = item.option(int(reading.values[0]))
    own = set(text.words(option.label)) if option else set()
    return bool((lexicon.words("answers.or") - own).intersection(words))


def read_one(found: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """As :func:`read_choice`, but several options named together are not offered."""
    words = [token for token in found if token[0].isalnum() or not token.isascii()]
    if not words or _MONEY.intersection(found):
        return None
    reading = _whole(words, found, item, lexicon) or _number_and_more(found, item, lexicon)
    return unclear(reading.values) if reading and reading.is_sure and is_marked(found) else reading


def _whole(words: list[str], found: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """A reply that is nothing but one option, politeness aside."""
    spelt = lexicon.spell(words)
    letter = _letter(words, item, lexicon)
    if letter:
        return sure(letter)
    maybe: AnswerReading | None = None
    for core in lexicon.cores(spelt, front="answers.before", end="answers.after"):
        reading = None if _is_no_one(core, spelt, lexicon) else _core(core, item, lexicon)
        if reading and reading.is_sure and is_counted(core, spelt, lexicon):
            reading = unclear(reading.values)
        if reading and (reading.is_sure or reading.problem):
            return reading
        maybe = maybe or reading
    return _after_no(words, item, lexicon) or _yes_or_no(found, item, lexicon) or maybe


def _is_no_one(core: list[str], spelt: list[str], lexicon: Lexicon) -> bool:
    """A no that stands beside a number word: "no one" is nobody, or no and then one."""
    values = lexicon.table("numbers.values")
    counted = len(spelt) > 1 and any(word in values for word in spelt)
    return counted and len(core) == 1 and core[0] in lexicon.words("answers.negation")


def is_counted(core: list[str], spelt: list[str], lexicon: Lexicon) -> bool:
    """A number behind words that count things ("i have one", "las dos"): perhaps no option's."""
    if cardinal(core, lexicon) is None:
        return False
    start = next(at for at in range(len(spelt)) if spelt[at : at + len(core)] == core)
    return any(lexicon.whole("answers.counted", spelt[at:start]) for at in range(start))


def _core(core: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """A number, an ordinal, "the last one", "the middle one" or a label."""
    value = cardinal(core, lexicon)
    value = ordinal(core, lexicon) if value is None else value
    if value is not None:
        return _numbered(value, item)
    if lexicon.whole("answers.last", core) and item.options:
        return sure(item.options[-1].key)
    if lexicon.whole("answers.middle", core) and len(item.options) % 2:
        return sure(item.options[len(item.options) // 2].key)
    match = match_label(core, item.options, lexicon)
    if match is None:
        return None
    return sure(match.keys[0]) if match.certain else unclear(*((key,) for key in match.keys))


def _numbered(value: float, item: AnswerItem) -> AnswerReading:
    """The option of that number, or out of range."""
    return sure(int(value)) if value == int(value) and item.option(int(value)) else OUT_OF_RANGE


def _letter(words: list[str], item: AnswerItem, lexicon: Lexicon) -> int | None:
    """``b``, ``option b``: the option of that letter, unless yes and no are options and may be meant."""
    last = words[-1]
    if len(last) != 1 or not "a" <= last <= "z" or len(words) > _LONGEST_LEAD:
        return None
    if len(words) > 1 and not _leads_to_letter(words[:-1], last, lexicon):
        return None
    if len(words) == 1 and _has_yes_or_no(item.options, lexicon) and read_yes_no(words, lexicon) is not None:
        return None
    key = ord(last) - ord("a") + 1
    return key if item.option(key) else None


def _leads_to_letter(words: list[str], letter: str, lexicon: Lexicon) -> bool:
    """``option a``, ``it is b``; a letter that is a word as well ("a") needs a word that names options before it."""
    if words[-1] in lexicon.words("answers.letters"):
        return len(words) == 1 or lexicon.whole("answers.before", lexicon.spell(words[:-1]))
    return letter not in lexicon.words("answers.weak") and lexicon.whole("answers.before", lexicon.spell(words))


@lru_cache(maxsize=2048)
def _side(option: Option, lexicon: Lexicon) -> bool | None:
    """What an option's label means when it is a plain yes or no; "always" is none, "never" is a no."""
    if lexicon.whole("answers.yes_head", lexicon.spell(text.words(option.label))):
        return True
    found = text.tokens(option.label)
    one_clause = len(text.clauses(found, at_commas=True)) == 1
    return False if one_clause and read_firm(found, lexicon) is False else None


@lru_cache(maxsize=2048)
def _begins_with(option: Option, side: bool, lexicon: Lexicon) -> bool:
    """The option's label begins with a yes or a no ("Yes, help finding work")."""
    first = text.words(option.label)[:1]
    return bool(first) and read_firm(first, lexicon) is side


@lru_cache(maxsize=2048)
def _stands_alone(option: Option) -> bool:
    """A mark parts the first word of the label from the rest ("None/uninsured")."""
    second = text.tokens(option.label)[1:2]
    return not second or not second[0][0].isalnum()


def _is_for_yes_or_no(options: tuple[Option, ...], lexicon: Lexicon) -> bool:
    """A no means something among these: one of them begins with a yes, or they say how often or how much."""
    said = any(_begins_with(option, True, lexicon) and _stands_alone(option) for option in options)
    return said or is_scale(options, lexicon)


def _has_yes_or_no(options: tuple[Option, ...], lexicon: Lexicon) -> bool:
    return any(_side(option, lexicon) is not None for option in options)


def _after_no(words: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """``no, never``: a no before a label that says no as well."""
    if len(words) < 2 or read_firm(words[:1], lexicon) is not False:
        return None
    rest = lexicon.spell(words[1:])
    match = match_label(rest, item.options, lexicon)
    agrees = lexicon.words("answers.negation").intersection(rest)
    return sure(match.keys[0]) if match and match.certain and agrees else None


def _yes_or_no(found: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """A yes or no among options of which some say so; asked when several do."""
    side = read_yes_no(found, lexicon, strict=item.strict)
    if side is None and not item.strict and _has_yes_or_no(item.options, lexicon):
        # "none and 1" is no reason for a none.
        side = None if any(_is_number(token, lexicon) for token in found) else read_explained(found, lexicon)
    if side is None:
        return None
    exact = [option.key for option in item.options if _side(option, lexicon) is side]
    if len(exact) == 1:
        return unclear((exact[0],)) if side and _is_soft(found, lexicon) else sure(exact[0])
    loose = [option.key for option in item.options if _begins_with(option, side, lexicon)]
    if not side and not _is_for_yes_or_no(item.options, lexicon):
        return _none_of_a_list([item.options[key - 1] for key in loose], text.spoken(found), item)
    if not side and len(loose) == 1 and not item.strict:
        return sure(loose[0])
    return unclear(*((key,) for key in loose)) if 0 < len(loose) <= _MOST_CANDIDATES else None


def _none_of_a_list(options: list[Option], said: list[str], item: AnswerItem) -> AnswerReading | None:
    """A no where nothing is asked that could be denied: "No necesito ayuda" is said with "no necesito", not with "no".

    "None/uninsured" is said with "none"; after another no it is asked about.
    """
    begun = [option.key for option in options if text.words(option.label)[: len(said)] == said]
    alone = [option.key for option in options if _stands_alone(option)]
    if len(begun) == 1 and (len(said) > 1 or begun == alone) and not item.strict:
        return sure(begun[0])
    return unclear((alone[0],)) if len(alone) == 1 else None


def _is_soft(words: list[str], lexicon: Lexicon) -> bool:
    """A yes only in words that may mean no more than "I have read this" ("ok", a thumb): never recorded as a fact."""
    return read_yes_no(words, lexicon) is True and read_firm(words, lexicon) is None


def _number_and_more(found: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """``2. because …``, ``2 sometimes``: a number with its reason or its label; asked when they disagree."""
    start = 1 if found[0] in {"#", "("} else 0
    number = digits_value(found[start]) if len(found) > start + 1 else None
    if number is None:
        return _label_then_number(found, item, lexicon)
    rest = found[start + 1 :]
    spelt = lexicon.spell(text.spoken(rest))
    if not spelt or any(_is_number(token, lexicon) for token in spelt):
        return None
    named = match_label(spelt, item.options, lexicon)
    reading = _numbered(number, item)
    if named and reading.is_sure:
        return reading if reading.values[0] in named.keys else unclear(reading.values, *((key,) for key in named.keys))
    reasoned = rest[0] in _AFTER_NUMBER or lexicon.rule("answers.because").longest(spelt) or not rest[0].isascii()
    return reading if reasoned else None


def _label_then_number(found: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """``sometimes 3``."""
    words = text.spoken(found)
    number = digits_value(words[-1]) if len(words) > 1 else None
    if number is None or sum(digits_value(word) is not None for word in words) > 1:
        return None
    named = match_label(lexicon.spell(words[:-1]), item.options, lexicon)
    reading = _numbered(number, item)
    if not named or not reading.is_sure:
        return None
    return reading if reading.values[0] in named.keys else unclear(reading.values, *((key,) for key in named.keys))


def _is_number(token: str, lexicon: Lexicon) -> bool:
    """A digit or a number word; a word that is both a number and an article does not count."""
    return token[0].isdigit() or lexicon.table("numbers.values").get(token, 0) > 1


def _several(words: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """Two or three options named where one was wanted, and nothing else of weight: asked, with those."""
    if len(words) > _LONGEST_LIST:
        return None
    keys: list[int] = []
    for word in words:
        key = _option_named(word, item, lexicon)
        if key is None and not any(word in lexicon.words(path) for path in _SMALL):
            return None
        keys.extend([key] if key and key not in keys else [])
    return unclear(*((key,) for key in keys)) if 1 < len(keys) <= _MOST_CANDIDATES else None


def _option_named(word: str, item: AnswerItem, lexicon: Lexicon) -> int | None:
    """The option that one word names by number, ordinal or label."""
    value = digits_value(word)
    value = ordinal([word], lexicon) or lexicon.table("numbers.values").get(word) if value is None else value
    if value is not None:
        return int(value) if item.option(int(value)) else None
    if not is_label_word(word, item.options, lexicon):
        return None
    named = match_label(lexicon.spell([word]), item.options, lexicon)
    return named.keys[0] if named and named.certain else None
