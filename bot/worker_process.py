"""``bot worker``: takes turns and sends, until told to stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from bot.bootstrap import Deps
from bot.processes import settle_memory, stop_on_signal
from bot.sending.sender import Sender
from bot.worker import Worker

log = logging.getLogger(__name__)
STOPS_WITHIN = 4.0
Loop = Callable[[threading.Event], None]


def run(deps: Deps) -> int:
    """Run the worker's loops until SIGTERM or SIGINT; the exit code. A loop that fails ends the process with 1."""
    stop = threading.Event()
    stop_on_signal(stop)
    loops = [Worker(deps).run, Sender(deps).run]
    settle_memory()
    log.info("worker_started")
    failed = run_loops(loops, stop)
    log.info("worker_stopped")
    return 1 if failed else 0


def run_loops(loops: Sequence[Loop], stop: threading.Event) -> bool:
    """Run each loop in a thread until ``stop`` is set. When one fails all are stopped, and the answer is True."""
    failed = threading.Event()

    def guarded(loop: Loop) -> None:
        try:
            loop(stop)
        except Exception:
            log.exception("loop_failed")
            failed.set()
        finally:
            stop.set()

    threads = [threading.Thread(target=guarded, args=(loop,), daemon=True) for loop in loops]
    for thread in threads:
        thread.start()
    while not stop.wait(1.0):
        pass
    for thread in threads:
        thread.join(STOPS_WITHIN / len(threads))
    return failed.is_set()
