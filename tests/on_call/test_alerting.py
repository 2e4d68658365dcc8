"""Cases that cannot wait are told to whoever is on call, again and again, until somebody claims them."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.mail import MailNotSent, MailUnknown, SmtpMail
from bot.adapters.memory_mail import MemoryMail
from bot.adapters.twilio_messages import SendNotMade, SendRefused, SendUnknown
from bot.on_call import alerting
from bot.on_call.alerting import send_alerts
from bot.on_call.sending import AlertSender
from bot.processes import free_port
from bot.store import alerts, erasure, escalations, on_call
from bot.store.on_call_tables import Alert, AlertPlan
from tests.on_call.conftest import MailServer
from tests.on_call.world import ANA, BEN, CARO, OnCallWorld, code_of


def test_the_first_in_line_is_told_at_once_by_text_and_mail(any_world: OnCallWorld) -> None:
    """Both channels, an opaque code, nothing about health and no name."""
    any_world.put_on_call("Ana Lopez", ANA, "ana@example.org")
    any_world.put_on_call("Ben", BEN)
    case = any_world.open_case()
    send_alerts(any_world.deps)
    assert any_world.texts() == [(0.0, ANA)]
    body = any_world.twilio.kept[0].body
    assert code_of(case) in body
    assert "https://bot.example.org" in body
    (letter,) = any_world.letters()
    assert letter.to == "ana@example.org"
    assert case in letter.body
    for word in ("crisis", "suicid", "Ana", "555", "patient", "health"):
        assert word.lower() not in (body + letter.subject + letter.body).lower()


def test_the_next_in_line_then_everybody_then_for_ever(world: OnCallWorld) -> None:
    """The cadence of urgent cases, unclaimed: nobody is told twice at one step, and it never ends."""
    for name, phone in (("Ana", ANA), ("Ben", BEN), ("Caro", CARO)):
        world.put_on_call(name, phone)
    world.open_case()
    world.pass_minutes(61)
    told: dict[int, list[str]] = {}
    for at, number in world.texts():
        told.setdefault(round(at), []).append(number)
    assert told == {
        0: [ANA],
        5: [ANA],
        10: [ANA],
        15: [ANA, BEN],
        20: [ANA, BEN],
        25: [BEN, CARO],
        30: [ANA, BEN, CARO],
        45: [ANA, BEN, CARO],
        60: [ANA, BEN, CARO],
    }


def test_what_is_for_today_is_told_at_a_lower_rate(world: OnCallWorld) -> None:
    """At once, then every hour."""
    world.put_on_call("Ana", ANA)
    world.open_case("today")
    world.pass_minutes(125, step=1)
    assert [round(at) for at, _ in world.texts()] == [0, 60, 120]


def test_what_can_wait_is_told_to_nobody(world: OnCallWorld) -> None:
    """An urgency of soon stands in the queue."""
    world.put_on_call("Ana", ANA)
    world.open_case("soon")
    world.pass_minutes(30, step=1)
    assert world.texts() == []


@pytest.mark.parametrize("end", ["claim", "resolve"])
def test_a_claim_ends_the_alerts(world: OnCallWorld, end: str) -> None:
    """Claimed or resolved: silence, and what waited is dropped."""
    world.put_on_call("Ana", ANA)
    case = world.open_case()
    world.pass_minutes(6)
    with world.db.write() as tx:
        if end == "claim":
            escalations.claim(tx, case, "token:t1")
        else:
            escalations.resolve(tx, case)
    world.pass_minutes(60, step=1)
    assert len(world.texts()) == 2


def test_people_of_the_clinic_come_before_those_of_every_clinic(world: OnCallWorld) -> None:
    """The line follows the patient's clinic."""
    world.put_on_call("Ana", ANA)
    world.put_on_call("Ben", BEN, clinic="Elm Street")
    world.put_on_call("Caro", CARO, clinic="Oak Clinic")
    world.open_case(clinic="Elm Street")
    send_alerts(world.deps)
    assert [number for _, number in world.texts()] == [BEN]


def test_with_nobody_on_call_it_is_shouted_and_tried_until_there_is(
    world: OnCallWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """It never falls to routine: a critical line, a count, and whoever goes on call is told within a minute."""
    world.open_case()
    with caplog.at_level(logging.CRITICAL):
        send_alerts(world.deps)
    assert "nobody_on_call" in caplog.text
    with world.db.read() as tx:
        assert alerts.unheard(tx) == 1
    world.put_on_call("Ana", ANA)
    world.pass_minutes(1.5)
    assert len(world.texts()) == 1
    with world.db.read() as tx:
        assert alerts.unheard(tx) == 0


def test_a_mail_server_that_is_away_does_not_hold_up_the_text(
    world: OnCallWorld, mail_server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The text goes out; the letter is tried again and arrives once the server is back, once."""
    away = SmtpMail(f"smtp://127.0.0.1:{free_port()}", "bot@example.org")
    down = replace(world, mail=away)
    down.twilio = world.twilio
    world.put_on_call("Ana", ANA, "ana@example.org")
    world.open_case()
    with caplog.at_level(logging.CRITICAL):
        send_alerts(down.deps)
    assert "alert_not_sent" in caplog.text
    assert "example.org" not in caplog.text
    assert len(world.texts()) == 1
    with world.db.read() as tx:
        assert alerts.failing(tx) == 1
    back = replace(world, mail=SmtpMail(mail_server.url, "bot@example.org"))
    back.twilio = world.twilio
    back.pass_minutes(2)
    assert len(mail_server.letters) == 1
    assert len(world.texts()) == 1


def test_a_twilio_that_is_away_does_not_hold_up_the_letter(world: OnCallWorld) -> None:
    """And the other way round."""
    world.put_on_call("Ana", ANA, "ana@example.org")
    world.open_case()
    world.twilio.fail_next(SendNotMade(), taken=False)
    send_alerts(world.deps)
    assert (len(world.letters()), len(world.texts())) == (1, 0)
    world.pass_minutes(1)
    assert (len(world.letters()), len(world.texts())) == (1, 1)


def test_a_text_that_may_have_left_is_looked_up_and_not_sent_again(world: OnCallWorld) -> None:
    """Twilio took it and the answer was lost."""
    world.put_on_call("Ana", ANA)
    world.open_case()
    world.twilio.fail_next(SendUnknown(), taken=True)
    world.pass_minutes(2)
    assert len(world.texts()) == 1
    assert world.alert_states() == [(1, "text", "sent")]


def test_a_number_that_cannot_be_texted_brings_the_next_step_at_once(world: OnCallWorld) -> None:
    """The first in line has opted out at Twilio: steps go on without waiting until somebody else is reached."""
    world.put_on_call("Ana", ANA)
    world.put_on_call("Ben", BEN)
    world.twilio.blocked.add(ANA)
    world.open_case()
    world.pass_minutes(1)
    assert BEN in [number for _, number in world.texts()]


def test_everybody_unreachable_does_not_run_wild(world: OnCallWorld) -> None:
    """With every number refused the repetitions keep their pace."""
    world.put_on_call("Ana", ANA)
    world.twilio.blocked.add(ANA)
    world.open_case()
    world.pass_minutes(60, step=1)
    assert len(world.alert_states()) <= 12


def test_a_letter_of_which_nobody_knows_is_not_sent_again(world: OnCallWorld) -> None:
    """The next step comes at once instead: another letter, of another number."""
    world.put_on_call("Ana", None, "ana@example.org")
    world.open_case()
    assert isinstance(world.mail, MemoryMail)
    world.mail.fail_next(MailUnknown(), taken=True)
    world.pass_minutes(1)
    assert [state for _, _, state in world.alert_states()] == ["unknown", "sent"]
    assert len({letter.message_id for letter in world.letters()}) == len(world.letters()) == 2


@pytest.mark.parametrize("channel", ["text", "mail"])
def test_a_kill_between_sending_and_noting_it_sends_nothing_twice(world: OnCallWorld, channel: str) -> None:
    """The process dies right after Twilio or the mail server took it; another goes on a minute later."""
    world.put_on_call("Ana", ANA if channel == "text" else None, "ana@example.org" if channel == "mail" else None)
    world.open_case()

    class Killed(BaseException):
        """As if by kill -9."""

    class Dying(AlertSender):
        def _sent(self, claimed: object) -> None:
            raise Killed

    with pytest.raises(Killed):
        _take_steps_and_send(world, Dying(world.deps, "dying"))
    world.pass_minutes(2)
    numbers = [letter.message_id for letter in world.letters()] + [kept.body for kept in world.twilio.kept]
    assert len(numbers) == len(set(numbers))
    assert world.alert_states()[0][2] == ("sent" if channel == "text" else "unknown")


def _take_steps_and_send(world: OnCallWorld, sender: AlertSender) -> None:
    alerting._take_steps(world.deps)
    sender.send_one()


def test_two_clocks_at_once_send_each_notice_once(any_world: OnCallWorld) -> None:
    """Eight threads look at the same moment."""
    any_world.put_on_call("Ana", ANA, "ana@example.org")
    for number in range(5):
        any_world.open_case(number=f"+1202555014{number}")
    together = threading.Barrier(8)

    def look() -> None:
        together.wait()
        send_alerts(any_world.deps)

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    send_alerts(any_world.deps)
    bodies = [kept.body for kept in any_world.twilio.kept]
    assert len(bodies) == len(set(bodies)) == 5
    assert len({letter.message_id for letter in any_world.letters()}) == len(any_world.letters()) == 5


def test_a_standstill_is_not_caught_up_on(world: OnCallWorld) -> None:
    """The clock was down for an hour: one round of alerts, not seven."""
    world.put_on_call("Ana", ANA)
    world.open_case()
    send_alerts(world.deps)
    world.clock.advance(hours=1)
    send_alerts(world.deps)
    assert len(world.texts()) == 2


def test_what_becomes_urgent_starts_anew(world: OnCallWorld) -> None:
    """A case of today is confirmed: told at once, at the pace of now."""
    world.put_on_call("Ana", ANA)
    case = world.open_case("today")
    world.pass_minutes(10, step=1)
    with world.db.write() as tx:
        escalations.press(tx, case, "now")
    world.pass_minutes(6, step=1)
    assert [round(at) for at, _ in world.texts()] == [0, 10, 15]
    assert "now" in world.twilio.kept[-1].body


def test_what_is_confirmed_does_not_begin_from_the_first_again(world: OnCallWorld) -> None:
    """A doubt that could not wait either: the next step at once, and the second in line hears no later than before."""
    world.put_on_call("Ana", ANA)
    world.put_on_call("Ben", BEN)
    case = world.open_case()
    world.pass_minutes(12, step=1)
    with world.db.write() as tx:
        escalations.press(tx, case, "now")
    world.pass_minutes(9, step=1)
    told: dict[int, list[str]] = {}
    for at, number in world.texts():
        told.setdefault(round(at), []).append(number)
    assert told == {0: [ANA], 5: [ANA], 10: [ANA], 12: [ANA, BEN], 20: [ANA, BEN]}


def test_erasing_the_patient_takes_the_alerts_with_it(any_world: OnCallWorld) -> None:
    """Nothing of the case is left, and nobody is told of it any more."""
    any_world.put_on_call("Ana", ANA)
    case = any_world.open_case()
    send_alerts(any_world.deps)
    with any_world.db.write() as tx:
        patient_id = escalations.get(tx, case).patient_id
        assert patient_id is not None
        erasure.erase_patient(tx, patient_id, "cli")
        assert tx.session.query(Alert).count() == tx.session.query(AlertPlan).count() == 0
    any_world.pass_minutes(10, step=1)
    assert len(any_world.texts()) == 1


def test_taking_somebody_off_call_ends_the_alerts_to_them(world: OnCallWorld) -> None:
    """The next step goes to who is left."""
    ana = world.put_on_call("Ana", ANA)
    world.put_on_call("Ben", BEN)
    world.open_case()
    send_alerts(world.deps)
    with world.db.write() as tx:
        assert on_call.remove(tx, ana)
    world.pass_minutes(6)
    assert [number for _, number in world.texts()] == [ANA, BEN]


def test_names_numbers_and_addresses_are_sealed(world: OnCallWorld) -> None:
    """Nothing of them stands in the file of the database."""
    world.put_on_call("Ana Lopez", ANA, "ana@example.org")
    url = world.db.engine.url.database
    assert url is not None
    with world.db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = Path(url).read_bytes()
    for secret in (b"Ana Lopez", ANA.encode(), b"ana@example.org"):
        assert secret not in raw


def test_a_refusal_of_our_set_up_is_tried_again(world: OnCallWorld) -> None:
    """A wrong token is mended by a person; the alert waits for that."""
    world.put_on_call("Ana", ANA)
    world.open_case()
    world.twilio.fail_next(SendRefused(20003, 401), taken=False)
    world.pass_minutes(1)
    assert len(world.texts()) == 1


def test_a_refused_letter_is_tried_again(world: OnCallWorld) -> None:
    """The mail server says no for a while."""
    world.put_on_call("Ana", None, "ana@example.org")
    assert isinstance(world.mail, MemoryMail)
    world.mail.fail_next(MailNotSent(451), taken=False)
    world.mail.fail_next(MailNotSent(451), taken=False)
    world.mail.fail_next(MailNotSent(451), taken=False)
    world.open_case()
    world.pass_minutes(3)
    assert world.alert_states() == [(1, "mail", "sent")]
