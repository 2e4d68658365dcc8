"""The one time zone in which a patient's "tomorrow at 3" is read."""

from __future__ import annotations

from bot.adapters.places import by_number, by_zip

DEFAULT_ZONE = "America/New_York"


def zone_of(stored: str | None, zip_code: str | None, address: str) -> str:
    """The zone that is stored, else that of the ZIP code, else that of the number if its prefix lies in one only.

    Else :data:`DEFAULT_ZONE`. All are IANA names that exist, if the stored one does.
    """
    if stored:
        return stored
    by_home = by_zip(zip_code)[0] if zip_code else None
    if by_home:
        return by_home
    spanned = by_number(address)
    return next(iter(spanned)) if len(spanned) == 1 else DEFAULT_ZONE
