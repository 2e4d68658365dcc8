"""A real dialog process for tests, started once: the trained model behind its own HTTP address."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from bot.processes import free_port

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ROOT / ".venv-dialog" / "bin" / "python"
MODEL = ROOT / "dialogs" / "models" / "followthrough.tar.gz"
STARTS_WITHIN = 240.0


@contextmanager
def dialog_process(log: Path) -> Iterator[str]:
    """The address of a dialog process that is ready; its output goes to ``log``. Fails the test without a model."""
    if not PYTHON.exists() or not MODEL.exists():
        pytest.fail("There is no dialog environment or no trained model: run 'make train'.")
    port = free_port()
    command = [str(PYTHON), "-m", "dialogs.server", "--port", str(port)]
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false"}
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_ready(address, process, log)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end:
        if process.poll() is not None:
            pytest.fail(f"The dialog process ended while starting:\n{log.read_text()[-3000:]}")
        try:
            if requests.get(f"{address}/webhooks/followthrough/ready", timeout=2).status_code == 200:
                return
        except requests.ConnectionError:
            time.sleep(0.2)
    pytest.fail("The dialog process was not ready in time.")
