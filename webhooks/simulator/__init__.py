"""The simulator: a Twilio of our own inside the app, a page with a phone, and a clock that can be moved.

Only for trying the bot out and for tests; it stands beside no real Twilio.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from flask import Flask

from bot.setting_kinds import SettingsError

if TYPE_CHECKING:
    from bot.bootstrap import Deps

EXTENSION = "followthrough_simulator"


def register(app: Flask, deps: Deps, stop: threading.Event) -> None:
    """Add the simulator's pages, as far as the settings ask for them. Opens no file and starts no thread.

    ``stop`` is set when the process is to end: a move of the clock then gives way.
    Raises :class:`bot.setting_kinds.SettingsError` beside real Twilio credentials.
    """
    from webhooks.simulator.clock_moves import Patience
    from webhooks.simulator.clock_page import clock_blueprint
    from webhooks.simulator.phone_page import phone_blueprint
    from webhooks.simulator.twilio_rest import twilio_blueprint
    from webhooks.simulator.workshop import Workshop

    if deps.settings.real_twilio:
        raise SettingsError("The simulator does not start beside real Twilio credentials; unset TWILIO_AUTH_TOKEN.")
    if deps.settings.virtual_clock:
        app.register_blueprint(clock_blueprint(deps, Patience(), stop))
    if deps.settings.simulator:
        workshop = Workshop(deps)
        app.extensions[EXTENSION] = workshop
        app.register_blueprint(phone_blueprint(deps, workshop))
        app.register_blueprint(twilio_blueprint(workshop), url_prefix="/simulator/twilio")


def start(app: Flask) -> None:
    """Deliver what waits, from now on and in the background; without a simulator nothing happens.

    The web process calls this when it begins to serve. Any use of the simulator's pages starts it too.
    """
    workshop = app.extensions.get(EXTENSION)
    if workshop is not None:
        workshop.start()
