"""The bars, measured on the development replies. They are never learnt from and never copied into the product."""

from __future__ import annotations

import re
from typing import Any

from bot.core.answers import AnswerItem, Option, read_answer
from bot.core.keywords import read_keyword
from bot.core.lexicon import Lexicon
from bot.core.safety import read_alarm
from tests.language.conftest import DEVELOPMENT, development, needs_development

Lexicons = dict[str, Lexicon]

pytestmark = needs_development
SIDES: dict[Any, Any] = {"affirm": True, "deny": False}


def all_replies() -> list[dict[str, Any]]:
    """Every reply of every file."""
    return [row for path in sorted(DEVELOPMENT.glob("*.jsonl")) for row in development(path.stem)]


def test_opt_outs_are_all_heard_and_nothing_else_is(lexicons: Lexicons) -> None:
    """Recall 100 %; at most 0.5 % of everything else."""

    def is_stop(row: dict[str, Any]) -> bool:
        keyword = read_keyword(row["text"], opt_out_type=None, opted_out=False, lexicons=lexicons)
        return keyword is not None and keyword.kind == "stop"

    rows = all_replies()
    assert [row["text"] for row in rows if row["expected"] == "optout" and not is_stop(row)] == []
    others = [row for row in rows if row["expected"] != "optout"]
    assert sum(map(is_stop, others)) <= 0.005 * len(others)
    assert [r["text"] for r in development("optout_own") if r["expected"] == "not_optout" and is_stop(r)] == []


def test_crises_are_all_noticed_and_few_others_are(lexicons: Lexicons) -> None:
    """Recall 100 %; at most 5 % of the hard negatives, and next to none of all other replies."""
    rows = list(development("crisis_own"))
    noticed = {row["id"] for row in rows if read_alarm(row["text"], lexicons, row["lang"])}
    assert [row["text"] for row in rows if row["expected"] == "crisis" and row["id"] not in noticed] == []
    negatives = [row for row in rows if row["expected"] != "crisis"]
    assert sum(row["id"] in noticed for row in negatives) <= 0.05 * len(negatives)
    others = [row for row in all_replies() if row["expected"] not in ("crisis", "not_crisis")]
    assert sum(read_alarm(row["text"], lexicons, "en") is not None for row in others) <= 0.005 * len(others)


def scored(rows: list[tuple[dict[str, Any], AnswerItem]], lexicons: Lexicons) -> tuple[int, list[str]]:
    """How many were read for certain, and which of them wrongly."""
    read, wrong = 0, []
    for row, item in rows:
        reading = read_answer(row["text"], item, lexicons, row["lang"])
        if reading and reading.is_sure:
            read += 1
            value = list(reading.values) if item.kind == "multi" else reading.values[0]
            if value != SIDES.get(str(row["expected"]), row["expected"]):
                wrong.append(row["text"])
    return read, wrong


def social_item(row: dict[str, Any]) -> AnswerItem:
    """The question of a reply about needs."""
    if row["question_id"] == "days":
        return AnswerItem("integer", minimum=0, maximum=7)
    labels = re.split(r"\s*\d+\)\s*", row["context"])[1:]
    options = tuple(Option(key, label.strip()) for key, label in enumerate(labels, 1))
    return AnswerItem("choice" if options else "boolean", options, strict=row["question_id"] == "safety")


def number_item(row: dict[str, Any]) -> AnswerItem:
    """A question that a number could answer."""
    if row["context"]:
        labels = row["context"].partition(":")[2].split("/")
        kind = "multi" if row["kind"] == "multi" else "choice"
        return AnswerItem(kind, tuple(Option(key, label.strip()) for key, label in enumerate(labels, 1)))  # type: ignore[arg-type]
    if row["kind"] == "cardinal":
        return AnswerItem("integer")
    count = row.get("n_options") or (row["expected"] + 2 if isinstance(row["expected"], int) else 5)
    return AnswerItem("choice", tuple(Option(key, f"thing{key}") for key in range(1, count + 1)))


def test_no_reply_about_needs_is_read_wrongly(lexicons: Lexicons) -> None:
    """What code cannot be sure of is left to be asked; nothing is recorded that was not said."""
    read, wrong = scored([(row, social_item(row)) for row in development("hrsn_replies_own")], lexicons)
    assert wrong == []
    assert read >= 60


def test_numbers_and_choices_are_read(lexicons: Lexicons) -> None:
    """At least nine in ten for certain, none wrong."""
    rows = [(row, number_item(row)) for row in development("choice_number")]
    rows = [({**row, "expected": len(item.options)} if row["expected"] == "last" else row, item) for row, item in rows]
    read, wrong = scored(rows, lexicons)
    assert wrong == []
    assert read >= 0.9 * len(rows)


def test_direct_yes_and_no_are_read(lexicons: Lexicons) -> None:
    """None of the direct replies wrong, next to none of the indirect ones."""
    direct = [(row, AnswerItem("boolean")) for name in ("yesno_en", "yesno_es") for row in development(name)]
    read, wrong = scored(direct, lexicons)
    plain = [row for row, _ in direct if row["expected"] in SIDES]
    assert wrong == []
    assert read >= 0.97 * len(plain)
    indirect = [(row, AnswerItem("boolean")) for row in development("yesno_indirect_en")]
    assert len(scored(indirect, lexicons)[1]) <= 0.01 * len(indirect)
