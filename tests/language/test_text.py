"""Text made comparable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.text import clauses, normalise, tokens
from bot.core.typos import Typos, edit_distance


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Sí, ¡A VECES!", "si , a veces !"),
        ("I don’t know…", "i dont know ."),
        ("yesssss", "yess"),
        ("１２", "12"),
        ("٣", "3"),
        ("2️⃣", "2"),
        ("👌🏼👌🏻👌🏽", "👌"),
        ("1,200", "1,200"),
        ("1,3", "1 , 3"),
        ("2.5", "2.5"),
        ("1.3.5", "1 . 3 . 5"),
        ("a\nb", "a . b"),
        ("a\x00b", "a b"),
        ("", ""),
    ],
)
def test_looks_do_not_matter(typed: str, read: str) -> None:
    """Case, accents, quotes, width, digits of any script, repeated letters and emoji."""
    assert normalise(typed) == read


def test_clauses_end_where_sentences_do() -> None:
    """Full stops cut, commas only when asked."""
    found = tokens("no, stop. now")
    assert clauses(found) == [["no", "stop"], ["now"]]
    assert clauses(found, at_commas=True) == [["no"], ["stop"], ["now"]]


@given(st.text())
def test_normalising_twice_changes_nothing(typed: str) -> None:
    """Whatever was typed."""
    assert normalise(normalise(typed)) == normalise(typed)


@pytest.mark.parametrize(
    ("left", "right", "distance"),
    [("never", "nevr", 1), ("mold", "mlod", 1), ("stop", "shop", 1), ("rarely", "often", 2)],
)
def test_slips_are_counted(left: str, right: str, distance: int) -> None:
    """A letter too many, missing, wrong, or two swapped; beyond the limit it is limit + 1."""
    assert edit_distance(left, right, 1) == distance


def test_a_slip_that_fits_two_words_is_not_mended() -> None:
    """And short known words are never guessed at."""
    assert Typos(["stove", "store"]).find("stoe") is None
    assert Typos(["sometimes"]).find("somtimes") == "sometimes"
    assert Typos(["stop"]).find("stpo") is None
