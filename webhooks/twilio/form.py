"""What Twilio's forms say, as dataclasses. Pure: no Flask, no clock, no database.

Twilio adds parameters without notice and leaves others out, so nothing here is required but an id and
somebody to answer; a form without them gives ``None``.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

_SID_NAMES = ("MessageSid", "SmsSid", "SmsMessageSid")
_SID = re.compile(r"[A-Za-z0-9_\-]{1,64}")
_MESSAGE_ID = re.compile(r"[A-Za-z0-9_\-]{1,40}")
_STATUS = re.compile(r"[a-z_]{1,24}")
_OPT_OUT_TYPES = frozenset({"STOP", "START", "HELP"})
_CHANNELS = {"whatsapp": "whatsapp", "client": "client"}
_LONGEST_ADDRESS = 80
_MOST_MEDIA = 99
_LARGEST_CODE = 999_999

# Long enough that no word, name or number somebody types decodes by chance.
_SHORTEST_BASE64 = 20
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_CUT_START = re.compile(rb"\A[\x80-\xbf]{1,3}")
_CUT_END = re.compile(rb"(?:[\xc2-\xf4]|[\xe0-\xf4][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{2})\Z")


@dataclass(frozen=True)
class InboundText:
    """A text, picture message or chat message from a person."""

    message_sid: str
    channel: str
    from_address: str
    to_address: str
    body: str
    num_media: int
    opt_out_type: str | None
    was_base64: bool


@dataclass(frozen=True)
class StatusReport:
    """What became of a message of ours. ``message_id`` is our own id, from the callback address."""

    message_sid: str
    message_id: str | None
    status: str
    error_code: int | None


def read_text(form: Mapping[str, str]) -> InboundText | None:
    """The text that the form holds, or ``None`` without a usable id or sender (nothing could be answered)."""
    sid = _sid(form)
    sender = read_address(form.get("From", "")) or read_address(form.get("ExternalUserId", ""))
    if sid is None or sender is None:
        return None
    body, was_base64 = read_body(form.get("Body", ""))
    receiver = read_address(form.get("To", ""))
    return InboundText(
        message_sid=sid,
        channel=sender[0],
        from_address=sender[1],
        to_address=receiver[1] if receiver else _clean_line(form.get("MessagingServiceSid", ""))[:_LONGEST_ADDRESS],
        body=body,
        num_media=_media(form),
        opt_out_type=_opt_out_type(form),
        was_base64=was_base64,
    )


def read_status(form: Mapping[str, str], message_id: str | None) -> StatusReport | None:
    """The report that the form holds, or ``None`` without a usable id or status."""
    sid = _sid(form)
    status = (form.get("MessageStatus") or form.get("SmsStatus") or "").strip().lower()
    if sid is None or not _STATUS.fullmatch(status):
        return None
    ours = message_id if message_id and _MESSAGE_ID.fullmatch(message_id) else None
    code = _number(form.get("ErrorCode", ""), _LARGEST_CODE)
    return StatusReport(sid, ours, status, code or None)


def is_status(form: Mapping[str, str]) -> bool:
    """True for a form that reports on a message of ours, wherever it was sent: it must never start a turn."""
    return bool(form.get("MessageStatus"))


def read_address(value: str) -> tuple[str, str] | None:
    """``(channel, address)`` of a From or To, the channel's prefix kept; ``None`` when nobody is named.

    A number whose plus sign was not encoded arrives with a space before it; it gets its plus back.
    """
    text = re.sub(r"^ (?=\d)", "+", value)
    prefix, colon, rest = _clean_line(text).rpartition(":")
    rest = re.sub(r"^ (?=\d)", "+", rest)
    address = f"{prefix.lower()}{colon}{rest.strip()}"
    if not any(c.isalnum() for c in rest) or len(address) > _LONGEST_ADDRESS:
        return None
    return (_CHANNELS.get(prefix.lower(), "other") if colon else "sms"), address


def read_body(value: str) -> tuple[str, bool]:
    """The text without control characters, and whether it had come as base64 (long texts sometimes do)."""
    text = _clean(value)
    decoded = _decode_base64(text.strip())
    return (text, False) if decoded is None else (_clean(decoded), True)


def _decode_base64(text: str) -> str | None:
    """The text inside, only when it surely is one. A part of a longer text may be cut inside a character."""
    if len(text) < _SHORTEST_BASE64 or len(text) % 4 or not _BASE64.fullmatch(text):
        return None
    try:
        raw = base64.b64decode(text, validate=True)
        inside = _CUT_END.sub(b"", _CUT_START.sub(b"", raw)).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return inside if _is_readable(inside) else None


def _is_readable(text: str) -> bool:
    """Words with spaces, mostly in plain letters. A long "nononono" decodes too, but to nothing like that."""
    shown = all(unicodedata.category(c) not in {"Cc", "Cn", "Co", "Cs"} or c in "\n\r\t" for c in text)
    plain = sum(1 for c in text if c.isascii())
    return shown and any(c.isspace() for c in text) and any(c.isalpha() for c in text) and plain * 2 > len(text)


def _clean(text: str) -> str:
    """Without control characters: a database may refuse NUL, and nobody typed them. Line ends become ``\\n``."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if unicodedata.category(c) not in {"Cc", "Cs"} or c in "\n\t")


def _clean_line(text: str) -> str:
    return " ".join(_clean(text).split())


def _sid(form: Mapping[str, str]) -> str | None:
    found = (form.get(name, "").strip() for name in _SID_NAMES)
    return next((sid for sid in found if _SID.fullmatch(sid)), None)


def _media(form: Mapping[str, str]) -> int:
    urls = sum(1 for name in form if name.startswith("MediaUrl"))
    stated = _number(form.get("NumMedia", ""), _MOST_MEDIA)
    return min(urls, _MOST_MEDIA) if stated is None else stated


def _opt_out_type(form: Mapping[str, str]) -> str | None:
    value = form.get("OptOutType", "").strip().upper()
    return value if value in _OPT_OUT_TYPES else None


def _number(text: str, largest: int) -> int | None:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        return None
    return min(int(text), largest)
