"""The mail port: the same promises kept by the real adapter against a real server, and by its twin."""

from __future__ import annotations

import pytest

from bot.adapters.mail import Mail, MailApi, MailNotSent, MailUnknown, SmtpMail
from bot.adapters.memory_mail import MemoryMail
from bot.processes import free_port
from tests.on_call.conftest import MailServer

LETTER = Mail("ana@example.org", "A case needs a person", "Case K7M2QX.\nÁlso.", "alr_1.followthrough")


@pytest.fixture(params=["smtp", "memory"])
def kept_by(request: pytest.FixtureRequest, mail_server: MailServer) -> tuple[MailApi, MailServer | MemoryMail]:
    """Each adapter, and where its letters arrive."""
    if request.param == "memory":
        twin = MemoryMail()
        return twin, twin
    return SmtpMail(mail_server.url, "bot@example.org"), mail_server


def _refusing(kept_by: tuple[MailApi, MailServer | MemoryMail]) -> MailApi:
    api, where = kept_by
    if isinstance(where, MailServer):
        where.refuse = "451 try later, ana@example.org"
    else:
        where.fail_next(MailNotSent(451))
    return api


def _hanging_up(kept_by: tuple[MailApi, MailServer | MemoryMail]) -> MailApi:
    api, where = kept_by
    if isinstance(where, MailServer):
        where.hangs_up = True
    else:
        where.fail_next(MailUnknown(), taken=True)
    return api


def _arrived(where: MailServer | MemoryMail) -> list[tuple[str, str]]:
    if isinstance(where, MemoryMail):
        return [(mail.to, mail.subject) for mail in where.kept]
    return [(str(letter["To"]), str(letter["Subject"])) for letter in where.letters]


def test_a_letter_arrives_once(kept_by: tuple[MailApi, MailServer | MemoryMail]) -> None:
    """Sent, and kept where it goes."""
    api, where = kept_by
    api.ready()
    api.send(LETTER)
    assert _arrived(where) == [("ana@example.org", "A case needs a person")]


def test_a_refused_letter_was_surely_not_sent(kept_by: tuple[MailApi, MailServer | MemoryMail]) -> None:
    """The code is told, the server's words are not."""
    with pytest.raises(MailNotSent) as refused:
        _refusing(kept_by).send(LETTER)
    assert refused.value.code == 451
    assert "ana" not in str(refused.value)
    assert _arrived(kept_by[1]) == []


def test_a_connection_that_breaks_at_the_end_leaves_it_unknown(
    kept_by: tuple[MailApi, MailServer | MemoryMail],
) -> None:
    """The server may have taken it."""
    with pytest.raises(MailUnknown):
        _hanging_up(kept_by).send(LETTER)
    assert len(_arrived(kept_by[1])) == 1


def test_a_server_that_is_away_is_told_as_not_sent() -> None:
    """No connection, no letter; readiness says so too."""
    away = SmtpMail(f"smtp://127.0.0.1:{free_port()}", "bot@example.org")
    with pytest.raises(MailNotSent):
        away.send(LETTER)
    with pytest.raises(MailNotSent):
        away.ready()


def test_the_letter_carries_what_mail_programs_need(mail_server: MailServer) -> None:
    """From, To, Subject, a Message-ID that stays the same, and the text as it was."""
    SmtpMail(mail_server.url, "bot@example.org").send(LETTER)
    letter = mail_server.letters[0]
    assert letter["From"] == "bot@example.org"
    assert letter["Message-ID"] == "<alr_1.followthrough@example.org>"
    payload = letter.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert "Álso." in payload.decode()
