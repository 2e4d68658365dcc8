"""Where a sent message stands at Twilio, and which news may change it.

Receipts come in any order, twice, and late: a status only ever moves forward.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# A receipt applies only when its rank is higher. ``receiving`` and ``received`` are of inbound messages.
RANK: Mapping[str, int] = MappingProxyType(
    {
        "scheduled": 0,
        "accepted": 1,
        "queued": 2,
        "sending": 3,
        "sent": 4,
        "partially_delivered": 5,
        "delivered": 6,
        "undelivered": 6,
        "failed": 6,
        "canceled": 6,
        "read": 7,
    }
)
NOT_ARRIVED = frozenset({"undelivered", "failed", "canceled"})
ARRIVED = frozenset({"delivered", "read"})
FINAL = NOT_ARRIVED | ARRIVED


def apply(current: str | None, new: str) -> str | None:
    """The status after the news ``new``, or ``None`` when nothing changes.

    Nothing changes for news that is older, the same, of another final kind or unknown. A message that
    did not arrive stays so; ``read`` follows ``delivered`` and everything before it.
    """
    if new not in RANK or current in NOT_ARRIVED:
        return None
    return new if current is None or RANK[new] > RANK[current] else None
