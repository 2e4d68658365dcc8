"""Processes of the bot that start in no time, to be killed: forked from one that has read the content already."""

from __future__ import annotations

import multiprocessing
from multiprocessing.process import BaseProcess

from bot import clock_process, worker_process
from bot.bootstrap import build
from bot.content import load_content
from bot.content.policy import load_policy
from bot.settings import Settings

# Read once, in the server that all others are forked from.
load_content()
load_policy()

CONTEXT = multiprocessing.get_context("forkserver")
MAIN = {"worker": worker_process.run, "clock": clock_process.run}


def start(name: str, environ: dict[str, str]) -> BaseProcess:
    """Start a ``worker`` or a ``clock`` as the command line does, with this environment."""
    CONTEXT.set_forkserver_preload([__name__])
    process: BaseProcess = CONTEXT.Process(target=_main, args=(name, environ), daemon=True)
    process.start()
    return process


def _main(name: str, environ: dict[str, str]) -> None:
    MAIN[name](build(Settings.from_env(environ)))
