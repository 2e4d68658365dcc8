"""ZIP codes as people write and say them."""

from __future__ import annotations

import pytest

from bot.content import load_content
from bot.core.zips import read_zip

LEXICONS = load_content().lexicons


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("06405", "06405"),
        ("my zip is 06405", "06405"),
        ("06405-1234", "06405"),
        ("064051234", "06405"),
        ("06405 1234", "06405"),
        ("O6405", "06405"),
        ("Im in the 43215 area.", "43215"),
        ("12500 Main St Columbus OH 43215", "43215"),
        ("4 3 2 1 5", "43215"),
        ("four three two one five", "43215"),
        ("zip: 43215!", "43215"),
        ("6405", None),
        ("064055", None),
        ("614-555-0100", None),
        ("6145550100", None),
        ("$43215", None),
        ("43,215", None),
        ("columbus", None),
        ("4 3 2", None),
        ("", None),
    ],
)
def test_a_zip_code_is_read(said: str, read: str | None) -> None:
    """Five digits or nine; no amount, no phone number, no piece of anything longer."""
    assert read_zip(said, LEXICONS, "en") == read


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("mi código postal es 79901", "79901"),
        ("es el 79901", "79901"),
        ("siete nueve nueve cero uno", "79901"),
        ("no sé", None),
    ],
)
def test_a_zip_code_in_spanish(said: str, read: str | None) -> None:
    """The same, with the figures said in Spanish."""
    assert read_zip(said, LEXICONS, "es") == read
