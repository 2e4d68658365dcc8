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
    """One answer option. ``need`` is the instrument's mark "might have an unmet need"; ``score`` its ordinal value.

    ``alarm`` names the alarm that choosing it raises (``crisis``); ``no_answer`` marks "I choose not to answer" and
    the like, which count as missing in scores and needs.
    """

    code: str
    system: str
    label: Texts
    score: int | None = None
    need: bool = False
    exclusive: bool = False
    alarm: str | None = None
    no_answer: bool = False


@dataclass(frozen=True)
class Condition:
    """One FHIR ``enableWhen``: the answer to ``question`` compared by ``operator`` with ``answer``.

    ``answer`` is an option code, a boolean, a number or (for ``exists``) a boolean.
    """

    question: str
    operator: str
    answer: str | bool | float


@dataclass(frozen=True)
class Enabling:
    """The conditions of one element: all of them must hold, or (``every`` false) any of them."""

    conditions: tuple[Condition, ...]
    every: bool = True


@dataclass(frozen=True)
class Item:
    """One question. ``kind``: choice, multi, boolean, integer, decimal, quantity, string, text or date.

    ``private`` items come only after the patient said that they are alone; ``not_by_proxy`` items are for the
    patient in person, never for a relative or carer who answers. ``intro`` is the exact wording that stands before
    the first item of a group. ``open`` choices take words of the patient's own, too. ``alarm`` names the alarm that
    a yes raises (choices have it on their options). ``enabled_by``: every one of them must hold, or it is not
    asked. ``minimum_age``: below it, in years, the answer does not count. ``unit``: what a number counts, as a
    table under ``units`` in the lexicon.
    """

    link_id: str
    code: str | None
    kind: str
    text: Texts
    group: str
    intro: Texts = field(default_factory=dict)
    help: Texts = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    enabled_by: tuple[Enabling, ...] = ()
    private: bool = False
    not_by_proxy: bool = False
    open: bool = False
    alarm: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    minimum_age: int | None = None
    unit: str = "count"

    def option(self, number: int) -> Option:
        """The option shown as ``number`` (from 1). Raises ``IndexError`` when there is none."""
        if not 1 <= number <= len(self.options):
            raise IndexError(number)
        return self.options[number - 1]


@dataclass(frozen=True)
class ScoreRule:
    """A figure made of the points of its items: an option's ordinal value, or the number that was answered.

    ``operation`` is ``sum`` or ``product``. ``missing`` states the policy for missing answers: ``no-value`` (no
    value unless every item was answered); empty when the file states none.
    """

    name: str
    code: str | None
    items: tuple[str, ...]
    operation: str = "sum"
    missing: str = ""


@dataclass(frozen=True)
class Cut:
    """Where a score becomes a need, for one group of people: at or above ``at_least``, or under ``below``.

    Ages are whole years, both ends counted. ``who`` names a group that the bot cannot tell ("men"), for readers.
    """

    at_least: int | None = None
    below: int | None = None
    from_age: int | None = None
    to_age: int | None = None
    who: str = ""

    def is_need(self, value: float) -> bool:
        """Whether ``value`` is a need by this cut."""
        return value >= self.at_least if self.at_least is not None else value < (self.below or 0)

    def may_apply(self, age: int | None) -> bool:
        """Whether it is, or for an unknown age may be, the cut for somebody of ``age``."""
        if age is None:
            return True
        return (self.from_age is None or age >= self.from_age) and (self.to_age is None or age <= self.to_age)


@dataclass(frozen=True)
class NeedRule:
    """When a domain is a need: any marked answer among ``items``, or ``score`` on the wrong side of its ``cuts``.

    ``answers``: only these option codes count, instead of the marked ones. ``missing`` states the policy for
    missing answers: ``unknown`` (null unless an answer already decides) or ``bounds`` (null unless the least and the
    greatest possible score decide); empty when the file states none.
    """

    domain: str
    items: tuple[str, ...]
    answers: tuple[str, ...] = ()
    score: str | None = None
    cuts: tuple[Cut, ...] = ()
    missing: str = ""


@dataclass(frozen=True)
class NavigationRule:
    """Eligibility for navigation: at least one need, and ``item`` at least ``at_least``."""

    item: str
    at_least: int


@dataclass(frozen=True)
class Instrument:
    """A questionnaire that can be run. ``version`` is pinned by a running screening.

    ``languages``: those in which every text stands; ``unofficial``: those whose texts are drafts. ``notes``: what
    the file holds and the bot leaves aside, each with its place.
    """

    id: str
    version: str
    title: str
    languages: tuple[str, ...]
    items: tuple[Item, ...]
    scores: tuple[ScoreRule, ...] = ()
    needs: tuple[NeedRule, ...] = ()
    navigation: NavigationRule | None = None
    unofficial: tuple[str, ...] = ()
    copyright: str = ""
    notes: tuple[str, ...] = ()

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
