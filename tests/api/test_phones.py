"""Phone numbers as clinics write them: what is read, and what is refused and why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.phones import UnusableNumber, to_address


@pytest.mark.parametrize(
    ("raw", "address"),
    [
        ("+12025550123", "+12025550123"),
        ("(202) 555-0123", "+12025550123"),
        ("202.555.0123", "+12025550123"),
        ("1-202-555-0123", "+12025550123"),
        ("tel:+1-202-555-0123", "+12025550123"),
        ("２０２５５５０１２３", "+12025550123"),
        ("202\u2011555\u20110123", "+12025550123"),
        ("  +1 202 555 0123  ", "+12025550123"),
        ("787-555-0123", "+17875550123"),
        ("+1 671 300 1234", "+16713001234"),
        ("+52 55 1234 5678", "+525512345678"),
        ("+44 7400 123456", "+447400123456"),
    ],
)
def test_any_usual_form_becomes_e164(raw: str, address: str) -> None:
    """Punctuation, full-width digits, tel: addresses, Puerto Rico, Guam and other countries are read."""
    assert to_address(raw) == address


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "not_a_number"),
        ("ask at the desk", "not_a_number"),
        ("+12025550123 / +12025550124", "not_a_number"),
        ("whatsapp:+12025550123", "not_a_number"),
        ("client:maria", "not_a_number"),
        ("2" * 100, "not_a_number"),
        ("911", "short_code"),
        ("988", "short_code"),
        ("32665", "short_code"),
        ("384387", "short_code"),
        ("+1 555 555 0100", "not_valid"),
        ("202 555 01", "not_valid"),
        ("+52 1 55 1234 5678 9", "not_valid"),
        ("202-555-0123 x45", "extension"),
        ("202-555-0123,,5", "extension"),
        ("1-800-FLOWERS", "toll_free"),
        ("+1 900 555 0123", "premium_rate"),
        ("+33 1 70 18 99 00", "landline"),
    ],
)
def test_what_cannot_be_texted_is_refused_with_a_reason(raw: str, reason: str) -> None:
    """Each kind of slip has a word of its own."""
    with pytest.raises(UnusableNumber) as refused:
        to_address(raw)
    assert refused.value.reason == reason


def test_the_region_decides_only_for_numbers_without_a_country_code() -> None:
    """A national number is read in the region that is given; one with a plus sign is not moved."""
    assert to_address("55 1234 5678", region="MX") == "+525512345678"
    assert to_address("+12025550123", region="MX") == "+12025550123"


@given(st.text(max_size=80))
def test_any_text_gives_an_address_or_a_refusal_without_the_text(raw: str) -> None:
    """Nothing else is raised, whatever is typed, and the refusal does not repeat it."""
    try:
        outcome = to_address(raw)
    except UnusableNumber as refused:
        outcome = refused.sentence
    assert outcome.startswith("+") or len(raw) < 4 or raw not in outcome
