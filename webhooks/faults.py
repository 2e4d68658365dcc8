"""How an error is told to the log: its class and where it came from, never its text, which may quote a patient."""

from __future__ import annotations

import traceback
from pathlib import Path

_FRAMES = 6


def describe(error: BaseException) -> str:
    """``OperationalError at sms.py:31 receive < app.py:12 call …``, innermost first."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    places = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
    return f"{type(error).__name__} at {places or 'an unknown place'}"
