"""STOP, START and HELP in any wording: the first thing that is asked of every message, in every state.

Both languages are always tried. A message may be an opt-out *and* an alarm: the caller asks
:mod:`bot.core.safety` as well, whatever comes back from here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.core import text
from bot.core.lexicon import Lexicon
from bot.core.patterns import SENTENCE_END

Kind = Literal["stop", "start", "help"]
Source = Literal["twilio", "keyword", "phrase"]

TWILIO_STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
TWILIO_START = frozenset({"START", "UNSTOP"})
TWILIO_YES = "YES"
TWILIO_HELP = frozenset({"HELP", "INFO"})

_GONE = "~"
_FARTHEST = 5
_SHOUTED = re.compile(r"(?<![A-Z])(?:STOP|STOPALL|UNSUBSCRIBE|OPT ?OUT|ALTO)(?![A-Z])")
_KINDS: Mapping[str, Kind] = {"STOP": "stop", "START": "start", "HELP": "help"}


@dataclass(frozen=True)
class Keyword:
    """What a message demands of us, and how we know.

    ``exact`` means that Twilio has already answered and blocked (or unblocked) by itself, so nothing is to be
    confirmed. ``source``: ``twilio`` it told us so, ``keyword`` the message is the bare word, ``phrase`` anything else.
    """

    kind: Kind
    exact: bool
    source: Source


def read_keyword(
    body: str, *, opt_out_type: str | None, opted_out: bool, lexicons: Mapping[str, Lexicon]
) -> Keyword | None:
    """The demand in ``body``, or ``None`` when it is a message like any other.

    ``opt_out_type`` is Twilio's ``OptOutType`` and decides alone. ``YES`` opts in only a number that is opted out;
    otherwise it is an answer. Other wordings of START count only for a number that is opted out, too.
    """
    if opt_out_type and opt_out_type.strip().upper() in _KINDS:
        return Keyword(_KINDS[opt_out_type.strip().upper()], exact=True, source="twilio")
    exact = _exact(body, opted_out)
    if exact:
        return Keyword(exact, exact=True, source="keyword")
    found = text.tokens(body)
    for lexicon in lexicons.values():
        demand = _read_in(lexicon, found, body, opted_out)
        if demand:
            return demand
    return None


def sounds_like_no_stop(body: str, lexicons: Mapping[str, Lexicon]) -> bool:
    """Something in ``body`` is known to sound like a demand to stop and to be none, in any language."""
    found = text.words(body)
    ignored = (lexicon.rule("keywords.stop.ignore") for lexicon in lexicons.values())
    spelt = ([*lexicon.spell(found), SENTENCE_END] for lexicon in lexicons.values())
    return any(rule.labels_in(said) for rule, said in zip(ignored, spelt, strict=True))


def is_partial_stop(body: str, lexicons: Mapping[str, Lexicon]) -> bool:
    """Something in ``body`` demands in any language that one matter be left alone: perhaps the texts are meant."""
    found = text.words(body)
    return any(lexicon.rule("keywords.stop.partial").labels_in(lexicon.spell(found)) for lexicon in lexicons.values())


def _exact(body: str, opted_out: bool) -> Kind | None:
    """The message is one of Twilio's own words and nothing else, in any case."""
    word = body.strip().upper()
    if word in TWILIO_STOP:
        return "stop"
    if word in TWILIO_START or (word == TWILIO_YES and opted_out):
        return "start"
    return "help" if word in TWILIO_HELP else None


def _read_in(lexicon: Lexicon, found: list[str], body: str, opted_out: bool) -> Keyword | None:
    """What one language makes of the message. A start phrase ("stop by accident, text me again") beats a stop."""
    whole = lexicon.spell(token for part in text.clauses(found, at_commas=True) for token in part)
    if not whole:
        return None
    plain = list(lexicon.cores(whole, front="keywords.fillers", end="keywords.fillers"))
    if _covers(lexicon, "keywords.start.words", plain):
        return Keyword("start", exact=False, source="keyword")
    if opted_out and lexicon.whole("keywords.start.phrases", whole):
        return Keyword("start", exact=False, source="phrase")
    if _covers(lexicon, "keywords.help.words", plain):
        return Keyword("help", exact=False, source="keyword")
    cores = _cores(lexicon, _left(lexicon, whole))
    if _covers(lexicon, "keywords.stop.words", cores) or _covers(lexicon, "keywords.stop.weak_words", cores):
        return Keyword("stop", exact=False, source="keyword")
    return Keyword("stop", exact=False, source="phrase") if _is_stop_phrase(lexicon, found, body) else None


def _left(lexicon: Lexicon, spelt: list[str]) -> list[str]:
    """A clause without what only sounds like a demand ("the bus stop", "he won't stop") or is one about one matter."""
    left = lexicon.rule("keywords.stop.partial").without([*spelt, SENTENCE_END], _GONE)
    left = lexicon.rule("keywords.stop.ignore").without(left, _GONE)
    return left[:-1] if left[-1] == SENTENCE_END else left


def _cores(lexicon: Lexicon, spelt: list[str]) -> list[list[str]]:
    """What is left of a clause without the words that may stand around a demand."""
    return list(lexicon.cores(spelt, front="keywords.stop.fillers", end="keywords.stop.fillers"))


def _covers(lexicon: Lexicon, path: str, cores: list[list[str]]) -> bool:
    """Something from ``path`` and nothing else."""
    return any(lexicon.whole(path, core) for core in cores)


def _is_stop_phrase(lexicon: Lexicon, found: list[str], body: str) -> bool:
    """An opt-out in a message that is more than the bare word."""
    sentences = [_left(lexicon, lexicon.spell(part)) for part in text.clauses(found)]
    parts = [_left(lexicon, lexicon.spell(part)) for part in text.clauses(found, at_commas=True)]
    if any(_anywhere(lexicon, part) for part in sentences) or any(_is_demand(lexicon, part) for part in parts):
        return True
    shouted = not body.isupper() and _SHOUTED.search(body) is not None
    return shouted and any(_is_bare_word(lexicon, word) for part in sentences for word in part)


def _is_demand(lexicon: Lexicon, part: list[str]) -> bool:
    """One clause that is, begins with or ends in a demand to stop."""
    cores = _cores(lexicon, part)
    if any(_covers(lexicon, path, cores) for path in ("keywords.stop.words", "keywords.stop.whole")):
        return True
    return _begins(lexicon, part) or _at_an_end(lexicon, part)


def _begins(lexicon: Lexicon, part: list[str]) -> bool:
    """A demand at the start of the clause, or of what follows please, and, so …"""
    begins = lexicon.rule("keywords.stop.begins")
    starts = [0, *(end for _, end in lexicon.rule("keywords.stop.breaks").spans(part))]
    cores = (core for start in starts for core in lexicon.cores(part[start:], front="keywords.stop.fillers"))
    return any(begins.longest(core) > 0 for core in cores)


def _anywhere(lexicon: Lexicon, part: list[str]) -> bool:
    """A demand that counts wherever it stands, unless it is somebody else who should stop."""
    others = lexicon.rule("keywords.stop.others")
    for start, _ in lexicon.rule("keywords.stop.anywhere").spans([*part, SENTENCE_END]):
        if not any(others.whole(part[at:start]) for at in range(max(0, start - _FARTHEST), start)):
            return True
    return False


def _at_an_end(lexicon: Lexicon, part: list[str]) -> bool:
    """A clause that starts or closes with the bare word, next to words that show what kind of stop it is."""
    if len(part) < 2:
        return False
    if _is_bare_word(lexicon, part[-1]) and part[-2] not in lexicon.words("keywords.stop.not_before"):
        return part[-2] != _GONE
    return _is_bare_word(lexicon, part[0]) and part[1] in lexicon.words("keywords.stop.after")


def _is_bare_word(lexicon: Lexicon, word: str) -> bool:
    """The one word is a strong stop word."""
    return lexicon.whole("keywords.stop.words", [word])
