"""What a screening instrument is once its Questionnaire file has been read.

:mod:`bot.core.questionnaire` makes these from FHIR R4 ``Questionnaire`` JSON. Everything is frozen; texts are
maps from language to wording, and :func:`worded` picks one, falling back to the file's own language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Texts = Mapping[str, str]


@dataclass(frozen=True)
class Option:
    """One answer option. ``need`` is the instrument's mark "might have an unmet need"; ``score`` its ordinal value."""

    code: str
    system: str
    label: Texts
    score: int | None = None
    need: bool = False
    exclusive: bool = False


@dataclass(frozen=True)
class Condition:
    """One FHIR ``enableWhen``: the answer to ``question`` compared by ``operator`` with ``answer``.

    ``answer`` is an option code, a boolean, a number or (for ``exists``) a boolean.
    """

    question: str
    operator: str
    answer: str | bool | float


@dataclass(frozen=True)
class Item:
    """One question. ``kind``: choice, multi, boolean, integer, decimal, quantity, string, text or date.

    ``private`` items come only after the patient said that they are alone; ``intro`` is the exact wording
    that stands before the first item of a group.
    """

    link_id: str
    code: str | None
    kind: str
    text: Texts
    group: str
    intro: Texts = field(default_factory=dict)
    help: Texts = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    enable_when: tuple[Condition, ...] = ()
    enable_all: bool = True
    private: bool = False
    minimum: float | None = None
    maximum: float | None = None

    def option(self, number: int) -> Option:
        """The option shown as ``number`` (from 1). Raises ``IndexError`` when there is none."""
        if not 1 <= number <= len(self.options):
            raise IndexError(number)
        return self.options[number - 1]


@dataclass(frozen=True)
class ScoreRule:
    """A sum of ordinal values. ``minimum`` and ``maximum`` bound one item, for bounds on missing answers."""

    name: str
    code: str | None
    items: tuple[str, ...]
    minimum: int
    maximum: int


@dataclass(frozen=True)
class NeedRule:
    """When a domain is a need: any marked answer among ``items``, or ``score`` at or above ``threshold``.

    ``missing`` states the policy for missing answers: ``unknown`` (null unless an answer already decides) or
    ``bounds`` (null unless the least and greatest possible sums decide).
    """

    domain: str
    items: tuple[str, ...]
    score: str | None = None
    threshold: int | None = None
    missing: str = "unknown"


@dataclass(frozen=True)
class NavigationRule:
    """Eligibility for navigation: at least one need, and ``item`` at least ``at_least``."""

    item: str
    at_least: int


@dataclass(frozen=True)
class Instrument:
    """A questionnaire that can be run. ``version`` is pinned by a running screening."""

    id: str
    version: str
    title: str
    languages: tuple[str, ...]
    items: tuple[Item, ...]
    scores: tuple[ScoreRule, ...] = ()
    needs: tuple[NeedRule, ...] = ()
    navigation: NavigationRule | None = None
    unofficial: tuple[str, ...] = ()

    def item(self, link_id: str) -> Item:
        """The item with this link id. Raises ``KeyError`` when there is none."""
        for item in self.items:
            if item.link_id == link_id:
                return item
        raise KeyError(link_id)

    def position(self, link_id: str) -> int:
        """Where the item stands, from 0. Raises ``KeyError`` when there is none."""
        for index, item in enumerate(self.items):
            if item.link_id == link_id:
                return index
        raise KeyError(link_id)


def worded(texts: Texts, language: str) -> str:
    """The wording in ``language``, else in English, else the first there is, else an empty string."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")
