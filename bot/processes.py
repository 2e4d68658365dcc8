"""What processes need from the operating system: signals, ports, and to end with their parent."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def dies_with_parent(sent: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """For ``preexec_fn``: the kernel sends the child ``sent`` when this process ends, however it ends.

    Linux ties this to the thread that starts the child, so start children from a thread that stays.
    """
    parent = os.getpid()

    def in_child() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(sent))
        if os.getppid() != parent:
            os._exit(1)

    return in_child


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_busy(host: str, port: int) -> bool:
    """True when a server could not listen on ``host`` and ``port`` now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def stop_on_signal(stop: threading.Event) -> None:
    """Set ``stop`` on SIGTERM and SIGINT. Call from the main thread."""

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)


def settle_memory() -> None:
    """Call when all is loaded: what is there now stays, and garbage collection need not walk it again.

    Half a million objects of libraries and content would cost a pause of 0.3 s now and then, and a second at the end.
    """
    gc.collect()
    gc.freeze()
