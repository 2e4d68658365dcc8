"""What texts from people on call claim, and what they do not."""

from __future__ import annotations

import pytest

from bot.content import load_content
from bot.core.claims import Claim, read_claim

WORDS = load_content().on_call.words


@pytest.mark.parametrize(
    "body",
    [
        "CLAIM K7M2QX", "claim k7m2qx.", "Claim: K7M2QX", "CLAIM K7M2QX thanks", "claimed K7M2QX", "ok claim K7M2QX",
        "CLAIM K7M2QX please", "K7M2QX", "k7m2qx!", "yes, I'll claim case K7M2QX", "K7M2QX claim", "CLAIM K7M 2QX",
        "claim K7M2QX, on my way to her", "I'm on it: K7M2QX", "tomo K7M2QX gracias", "Si, tomar el caso K7M2QX",
    ],
)  # fmt: skip
def test_claims_are_read(body: str) -> None:
    """However people on call write it, as long as it can mean nothing else."""
    claim = read_claim(body, WORDS)
    assert claim is not None
    assert (claim.codes, claim.plain) == (("K7M2QX",), True)


@pytest.mark.parametrize(
    "body",
    [
        "can't claim K7M2QX", "did anyone claim K7M2QX?", "claimed K7M2QX by ben", "Ben claimed K7M2QX",
        "K7M2QX is not for me", "I can not take K7M2QX", "Liked \u201cA case: reply CLAIM K7M2QX to take it\u201d",
    ],
)  # fmt: skip
def test_what_may_mean_something_else_is_no_claim(body: str) -> None:
    """A false claim would silence the alerts: it is answered, and nothing is taken."""
    claim = read_claim(body, WORDS)
    assert claim is not None
    assert (claim.codes, claim.plain) == (("K7M2QX",), False)


@pytest.mark.parametrize(
    ("body", "claim"),
    [
        ("claim", Claim(plain=True)),
        ("ok, claim it please", Claim(plain=True)),
        ("claim my case im 5 min away", Claim()),
        ("BCDFGH thanks", Claim(("BCDFGH",), plain=True, vague=True)),
        ("claim K7M2", Claim(("K7M2",), plain=True)),
        ("K7M2Q0", Claim(("K7M2Q0",), plain=True, vague=True)),
        ("ok thanks", Claim(vague=True)),
        ("\U0001f44d", Claim(vague=True)),
        ("i claim benefits", None),
        ("1", None),
        ("claims", None),
        ("20906", None),
        ("stop", None),
        ("my brother wants to die", None),
    ],
)
def test_what_else_people_on_call_text(body: str, claim: Claim | None) -> None:
    """The word alone, a slip of the thumb, an "ok"; and what speaks of something else."""
    assert read_claim(body, WORDS) == claim
