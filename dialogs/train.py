"""Trains the dialog model when it is stale: ``python -m dialogs.train [--force]``.

The model is stale when any file of the Rasa project (config, domain, rules, NLU data) has changed since it was
trained; a digest of them stands beside the model.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("dialogs/config.yml", "dialogs/domain", "dialogs/rules", "nlu_data")
NAME = "followthrough"


def model_path() -> Path:
    """Where the model lies: ``BOT_MODEL_DIR``, else ``dialogs/models``."""
    folder = Path(os.environ.get("BOT_MODEL_DIR") or ROOT / "dialogs" / "models")
    return folder / f"{NAME}.tar.gz"


def digest() -> str:
    """A digest of every file that the model is made from."""
    digest = hashlib.sha256()
    for source in SOURCES:
        path = ROOT / source
        for file in sorted(path.rglob("*.yml")) if path.is_dir() else [path]:
            digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def is_stale() -> bool:
    """Whether there is no model, or one that was made from other files."""
    mark = model_path().with_suffix(".digest")
    return not (model_path().exists() and mark.exists() and mark.read_text().strip() == digest())


def train() -> None:
    """Train with the ordinary ``rasa train``. Raises ``subprocess.CalledProcessError`` with Rasa's output shown."""
    fresh = digest()
    model_path().parent.mkdir(parents=True, exist_ok=True)
    command = [str(Path(sys.executable).parent / "rasa"), "train", "--config", "dialogs/config.yml"]
    command += ["--domain", "dialogs/domain", "--data", "dialogs/rules", "nlu_data", "--out", str(model_path().parent)]
    command += ["--fixed-model-name", NAME, "--force"]
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stdout[-4000:] + done.stderr[-4000:])
        done.check_returncode()
    model_path().with_suffix(".digest").write_text(fresh)


def main() -> None:
    """Train if stale (or forced) and say in one line what was done."""
    parser = argparse.ArgumentParser(description="Train the dialog model when it is stale.")
    parser.add_argument("--force", action="store_true")
    if parser.parse_args().force or is_stale():
        sys.stdout.write("Training the dialog model (about half a minute) …\n")
        sys.stdout.flush()
        train()
        sys.stdout.write(f"Trained {model_path()}\n")
    else:
        sys.stdout.write("The dialog model is up to date.\n")


if __name__ == "__main__":
    main()
