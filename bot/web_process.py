"""``bot web``: the Flask app under waitress."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from types import FrameType

import waitress

from bot.bootstrap import Deps
from bot.processes import settle_memory
from webhooks.app import LARGEST_BODY, create_app, start

log = logging.getLogger(__name__)
THREADS = 8


def run(deps: Deps) -> int:
    """Serve until SIGTERM or SIGINT, finish the requests under way, and give the exit code.

    Raises ``OSError`` when the port is taken.
    """
    stop = threading.Event()
    app = create_app(deps, stop)
    server = waitress.create_server(
        app,
        host=deps.settings.host,
        port=deps.settings.port,
        threads=THREADS,
        ident=None,
        max_request_body_size=LARGEST_BODY,
    )
    start(app, deps, stop)
    settle_memory()
    leave_on_signal(stop)
    log.info("web_started port=%d", deps.settings.port)
    server.run()
    stop.set()
    server.close()
    log.info("web_stopped")
    return 0


def leave_on_signal(stop: threading.Event) -> None:
    """On SIGTERM and SIGINT set ``stop``, so that long requests give way, and leave. Call from the main thread."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        # waitress ends in good order on SystemExit.
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
