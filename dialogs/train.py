"""Trains the dialog model and the second opinion when they are stale: ``python -m dialogs.train [--force]``.

The dialog model is stale when any file of the Rasa project (config, domain, rules, NLU data) has changed since it was
trained, the second opinion about danger when the examples have, or the code that reads them; a digest stands beside
each.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("dialogs/config.yml", "dialogs/domain", "dialogs/rules", "nlu_data")
NAME = "followthrough"
OPINION_SOURCES = (
    "dialogs/safety", "nlu_data", "dialogs/second_opinion.py", "bot/core/second_opinion.py", "bot/core/text.py",
)  # fmt: skip
OPINION = "second_opinion.bin"


def model_path() -> Path:
    """Where the model lies: ``BOT_MODEL_DIR``, else ``dialogs/models``."""
    folder = Path(os.environ.get("BOT_MODEL_DIR") or ROOT / "dialogs" / "models")
    return folder / f"{NAME}.tar.gz"


def opinion_path() -> Path:
    """Where the second opinion lies: beside the model."""
    return model_path().with_name(OPINION)


def digest(sources: Sequence[str] = SOURCES) -> str:
    """A digest of every file that a model is made from."""
    digest = hashlib.sha256()
    for source in sources:
        path = ROOT / source
        for file in sorted(path.rglob("*.yml")) if path.is_dir() else [path]:
            digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def is_stale() -> bool:
    """Whether there is no dialog model, or one that was made from other files."""
    return _is_stale(model_path(), digest())


def is_opinion_stale() -> bool:
    """Whether there is no second opinion, or one that was made from other files."""
    return _is_stale(opinion_path(), digest(OPINION_SOURCES))


def _is_stale(model: Path, fresh: str) -> bool:
    mark = model.with_suffix(".digest")
    return not (model.exists() and mark.exists() and mark.read_text().strip() == fresh)


def train_opinion() -> None:
    """Train the second opinion about danger. Raises ``ValueError`` when an example is of no kind."""
    # Imported here, because scikit-learn takes seconds and most of the time there is nothing to train.
    from dialogs import second_opinion

    fresh = digest(OPINION_SOURCES)
    opinion_path().parent.mkdir(parents=True, exist_ok=True)
    made = opinion_path().with_suffix(".new")
    made.write_bytes(second_opinion.train())
    made.replace(opinion_path())
    opinion_path().with_suffix(".digest").write_text(fresh)


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
    """Train what is stale (or all, if forced) and say in a line each what was done."""
    parser = argparse.ArgumentParser(description="Train the dialog model and the second opinion when they are stale.")
    parser.add_argument("--force", action="store_true")
    force = parser.parse_args().force
    if force or is_opinion_stale():
        train_opinion()
        sys.stdout.write(f"Trained {opinion_path()}\n")
    if force or is_stale():
        sys.stdout.write("Training the dialog model (about half a minute) …\n")
        sys.stdout.flush()
        train()
        sys.stdout.write(f"Trained {model_path()}\n")
    else:
        sys.stdout.write("The dialog model is up to date.\n")


if __name__ == "__main__":
    main()
