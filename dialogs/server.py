"""The dialog process: ``python -m dialogs.server --port 5005``. Listens on loopback unless told otherwise.

Sanic answers ``/ready`` with 503 until the model is loaded. Rasa's own HTTP API is not served.
"""

from __future__ import annotations

import dialogs.before_rasa  # noqa: F401

# isort: split
import argparse
import gc
import logging
from pathlib import Path
from typing import Any

import structlog  # type: ignore[import-not-found]
from rasa.core.channels.channel import UserMessage, register
from rasa.utils.log_utils import configure_structlog
from sanic import Sanic

from dialogs.channel import FollowthroughInput, take_turn
from dialogs.processor import StatelessProcessor
from dialogs.train import model_path

log = logging.getLogger("dialogs.server")

WARM_UP = {"conversation_id": "warm-up", "state": None, "message": {"text": "hello"}, "context": {}, "now": ""}


class _Agent:
    """What Rasa's channel registration expects to find: hands each message to the processor."""

    def __init__(self, processor: StatelessProcessor) -> None:
        self.processor = processor

    async def handle_message(self, message: UserMessage) -> None:
        await self.processor.handle_message(message)


def make_app(model: Path) -> Sanic:
    """The Sanic app with our channel; the model is loaded before it accepts connections."""
    app = Sanic("followthrough_dialog", configure_logging=False)
    register([FollowthroughInput()], app, route="/webhooks/")
    app.config.ACCESS_LOG = False
    app.config.KEEP_ALIVE_TIMEOUT = 60
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 5.0

    async def load(running: Sanic, loop: Any) -> None:
        processor = StatelessProcessor(model)
        running.ctx.agent = _Agent(processor)
        # The first turn of a process reads the content and fills caches; no patient should wait for that.
        await take_turn(WARM_UP, processor.handle_message)
        # What is loaded stays; walking it at each collection and at the end would only take time.
        gc.collect()
        gc.freeze()
        # A turn leaves thousands of small objects and next to no cycles.
        gc.set_threshold(50_000, 20, 50)
        running.ctx.processor = processor
        log.info("model loaded")

    app.register_listener(load, "before_server_start")
    return app


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description="Serve the dialog manager.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5005)
    parser.add_argument("--model", type=Path, default=model_path())
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    log.setLevel(logging.INFO)
    # What a patient wrote is in Rasa's debug lines; they stay off whatever the environment says.
    configure_structlog(logging.WARNING)
    # Decided once for each logger, not on every one of the debug lines of a turn.
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING), cache_logger_on_first_use=True
    )
    for noisy in ("rasa", "rasa_sdk", "sanic.root", "sanic.error", "sanic.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    make_app(options.model).run(host=options.host, port=options.port, access_log=False, workers=1)


if __name__ == "__main__":
    main()
