"""What a place does in a conversation file: it is told, opens its page, and answers there."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from bot.adapters.memory_messages import MemoryMessages
from bot.bootstrap import Deps
from bot.referrals.links import address_for
from bot.referrals.sending import send_deliveries
from bot.store import patients, referrals
from tests.conversations.world import NUMBER
from webhooks.app import create_app

SEEN = re.compile(r'name="seen" value="(\d+)"')


def answer(deps: Deps, act: dict[str, Any]) -> None:
    """The place of the open referral gets its text, and answers ``act["partner_answers"]`` on the page behind the link.

    Everything else in ``act`` goes into the form: a ``reason``, the time ``at`` that it proposes.
    """
    quiet = replace(deps, twilio=MemoryMessages(deps.clock.now))
    send_deliveries(quiet)
    with deps.db.write() as tx:
        patient = patients.by_number(tx, NUMBER)[-1]
        path = urlsplit(address_for(deps, tx, referrals.open_ones(tx, patient.id)[0].id)).path
    form = {name: str(value) for name, value in act.items() if name != "partner_answers"}
    with create_app(quiet).test_client() as browser:
        seen = SEEN.search(browser.get(path).text)
        assert seen is not None, "the page has no form any more"
        sent = browser.post(path, data={"seen": seen.group(1), "word": act["partner_answers"], **form})
    assert sent.status_code in (200, 303), sent.text
