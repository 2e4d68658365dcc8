"""Makes the second opinion (:mod:`bot.core.second_opinion`) from the examples in ``dialogs/safety``.

What the dialog model learns from (``nlu_data``) counts as harmless here. Runs in the dialog environment, as a part of
``dialogs.train``; the same examples always give the same model.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy
import yaml
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bot.core.safety import AlarmKind
from bot.core.second_opinion import SIZE, Row, features_of, share_of, to_file

ROOT = Path(__file__).resolve().parents[1]
HARMLESS = "none"
OPT_OUT = "opt_out"
KINDS: tuple[AlarmKind, ...] = ("crisis", "danger", "emergency", "abuse_report")
# How closely the examples are followed; measured with `python -m tests.measure.safety`.
FOLLOWS = 20.0
_LARGEST = 32767
_ENTITY = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")

Example = tuple[str, str]


def examples() -> list[Example]:
    """Every text with its kind, :data:`HARMLESS` among them. Raises ``ValueError`` for a kind that there is not."""
    return safety_examples() + [
        (said, HARMLESS) for path in sorted((ROOT / "nlu_data").rglob("*.yml")) for said in _of_nlu(path)
    ]


def safety_examples() -> list[Example]:
    """What :func:`examples` begins with: those of ``dialogs/safety``."""
    return [example for path in sorted((ROOT / "dialogs" / "safety").glob("*.yml")) for example in _of_safety(path)]


def train() -> bytes:
    """The model as the file that the app reads."""
    every = examples()
    features = matrix([said for said, _ in every])
    kinds = numpy.array([kind for _, kind in every])
    grave = numpy.isin(kinds, KINDS)
    rows = {kind: as_row(fit(features[grave], kinds[grave] == kind)) for kind in KINDS}
    return to_file(as_row(fit(features, grave)), as_row(fit(features, kinds == OPT_OUT)), rows)


def matrix(texts: Sequence[str]) -> Any:
    """The features of each text as a row."""
    starts: list[int] = [0]
    places: list[int] = []
    shares: list[float] = []
    for said in texts:
        for family in features_of(said):
            places.extend(family)
            shares.extend([share_of(family)] * len(family))
        starts.append(len(places))
    rows = csr_matrix((shares, places, starts), shape=(len(texts), SIZE))
    rows.sum_duplicates()
    return rows


def fit(features: Any, wanted: Any) -> Any:
    """A logistic regression for one question."""
    model = LogisticRegression(C=FOLLOWS, solver="liblinear", tol=1e-2, max_iter=100, random_state=42)
    return model.fit(features, wanted)


def as_row(model: Any) -> Row:
    """The regression in whole numbers, which are the same wherever they are read."""
    weights = model.coef_[0]
    scale = float(abs(weights).max()) / _LARGEST
    return Row(float(model.intercept_[0]), scale, array("h", numpy.round(weights / scale).astype(int).tolist()))


def _of_safety(path: Path) -> Iterator[Example]:
    for kind, texts in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        if kind not in (*KINDS, OPT_OUT, HARMLESS):
            raise ValueError(f"{path}: there is no kind {kind!r}")
        yield from ((str(said), kind) for said in texts)


def _of_nlu(path: Path) -> Iterator[str]:
    for part in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
        if "intent" in part:
            lines = (line.strip().removeprefix("-").strip() for line in part["examples"].splitlines())
            yield from (_ENTITY.sub(r"\1", line) for line in lines if line)
