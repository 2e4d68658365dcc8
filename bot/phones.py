"""Phone numbers as people write them, turned into the one form that is stored and texted (E.164).

Called for numbers that a clinic or an operator types in. Addresses that Twilio sends are not read here:
they may be short codes or channel addresses.
"""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import PhoneNumberType

DEFAULT_REGION = "US"
_LONGEST = 60
_CHANNEL_PREFIX = re.compile(r"^\s*(?!tel:)[a-z][a-z0-9.-]*:", re.IGNORECASE)

_TEXTABLE = frozenset(
    {
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
        PhoneNumberType.PERSONAL_NUMBER,
    }
)
_UNTEXTABLE = {
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.SHARED_COST: "premium_rate",
    PhoneNumberType.FIXED_LINE: "landline",
}
_SENTENCES = {
    "not_a_number": "is not a phone number",
    "not_valid": "is not a number in use; give the area code, or the country code after a plus sign",
    "extension": "has an extension; a text cannot be sent to one",
    "short_code": "is a short code or a service number, not a person's phone",
    "toll_free": "is a toll-free number, which cannot be texted",
    "premium_rate": "is a premium-rate number, which cannot be texted",
    "landline": "is a landline, which cannot be texted",
    "service": "belongs to a service, not to a person's phone, and cannot be texted",
}


class UnusableNumber(ValueError):
    """A number that cannot be texted. ``reason`` is one word; the text is a sentence without the number."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the phone {_SENTENCES[reason]}")
        self.reason = reason
        self.sentence = _SENTENCES[reason]


def to_address(raw: str, region: str = DEFAULT_REGION) -> str:
    """The E.164 form of a number written in any usual way.

    A number without a country code is read as one of ``region``. Raises :class:`UnusableNumber` for what
    is no number, is not in use, has an extension, or is of a kind that cannot be texted.
    """
    number = _parse(raw, region)
    if number.extension:
        raise UnusableNumber("extension")
    # Of no kind is what is not valid; to ask for both takes as long again.
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.UNKNOWN:
        raise UnusableNumber(_why_invalid(number, region))
    if kind not in _TEXTABLE:
        raise UnusableNumber(_UNTEXTABLE.get(kind, "service"))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def to_caller(raw: str, region: str = DEFAULT_REGION) -> str:
    """The E.164 form of a number that somebody will call from, a landline and a toll-free one among them.

    An extension is left out: the phone that rings does not show it. Raises :class:`UnusableNumber` for what is no
    number, is not in use, or has to be paid for.
    """
    number = _parse(raw, region)
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.UNKNOWN:
        raise UnusableNumber(_why_invalid(number, region))
    if _UNTEXTABLE.get(kind) == "premium_rate":
        raise UnusableNumber("premium_rate")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _parse(raw: str, region: str) -> phonenumbers.PhoneNumber:
    # phonenumbers reads "whatsapp:+1…" without a word, and would lose the channel.
    if len(raw) > _LONGEST or _CHANNEL_PREFIX.match(raw):
        raise UnusableNumber("not_a_number")
    try:
        return phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        # The exception is not chained: its text may quote what was typed.
        raise UnusableNumber("not_a_number") from None


def _why_invalid(number: phonenumbers.PhoneNumber, region: str) -> str:
    """Short numbers get their own word: 911 or a five-digit code is a slip worth naming."""
    digits = len(str(number.national_number))
    is_short = phonenumbers.is_possible_short_number_for_region(number, region) or digits <= 6
    return "short_code" if is_short else "not_valid"
