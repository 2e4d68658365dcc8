"""Danger in many words: a large table of our own, and what must not change the reading of it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.core.lexicon import Lexicon
from bot.core.safety import read_alarm

Lexicons = dict[str, Lexicon]
TABLE: dict[str, list[str]] = yaml.safe_load(
    (Path(__file__).parent / "tables" / "alarms_in_many_words.yml").read_text(encoding="utf-8")
)
ALARMS = [(key[-2:], text) for key in ("alarm_en", "alarm_es") for text in TABLE[key]]
# Hyperbole, old stories and questions about others that may be asked about, of all that are in the table.
MOST_ASKED_ABOUT = 0.01
LONG = 7


def _kind(body: str, lexicons: Lexicons, language: str) -> str | None:
    alarm = read_alarm(body, lexicons, language)
    return None if alarm is None else alarm.kind


def test_every_alarm_is_heard_whatever_language_the_thread_is_in(lexicons: Lexicons) -> None:
    """Recall is all of them, in a thread of either language."""
    missed = [text for _, text in ALARMS for thread in ("en", "es") if read_alarm(text, lexicons, thread) is None]
    assert missed == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_next_to_nothing_else_is_an_alarm(language: str, lexicons: Lexicons) -> None:
    """Figures of speech, work, films, old stories and questions about others."""
    others = TABLE[f"none_{language}"]
    heard = [text for text in others if read_alarm(text, lexicons, language) is not None]
    assert len(heard) <= MOST_ASKED_ABOUT * len(others), heard


@pytest.mark.parametrize(
    "change",
    [
        str.upper,
        str.title,
        lambda text: text + "!!!",
        lambda text: text + "...",
        lambda text: "  " + text.replace(" ", "   ") + " ",
        lambda text: "2. " + text,
        lambda text: text + " 😭😭",
        lambda text: text.replace("n't", "n’t"),
        lambda text: text + text[-1] * 4 if text[-1] in "eoyhn" else text,
    ],
)
def test_how_it_is_typed_changes_nothing(change: Any, lexicons: Lexicons) -> None:
    """Capitals, punctuation, spaces, a number before it, emoji, letters drawn out."""
    assert [text for lang, text in ALARMS if _kind(change(text), lexicons, lang) is None] == []


def test_accents_change_nothing(lexicons: Lexicons) -> None:
    """With accents where they belong or anywhere."""
    accents = str.maketrans("aeiou", "áéíóú")
    spanish = [text for lang, text in ALARMS if lang == "es"]
    assert [text for text in spanish if read_alarm(text.translate(accents), lexicons, "es") is None] == []


def test_a_slip_in_a_long_word_rarely_hides_it(lexicons: Lexicons) -> None:
    """One letter dropped, doubled or swapped in the longest word: nearly all are heard all the same."""
    chance = random.Random(7)
    slipped = [(lang, _slip(text, chance)) for lang, text in ALARMS for _ in range(3)]
    slipped = [(lang, text) for lang, text in slipped if text is not None]
    missed = [text for lang, text in slipped if text is not None and read_alarm(text, lexicons, lang) is None]
    assert len(missed) <= 0.1 * len(slipped), missed


def test_violence_is_no_medical_emergency_and_a_pass_is_no_violence(lexicons: Lexicons) -> None:
    """The kinds matter: other words are said, and another person is told."""
    for text in ("he is choking me", "hes strangling me", "my husband is choking me call 911"):
        assert _kind(text, lexicons, "en") == "danger", text
    assert read_alarm("he is hitting on me", lexicons, "en") is None
    assert _kind("my baby is choking", lexicons, "en") == "emergency"
    assert _kind("my son says he wants to die", lexicons, "en") == "crisis"


def test_an_old_story_is_over_unless_something_of_today_stands_beside_it(lexicons: Lexicons) -> None:
    """Past and present in one sentence: the present counts."""
    assert read_alarm("my ex beat me up back in 2015", lexicons, "en") is None
    assert read_alarm("my ex beat me up back in 2015 and he is hitting me again", lexicons, "en") is not None
    assert read_alarm("mi ex me golpeaba hace años", lexicons, "es") is None
    assert read_alarm("mi ex me golpeo el año pasado y otra vez hoy", lexicons, "es") is not None


def _slip(text: str, chance: random.Random) -> str | None:
    words = text.split()
    place = max(range(len(words)), key=lambda at: len(words[at]))
    word = words[place]
    if len(word) < LONG or not word.isalpha():
        return None
    at = chance.randrange(1, len(word) - 1)
    slips = (word[:at] + word[at + 1 :], word[:at] + word[at] * 2 + word[at + 1 :])
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    words[place] = chance.choice((*slips, swapped))
    return " ".join(words)
