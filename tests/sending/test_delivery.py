"""A status only moves forward, whatever the order of the receipts."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.delivery import ARRIVED, FINAL, NOT_ARRIVED, RANK, apply

RECEIPTS = [*RANK, "receiving", "received", "no such status", ""]
# Written down a second time, by hand: what may follow what.
FOLLOWS: dict[str | None, set[str]] = {
    None: set(RANK),
    "scheduled": set(RANK) - {"scheduled"},
    "accepted": {"queued", "sending", "sent", "partially_delivered", "read"} | FINAL,
    "queued": {"sending", "sent", "partially_delivered", "read"} | FINAL,
    "sending": {"sent", "partially_delivered", "read"} | FINAL,
    "sent": {"partially_delivered", "read"} | FINAL,
    "partially_delivered": {"read"} | FINAL,
    "delivered": {"read"},
    "undelivered": set(),
    "failed": set(),
    "canceled": set(),
    "read": set(),
}


@pytest.mark.parametrize(("current", "new"), list(itertools.product(FOLLOWS, RECEIPTS)))
def test_every_status_meets_every_receipt(current: str | None, new: str) -> None:
    """A receipt is applied when it is ahead, and ignored otherwise."""
    assert apply(current, new) == (new if new in FOLLOWS[current] else None)


def test_the_table_is_whole() -> None:
    """Every status of ours has its row here, and is either under way, arrived or not arrived."""
    assert set(FOLLOWS) == {None, *RANK}
    assert not ARRIVED & NOT_ARRIVED


@given(st.lists(st.sampled_from(RECEIPTS)))
def test_rank_never_falls(receipts: list[str]) -> None:
    """Any sequence of receipts moves forward or stands still."""
    current: str | None = None
    for receipt in receipts:
        before, current = current, apply(current, receipt) or current
        assert before is None or (current is not None and RANK[current] >= RANK[before])


@given(st.permutations(["queued", "sending", "sent", "delivered"]))
def test_order_does_not_matter(receipts: list[str]) -> None:
    """However they come in, the end is the same."""
    current: str | None = None
    for receipt in receipts:
        current = apply(current, receipt) or current
    assert current == "delivered"
