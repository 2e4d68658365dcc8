"""``python -m tests.measure``: prints how each file of development replies is read and keeps the figures in docs.

``--show FILE`` lists what was read otherwise than expected.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from bot.cli.loading import load_settings
from bot.cli.understand import ready_dialog
from bot.content import load_content
from tests.measure.replies import everything, names
from tests.measure.scores import Read, misread, read_all, score, share

FIGURES = Path(__file__).resolve().parents[2] / "docs" / "understanding-figures.json"
LABELS = ("human", "wrong_number_family", "switch", "postpone", "correction", "optout", "crisis")


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description="Measure how replies are read.")
    parser.add_argument("--show", help="file whose misread replies are listed; 'all' for every file")
    shown = parser.parse_args().show
    settings = load_settings()
    with ready_dialog(settings) as dialog:
        reads = read_all(load_content(settings.content_dir), dialog.parse, everything())
    figures = {"files": {name: file_figures([r for r in reads if r.reply.file == name]) for name in names()}}
    figures["labels"] = {label: label_figures(label, reads) for label in LABELS}
    for part in figures.values():
        _print(part)
    FIGURES.write_text(json.dumps(figures, indent=2) + "\n")
    for found in misread(r for r in reads if shown in (r.reply.file, "all")):
        print(*found, sep=" | ")  # noqa: T201


def file_figures(reads: list[Read]) -> dict[str, Any]:
    """How many replies, how many read as they should be, and how many answers that were not given."""
    kept = [each for each in reads if not each.reply.aside]
    answers = [each for each in kept if each.reply.answer is not None]
    return {
        "replies": len(kept),
        "right": round(share(sum(each.is_right for each in kept), len(kept)), 4),
        "answers": len(answers),
        "answers_read": round(share(sum(each.is_answer for each in answers), len(answers)), 4),
        "wrong_answers": round(share(sum(each.is_wrong_answer for each in kept), len(kept)), 4),
    }


def label_figures(label: str, reads: list[Read]) -> dict[str, Any]:
    """Recall, precision and F1 of one label against the replies of all files."""
    found = score(label, reads)
    exact = {"recall": found.recall, "precision": found.precision, "f1": found.f1}
    return {"replies": found.wanted, **{name: round(value, 4) for name, value in exact.items()}}


def _print(table: dict[str, dict[str, Any]]) -> None:
    columns = list(next(iter(table.values())))
    print(f"{'':24}" + "".join(f"{name:>15}" for name in columns))  # noqa: T201
    for name, row in table.items():
        print(f"{name:24}" + "".join(f"{row[column]:>15}" for column in columns))  # noqa: T201


if __name__ == "__main__":
    main()
