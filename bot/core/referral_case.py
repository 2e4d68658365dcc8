"""What became of each need, and of the whole case: worked out from how its referrals ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

RESOLVED, UNRESOLVABLE = "resolved", "unresolvable"
STATUSES = (RESOLVED, "declined", UNRESOLVABLE, "lost_to_follow_up", "time_reached")


@dataclass(frozen=True)
class CaseRules:
    """Which end of a referral ends the need, and how; and the statuses from the best to the least known."""

    by_reason: Mapping[str, str]
    order: tuple[str, ...]


@dataclass(frozen=True)
class End:
    """How one referral of a need stands: its state, the reason, and who said so."""

    state: str
    is_closed: bool
    reason: str | None
    said_by: str | None


def need_status(rules: CaseRules, referrals: Sequence[End]) -> tuple[str, str | None] | None:
    """Status and who said so, from the referrals in the order they were opened; None while the need is open.

    A need with a referral that goes on is open, and so is one whose last referral leaves the next place to be tried.
    """
    if not referrals or any(not each.is_closed for each in referrals):
        return None
    helped = next((each for each in reversed(referrals) if each.state == "completed"), None)
    if helped is not None:
        return RESOLVED, helped.said_by
    last = referrals[-1]
    status = rules.by_reason.get(last.reason or "")
    return None if status is None else (status, last.said_by)


def case_status(rules: CaseRules, needs: Iterable[str | None]) -> str | None:
    """The status of the case: what stands last in the order among its needs; None while one of them is open."""
    found = list(needs)
    if not found or any(each is None for each in found):
        return None
    return max((each for each in found if each is not None), key=rules.order.index)
