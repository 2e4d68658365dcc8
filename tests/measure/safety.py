"""Measures how danger is heard, on examples left out of what was learnt: needs scikit-learn, so it runs as

    .venv-dialog/bin/python -m tests.measure.safety [--show SHARE]

Five folds, near-duplicates together, each read by a model of the other four; and the held-out wordings, which no
model has learnt. ``--show 0.6`` lists what is missed and what is doubted wrongly when the bot asks from there on.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy

from bot.content import load_content
from bot.core import text
from bot.core.safety import read_alarm, sounds_harmless
from bot.core.second_opinion import ASKS_AGAINST_RULES_FROM, SecondOpinion
from dialogs import second_opinion
from dialogs.second_opinion import KINDS, examples, fit, matrix

FOLDS = 5
ALIKE = 0.6
SHARES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
HELD_OUT = Path(__file__).parent


@dataclass(frozen=True)
class Heard:
    """A wording, whether it tells of danger, whether the rules hear it, and how likely the model finds danger."""

    said: str
    grave: bool
    by_rules: bool
    against: bool
    probability: float

    def is_heard(self, share: float) -> bool:
        """By the rules, or doubted when the bot asks from ``share`` on."""
        return self.by_rules or self.is_doubted(share)

    def is_doubted(self, share: float) -> bool:
        """By the second opinion alone."""
        return not self.by_rules and self.probability >= (
            max(share, ASKS_AGAINST_RULES_FROM) if self.against else share
        )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Measure how danger is heard.")
    parser.add_argument("--show", type=float, help="list what is heard wrongly when the bot asks from there on")
    shown = parser.parse_args().show
    every = examples()
    own = len(second_opinion.safety_examples())
    likely = left_out(every)
    read = [heard(said, kind, share) for (said, kind), share in zip(every, likely, strict=True)]
    parts = {"examples": read[:own], "ordinary replies": read[own:], "held out": held_out()}
    for name, part in parts.items():
        _print(name, part)
    if shown is not None:
        for each in (each for part in parts.values() for each in part if each.is_heard(shown) != each.grave):
            print(f"{each.probability:.2f} {'missed' if each.grave else 'doubted'}: {each.said}")  # noqa: T201


def heard(said: str, kind: str, probability: float) -> Heard:
    """A wording as the rules hear it, with what the model makes of it."""
    lexicons = load_content().lexicons
    alarm = read_alarm(said, lexicons, "en")
    now = alarm is not None and alarm.urgency == "now"
    return Heard(said, kind in KINDS, now, alarm is not None or sounds_harmless(said, lexicons), probability)


def held_out(opinion: SecondOpinion | None = None) -> list[Heard]:
    """The wordings that were written after all else and are learnt from by nothing, read by the trained model."""
    opinion = opinion or load_content().second_opinion
    if opinion is None:
        raise SystemExit("There is no trained model: run `bot train`.")
    lines = [line for path in sorted(HELD_OUT.glob("safety_heldout_*.jsonl")) for line in path.open(encoding="utf-8")]
    rows = [json.loads(line) for line in lines]
    return [heard(row["text"], row["kind"], opinion.read(row["text"]).probability) for row in rows]


def left_out(every: list[tuple[str, str]]) -> list[float]:
    """How likely each text tells of danger, by a model that has not seen it or anything like it."""
    features = matrix([said for said, _ in every])
    grave = numpy.array([kind in KINDS for _, kind in every])
    chance = random.Random(7)
    fold_of: dict[int, int] = {}
    folds = numpy.array([fold_of.setdefault(each, chance.randrange(FOLDS)) for each in alike(every)])
    likely = numpy.zeros(len(every))
    for fold in range(FOLDS):
        out = folds == fold
        likely[out] = fit(features[~out], grave[~out]).predict_proba(features[out])[:, 1]
    return [float(each) for each in likely]


def alike(every: list[tuple[str, str]]) -> list[int]:
    """A number for each text, the same for those that share most of their words."""
    first = list(range(len(every)))

    def find(at: int) -> int:
        while first[at] != at:
            at = first[at]
        return at

    seen: list[frozenset[str]] = []
    having: defaultdict[str, list[int]] = defaultdict(list)
    for at, (said, _) in enumerate(every):
        words = frozenset(text.words(said))
        shared: defaultdict[int, int] = defaultdict(int)
        for other in (other for word in words for other in having[word]):
            shared[other] += 1
        for other, count in shared.items():
            if count >= ALIKE * (len(words) + len(seen[other]) - count):
                first[find(other)] = find(at)
        seen.append(words)
        for word in words:
            having[word].append(at)
    return [find(at) for at in range(len(every))]


def _print(name: str, part: list[Heard]) -> None:
    grave, others = [each for each in part if each.grave], [each for each in part if not each.grave]
    rules = [sum(each.by_rules for each in rows) / max(len(rows), 1) for rows in (grave, others)]
    print(f"{name}: {len(grave)} grave, {len(others)} harmless; rules hear {rules[0]:.1%}, {rules[1]:.1%}")  # noqa: T201
    for share in SHARES:
        recall = sum(each.is_heard(share) for each in grave) / max(len(grave), 1)
        added = sum(each.is_doubted(share) for each in others) / max(len(others), 1)
        print(f"  asks from {share}: heard {recall:.1%}, doubted wrongly {added:.2%}")  # noqa: T201


if __name__ == "__main__":
    main()
