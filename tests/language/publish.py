"""Writes docs/answers.md, the published table of how replies are read, from the tables that the tests hold.

Run ``python -m tests.language.publish`` after a change of a table.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.language.conftest import ROOT, table

PAGE = ROOT / "docs" / "answers.md"
LANGUAGES = {"en": "English", "es": "Spanish"}
INTRODUCTION = """\
# How replies are read

Every line here is a test (`tests/language/tables`): what a patient may write, and what is recorded for it. This page
is written by `python -m tests.language.publish`; change the tables, not the page.

Only what is certain is recorded. *Asked: 2 or 3* means that the patient is asked which of these was meant; *out of
range* that it was an answer, but not one to this question; *not read* that code leaves it to the commands and to the
language model, and the question is asked again if these cannot read it either. Questions about safety are strict: of
what sounds like an answer only the plainest is taken.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *_questions(), *_situations(), *_times()]).rstrip() + "\n"


def _questions() -> Iterator[str]:
    yield "## Numbers, choices, yes and no\n"
    for question in table("answers"):
        labels = [f"{key}. {label}" for key, label in enumerate(question.get("options", []), 1)]
        about = [LANGUAGES[question.get("language", "en")], question["kind"]]
        about += ["strict"] if question.get("strict") else []
        yield from _section(question["question"], about, labels, question["replies"], question["kind"])


def _situations() -> Iterator[str]:
    yield "## Words for a situation, at questions named by their LOINC codes\n"
    for question in table("replies"):
        labels = [f"{key}. {label}" for key, label in enumerate(question["options"].values(), 1)]
        title = f"{question['question']}, {LANGUAGES[question['language']]}"
        yield from _section(title, [question["kind"]], labels, question["replies"], question["kind"])


def _times() -> Iterator[str]:
    yield "## When to write again\n"
    yield "Said on Wednesday, 4 March 2026, at 2:05 pm: the day of that month and the hour; `~` is about then.\n"
    for language, replies in table("times").items():
        yield from _section(LANGUAGES[language], [], [], replies, "time")


def _section(title: str, about: list[str], labels: list[str], replies: dict[str, Any], kind: str) -> Iterator[str]:
    yield f"### {title}\n"
    if about:
        yield f"{', '.join(about)}\n"
    if labels:
        yield "\n".join(labels) + "\n"
    yield "| reply | read as |\n|---|---|"
    for reply, want in replies.items():
        yield f"| {_cell(reply)} | {_shown(want, kind)} |"
    yield ""


def _cell(reply: str) -> str:
    """A reply as it stands, line breaks made visible."""
    return reply.replace("\n", " ⏎ ").replace("|", "\\|")


def _shown(want: Any, kind: str) -> str:
    """What is recorded, in words."""
    if want is None:
        return "*not read*"
    if want == "out_of_range":
        return "*out of range*"
    if isinstance(want, dict):
        return "*asked:* " + " or ".join(_plain(value) for value in want["ask"])
    return f"`{want}`" if kind == "time" else f"**{_plain(want)}**"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " and ".join(map(str, value)) if isinstance(value, list) else str(value)


if __name__ == "__main__":
    Path(PAGE).write_text(page(), encoding="utf-8")
