"""New opaque ids, from one place so that tests can hand in their own."""

from __future__ import annotations

import secrets
from collections.abc import Callable

NewId = Callable[[str], str]


def new_id(prefix: str) -> str:
    """An unguessable id such as ``msg_3f…``: the prefix, an underscore and 24 hexadecimal digits."""
    return f"{prefix}_{secrets.token_hex(12)}"
