"""What Twilio does by itself with STOP, START and HELP on a long code: its words, its replies, its block."""

from __future__ import annotations

from typing import Literal

OptOutWord = Literal["stop", "start", "help"]

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "UNSTOP", "YES"})
HELP_WORDS = frozenset({"HELP", "INFO"})

REPLIES: dict[OptOutWord, str] = {
    "stop": (
        "You have successfully been unsubscribed. You will not receive any more messages from this number. "
        "Reply START to resubscribe."
    ),
    "start": (
        "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
        "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
    ),
    "help": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}


def word_of(body: str, blocked: bool) -> OptOutWord | None:
    """Which of Twilio's words the whole body is, or None when Twilio leaves the text alone.

    STOP counts only while the person is not blocked and START, UNSTOP and YES only while they are, so that
    nobody is told twice; HELP always counts.
    """
    word = body.strip().upper()
    if word in STOP_WORDS and not blocked:
        return "stop"
    if word in START_WORDS and blocked:
        return "start"
    return "help" if word in HELP_WORDS else None
