"""What listings say of cost and age in their own words."""

from __future__ import annotations

import pytest

from bot.content.directory import load_directory
from bot.core.directory.words import WordsError, read_words
from bot.directory.ages import ages_said, read_age
from bot.directory.costs import is_free

WORDS = load_directory().words


@pytest.mark.parametrize(
    ("said", "free"),
    [
        ("Free", True),
        ("No charge", True),
        ("There is no fee.", True),
        ("$0", True),
        ("0.00", True),
        ("None.", True),
        ("None. Donations requested of clients who can afford it.", True),
        ("Services are free of charge", True),
        ("Gratis para todos", True),
        ("Fee: none", True),
        ("There are no costs or fees, and no co-pay", True),
        ("Cost: $0", True),
        ("No one is turned away for inability to pay", None),
        ("Free or reduced", None),
        ("Free for members; $20 otherwise", False),
        ("Not free", False),
        ("Sliding scale", False),
        ("$60 application fee", False),
        ("Free consultation, then 40 dollars an hour", False),
        ("No fee for the first visit", None),
        ("Free with insurance", None),
        ("None, except for permits and photocopying", None),
        ("Call our toll-free number", None),
        ("", None),
    ],
)
def test_what_is_free(said: str, free: bool | None) -> None:
    """Free is what nobody pays for; what some pay for costs something; the rest is not said."""
    assert is_free(said, [], WORDS.cost) is free


@pytest.mark.parametrize(("amounts", "free"), [(["0"], True), (["0.00", "$0"], True), (["0", "20"], False)])
def test_amounts_are_believed(amounts: list[str], free: bool) -> None:
    """Whatever the words beside them are."""
    assert is_free("members, others", [{"amount": amount} for amount in amounts], WORDS.cost) is free


@pytest.mark.parametrize(
    ("written", "ages"),
    [
        ("18", (18, 18)),
        ("17.5", (17, 17)),
        ("24 years", (24, 24)),
        ("60+", (60, 60)),
        ("60 and older", (60, 60)),
        ("18 - 24", (18, 24)),
        ("18 months", (1, 1)),
        ("65 años", (65, 65)),
    ],
)
def test_an_age_by_itself(written: str, ages: tuple[int, int]) -> None:
    """As a lower limit, and as an upper one."""
    assert tuple(read_age(written, WORDS.ages, oldest=oldest) for oldest in (False, True)) == ages


@pytest.mark.parametrize("written", ["inf", "-1", "adults", "999", "1e9", "10000000000000000000000"])
def test_what_is_no_age(written: str) -> None:
    """It is refused, not guessed."""
    with pytest.raises(ValueError, match="not an age"):
        read_age(written, WORDS.ages, oldest=False)


@pytest.mark.parametrize(
    ("said", "ages"),
    [
        ("Seniors 60 and older only", (60, None)),
        ("Must be at least 55 years old. Must live in Franklin County.", (55, None)),
        ("Age 18 or over", (18, None)),
        ("Adults 60+", (60, None)),
        ("Mayores de 60 años", (60, None)),
        ("Young adults ages 18-24", (18, 24)),
        ("18 to 24 year olds", (18, 24)),
        ("Seniors 60 and older or people with disabilities", (None, None)),
        ("Seniors 60+ have priority", (None, None)),
        ("Seniors 60 and older, veterans", (None, None)),
        ("Age 55 or over for most programs, age 60 or over for lunch program", (None, None)),
        ("Adults 18 and over. Children welcome with a parent.", (None, None)),
        ("Families with children under 5", (None, None)),
        ("Ages 0-5", (None, None)),
        ("Income up to 60% of the median", (None, None)),
        ("Open 24 hours or more", (None, None)),
        ("Homeless for at least 24 months", (None, None)),
        ("Over 30 years of service", (None, None)),
        ("20 years or more in the trade", (None, None)),
        ("Adults over 50 only", (50, None)),
        ("", (None, None)),
    ],
)
def test_ages_that_the_words_leave_no_doubt_of(said: str, ages: tuple[int | None, int | None]) -> None:
    """A limit that may be for some only rules nobody out."""
    assert ages_said(said, WORDS.ages) == ages


def test_a_file_without_a_list_is_refused() -> None:
    """The list that is missing is named."""
    with pytest.raises(WordsError, match="cost"):
        read_words({"areas": {}, "ages": {}})
