"""Partners are told once, by the first channel that works: real SMTP, a real web server, texts."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zoneinfo import ZoneInfo

import pytest

from bot.adapters.hooks import HookRefused, HttpHooks, is_allowed, signature
from bot.adapters.mail import MailNotSent, MailUnknown, SmtpMail
from bot.adapters.memory_mail import MemoryMail
from bot.adapters.twilio_messages import SendUnknown
from bot.content.referral import load_referral
from bot.referrals.reporting import Said, report
from bot.referrals.sending import send_deliveries
from bot.release import release_due
from bot.store import deliveries
from tests.on_call.conftest import MailServer, mail_server
from tests.referrals.world import NAME, NUMBER, ReferralWorld

__all__ = ["mail_server"]
SECRET = "a secret of sixteen and more"
MAIL, PHONE = "pantry@example.org", "+12025550199"


@dataclass
class Hook:
    """A partner's web server; answers ``statuses`` one after the other, then 204."""

    statuses: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def hook() -> Iterator[Hook]:
    """A real one on a free port."""
    kept = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.got.append((dict(self.headers), body))
            self.send_response(kept.statuses.pop(0) if kept.statuses else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    kept.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    yield kept
    server.shutdown()
    server.server_close()


def test_by_mail_through_a_real_server(world: ReferralWorld, mail_server: MailServer) -> None:
    """One letter, with nothing about the patient but the link."""
    world.mail = SmtpMail(mail_server.url, "bot@example.org")
    world.reach_by(mail=MAIL)
    world.agrees()
    (letter,) = mail_server.letters
    said = f"{letter['Subject']} {letter.get_payload()}"
    assert "/p/" in said
    assert not any(word in said for word in (NAME, NUMBER, "food"))
    assert world.latest().state == "requested"


def test_by_webhook_through_a_real_server(world: ReferralWorld, hook: Hook) -> None:
    """Signed over time and body, with an id of its own and an opaque link."""
    world.reach_by(webhook=hook.url, secret=SECRET)
    world.agrees()
    ((headers, body),) = hook.got
    posted = json.loads(body)
    assert sorted(posted) == ["event", "id", "link", "number"]
    assert posted["event"] == "referral.requested"
    timestamp = int(headers["Followthrough-Signature"].split(",")[0].removeprefix("t="))
    assert headers["Followthrough-Signature"] == signature(SECRET, timestamp, body)
    assert headers["Followthrough-Delivery"] == posted["id"]
    assert world.sent() == [("request", "webhook", "sent")]


def test_a_webhook_that_is_down_gets_the_same_again(world: ReferralWorld, hook: Hook) -> None:
    """With the same id, so that the partner can tell."""
    hook.statuses = [503]
    world.reach_by(webhook=hook.url, secret=SECRET)
    world.agrees()
    world.clock.advance(minutes=1)
    world.send()
    assert len({headers["Followthrough-Delivery"] for headers, _ in hook.got}) == 1
    assert [len(hook.got), world.latest().state] == [2, "requested"]


def test_the_next_channel_takes_over(world: ReferralWorld, hook: Hook) -> None:
    """A webhook that is gone for good, then a letter that is refused for good, then a text."""
    hook.statuses = [410]
    assert isinstance(world.mail, MemoryMail)
    world.mail.fail_next(MailNotSent(550))
    world.reach_by(webhook=hook.url, secret=SECRET, mail=MAIL, phone=PHONE)
    world.agrees()
    assert [(channel, state) for _, channel, state in world.sent()] == [
        ("webhook", "failed"),
        ("mail", "failed"),
        ("text", "sent"),
    ]
    assert [kept.to for kept in world.twilio.kept if "/p/" in kept.body] == [PHONE]


def test_a_place_that_cannot_be_reached_makes_room_for_the_next(world: ReferralWorld) -> None:
    """No channel works: it failed, and the next place is offered."""
    world.reach_by(mail=MAIL)
    world.texts_in({"type": "places_offered", "ids": ["pantry-1"], "domain": "food"})
    assert isinstance(world.mail, MemoryMail)
    world.mail.fail_next(MailNotSent(550))
    world.agrees()
    assert (world.latest().state, world.latest().state_reason) == ("failed", "partner_unreachable")
    assert "next_place" in world.kinds()


def test_a_letter_that_may_be_out_is_not_sent_again(world: ReferralWorld) -> None:
    """To be told once is enough; the reminders follow."""
    assert isinstance(world.mail, MemoryMail)
    world.mail.fail_next(MailUnknown(), taken=True)
    world.reach_by(mail=MAIL)
    world.agrees()
    world.clock.advance(hours=1)
    world.send()
    assert len(world.mail.kept) == 1
    assert world.sent() == [("request", "mail", "unknown")]
    assert world.latest().state == "requested"


def test_a_text_that_may_be_out_is_looked_up_first(world: ReferralWorld) -> None:
    """Twilio has it: it is not sent again."""
    world.reach_by(phone=PHONE)
    world.twilio.fail_next(SendUnknown(), taken=True)
    world.texts_in(
        {"type": "referral_agreed", "service_id": "pantry-1", "domain": "food", "share": True, "text_version": "v1"}
    )
    send_deliveries(world.deps)
    world.clock.advance(seconds=11)
    send_deliveries(world.deps)
    assert [kept.to for kept in world.twilio.kept].count(PHONE) == 1
    assert world.latest().state == "requested"


@pytest.mark.parametrize(
    ("hours", "leaves"),
    [
        pytest.param(0, "2026-03-03 10:00", id="at once"),
        pytest.param(13.5, "2026-03-04 09:00", id="at night"),
        pytest.param(24 * 5 + 2, "2026-03-09 09:00", id="on Sunday"),
        pytest.param(24 * 268, "2026-11-27 09:00", id="on Thanksgiving"),
    ],
)
def test_a_text_waits_until_the_place_is_at_work(world: ReferralWorld, hours: float, leaves: str) -> None:
    """Nobody's phone rings at night, on a Sunday or a public holiday; the patient's referral waits with it."""
    world.clock.advance(hours=hours)
    world.reach_by(phone=PHONE)
    world.agrees()
    assert world.latest().state == ("accepted" if hours else "requested")
    while world.latest().told_at is None:
        world.clock.advance(minutes=30)
        world.send()
    told_at = world.latest().told_at
    assert told_at is not None
    assert f"{told_at.astimezone(ZoneInfo('America/New_York')):%Y-%m-%d %H:%M}" == leaves
    assert [kept.to for kept in world.twilio.kept].count(PHONE) == 1


def test_a_letter_leaves_at_any_hour_and_reminders_in_working_hours(world: ReferralWorld) -> None:
    """Told on Friday night; reminded on Monday and, since the fifth day is a Wednesday night, on Thursday morning."""
    world.clock.advance(hours=24 * 3 + 13.5)
    world.reach_by(mail=MAIL)
    world.agrees()
    assert world.latest().state == "requested"
    due = []
    for _ in range(2):
        (step,) = [each for each in world.planned() if each.kind == "partner_step"]
        due.append(f"{step.due_at.astimezone(ZoneInfo('America/New_York')):%a %H:%M}")
        world.clock.set(step.due_at)
        release_due(world.deps)
    assert due == ["Mon 09:00", "Thu 09:00"]


def test_a_place_that_spoke_before_it_was_told_is_not_reminded(world: ReferralWorld) -> None:
    """Told in the morning; over night a CHW had said that help has begun."""
    world.clock.advance(hours=13.5)
    world.reach_by(phone=PHONE)
    world.agrees()
    with world.db.write() as tx:
        report(tx, load_referral(), world.latest().id, Said("chw", "in_progress", "test"))
    world.clock.advance(hours=10)
    world.send()
    assert world.latest().told_at is not None
    assert (world.latest().state, "partner_step" in world.kinds()) == ("in_progress", False)


def test_a_worker_that_died_leaves_its_notice_to_another(world: ReferralWorld) -> None:
    """It was claimed and not sent: after the lease it goes out, once."""
    world.reach_by(mail=MAIL)
    world.texts_in(
        {"type": "referral_agreed", "service_id": "pantry-1", "domain": "food", "share": True, "text_version": "v1"}
    )
    assert deliveries.claim(world.db, "dead", timedelta(seconds=60)) is not None
    world.send()
    assert isinstance(world.mail, MemoryMail)
    assert world.mail.kept == []
    world.clock.advance(seconds=61)
    world.send()
    world.send()
    assert len(world.mail.kept) == 1


def test_what_waits_for_a_referral_that_ended_is_dropped(world: ReferralWorld) -> None:
    """The patient thought better of it before the letter went."""
    world.reach_by(mail=MAIL)
    agreed = {"type": "referral_agreed", "service_id": "pantry-1", "domain": "food", "share": True}
    world.texts_in(agreed | {"text_version": "v1"})
    world.says("no_longer_needed")
    world.send()
    assert world.sent() == [("request", "mail", "dropped")]


@pytest.mark.parametrize("url", ["http://example.org/hook", "https://user:pw@example.org", "ftp://example.org", "x"])
def test_webhooks_are_https(url: str) -> None:
    """Anything else is refused before a byte leaves."""
    assert not is_allowed(url)
    with pytest.raises(HookRefused):
        HttpHooks().post(url, b"{}", {})
