"""CPU of a dialog turn by itself (``time.process_time``), without HTTP; run with the dialog environment's Python.

Prints JSON: milliseconds with a parsed answer, with NLU, and with NLU for a digression (four predictions).
"""

from __future__ import annotations

import dialogs.before_rasa  # noqa: F401

# isort: split
import asyncio
import json
import logging
import statistics
import sys
import time
from typing import Any

from rasa.utils.log_utils import configure_structlog

from dialogs.channel import take_turn
from dialogs.processor import StatelessProcessor
from dialogs.train import model_path

RUN, RUNS = 40, 15
MESSAGES: dict[str, dict[str, Any]] = {
    "parsed_ms": {"reading": {"intent": "give_answer", "value": 1}},
    "nlu_ms": {"text": "i never have any trouble with that"},
    "nlu_digression_ms": {"text": "why are you asking me this"},
}


async def measure() -> dict[str, float]:
    """The median of the means of several runs, for each kind of message at the first question."""
    processor = StatelessProcessor(model_path())

    async def turn(state: Any, message: dict[str, Any]) -> Any:
        body = {"conversation_id": "cv_bench", "state": state, "message": message, "context": {}, "now": ""}
        return (await take_turn(body, processor.handle_message))["state"]

    state = await turn(None, {"reading": {"intent": "greet", "value": None}})
    state = await turn(state, {"reading": {"intent": "affirm", "value": None}})
    results = {}
    for name, message in MESSAGES.items():
        means = []
        for _ in range(RUNS):
            before = time.process_time()
            for _ in range(RUN):
                await turn(state, message)
            means.append((time.process_time() - before) / RUN * 1000)
        results[name] = round(statistics.median(means), 2)
    return results


if __name__ == "__main__":
    configure_structlog(logging.WARNING)
    sys.stdout.write(json.dumps(asyncio.run(measure())) + "\n")
