"""How hard a text is to read, measured the way that teachers of each language do."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import pyphen  # type: ignore[import-untyped]

_PLACEHOLDER = re.compile(r"\{\w+\}")
_SENTENCE_END = re.compile(r"[.!?:\n]+")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def grade(text: str) -> float:
    """The Flesch-Kincaid grade of an English text: the school year in which it can be read."""
    words, sentences, syllables = _counts(text, "en_US")
    return 0.39 * words / sentences + 11.8 * syllables / words - 15.59


def ease(text: str) -> float:
    """The reading ease of a Spanish text after Fern\u00e1ndez Huerta: 70 and more is easy, 60 is a newspaper."""
    words, sentences, syllables = _counts(text, "es")
    return 206.84 - 60 * syllables / words - 1.02 * words / sentences


@cache
def _syllables(language: str) -> Callable[[str], int]:
    hyphens = pyphen.Pyphen(lang=language)
    return lambda word: len(hyphens.positions(word.lower())) + 1


def _counts(text: str, language: str) -> tuple[int, int, int]:
    """Words, sentences and syllables. A placeholder counts as one short word."""
    text = _PLACEHOLDER.sub("it", text)
    words = _WORD.findall(text)
    sentences = [part for part in _SENTENCE_END.split(text) if _WORD.search(part)]
    count = _syllables(language)
    return len(words), max(len(sentences), 1), sum(count(word) for word in words)
