"""Segments are counted as Twilio's own calculator counts them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.segments import GSM_7, GSM_EXTENSION, encoding, pack, segments

ROWS = [json.loads(line) for line in (Path(__file__).parent / "segments.jsonl").read_text("utf-8").splitlines()]
GSM_TEXTS = st.text(alphabet=sorted(GSM_7 - {"\r"}))
REPLIES = st.lists(st.tuples(st.text(max_size=200), st.sampled_from(["said", "screening_question"])), max_size=6)
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"  # 8 units, one picture


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['encoding']}-{len(row['text'])}" for row in ROWS])
def test_agrees_with_twilios_calculator(row: dict[str, Any]) -> None:
    """Every row of the calculator's own counts."""
    assert (encoding(row["text"]), segments(row["text"])) == (row["encoding"], row["segments"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a" * 161, 2, id="one over"),
        pytest.param("a" * 306, 2, id="two full parts"),
        pytest.param("a" * 307, 3, id="two full parts and one"),
        pytest.param("a" * 152 + "€" + "a" * 152, 3, id="an extension character does not straddle a part"),
        pytest.param("á" * 70, 1, id="a full UCS-2 text"),
        pytest.param("á" * 133, 2, id="two UCS-2 parts"),
        pytest.param("á" * 134, 3, id="the first of several UCS-2 parts holds one less"),
        pytest.param("á" * 65 + "\U0001f600" + "á" * 66, 3, id="a surrogate pair does not straddle a part"),
        pytest.param("á" * 59 + FAMILY + "á" * 60, 3, id="a family does not straddle a part"),
        pytest.param("\U0001f1fa\U0001f1f8" * 17 + "á", 1, id="flags are four units"),
        pytest.param("¿Cómo está?", 1, id="short Spanish"),
        pytest.param("a\r\n" * 53 + "a", 1, id="a line end of two characters is GSM-7"),
    ],
)
def test_counts_parts(text: str, expected: int) -> None:
    """Parts are cut between characters, never within one."""
    assert segments(text) == expected


def test_spanish_accents_cost_more() -> None:
    """Of the Spanish letters only ñ, é, ü and the inverted marks are in GSM-7."""
    assert [encoding(letter) for letter in "ñéü¿¡áíóú"] == ["GSM-7"] * 5 + ["UCS-2"] * 4


@given(GSM_TEXTS)
def test_gsm_parts_lie_between_the_bounds(text: str) -> None:
    """Never fewer parts than the septets need, never more than one lost septet a part explains."""
    septets = sum(2 if c in GSM_EXTENSION else 1 for c in text)
    least = 1 if septets <= 160 else -(-septets // 153)
    most = 1 if septets <= 160 else -(-septets // 152)
    assert least <= segments(text) <= most


@given(st.text(), st.text())
def test_a_longer_text_never_costs_less(text: str, more: str) -> None:
    """Going on writing does not make a message cheaper."""
    assert segments(text) <= segments(text + " " + more)


@given(st.text(alphabet=st.characters(min_codepoint=0x10000, exclude_categories=["M", "So", "Sk"]), max_size=300))
def test_pairs_are_never_cut(text: str) -> None:
    """33 pairs fit into a part of 66 or 67 units, 35 into a text of one part."""
    assert segments(text) == (1 if len(text) <= 35 else -(-len(text) // 33))


@given(REPLIES, st.integers(1, 4))
def test_packing_keeps_every_text_in_order(replies: list[tuple[str, str]], most: int) -> None:
    """Joining loses nothing and reorders nothing."""
    packed = pack(replies, most)
    assert "\n\n".join(text for text, _ in packed) == "\n\n".join(text for text, _ in replies)


@given(REPLIES, st.integers(1, 4))
def test_packing_keeps_to_the_limit(replies: list[tuple[str, str]], most: int) -> None:
    """Only a text that is too long by itself exceeds the limit."""
    packed = [text for text, _ in pack(replies, most)]
    alone = {text for text, _ in replies}
    assert all(segments(text) <= most or text in alone for text in packed)


@given(REPLIES)
def test_what_fits_together_goes_together(replies: list[tuple[str, str]]) -> None:
    """With room enough there is one message, or none when nothing is said."""
    assert len(pack(replies, 1000)) == min(len(replies), 1)


def test_what_does_not_fit_stays_apart() -> None:
    """A limit is reached between texts, never within one."""
    assert [text for text, _ in pack([("a" * 100, ""), ("b" * 58, ""), ("c" * 400, "")], 1)] == [
        "a" * 100 + "\n\n" + "b" * 58,
        "c" * 400,
    ]


def test_a_joined_message_has_the_last_purpose() -> None:
    """The last text of a message is what is answered."""
    assert pack([("Thanks.", "acknowledged"), ("Next?", "screening_question")]) == [
        ("Thanks.\n\nNext?", "screening_question")
    ]
