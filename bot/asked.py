"""What a message meets: the question that is open in its thread, and what else the patient was asked beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.content import Content
from bot.core.correcting import passed
from bot.core.instrument import Item
from bot.core.picking import Choice, open_choice
from bot.core.screening import guard, open_item
from bot.scene import Scene

PRIVATE_ITEM_STALE_AFTER = timedelta(minutes=30)


@dataclass(frozen=True)
class Asked:
    """What a message meets: the open item, the menu, the privacy check or the consent question, or nothing.

    ``share`` is whether a place may be told; ``idle``: nothing is open; ``decided``: the patient said yes or no to
    the texts, ``agreed``: yes; ``referred``: places are open for the patient, ``told``: and one of them knows of it.
    ``offered`` is a language that was offered last; ``maybe`` two values and ``which`` a number of items that the
    patient was asked to choose from; ``passed`` the items that have an answer, the latest last; ``shown`` these and the
    open one, in the order of the questions; ``choice`` what can be picked where places are talked about.
    """

    language: str
    item: Item | None = None
    gate: bool = False
    menu: bool = False
    consent: bool = False
    share: bool = False
    idle: bool = False
    decided: bool = False
    agreed: bool = False
    referred: bool = False
    told: bool = False
    offered: str | None = None
    maybe: tuple[Any, ...] = ()
    which: int = 0
    passed: tuple[Item, ...] = ()
    shown: tuple[Item, ...] = ()
    choice: Choice | None = None

    @property
    def awaits_nothing(self) -> bool:
        """Whether nothing is open that takes an answer of its own."""
        open_now = self.gate or self.menu or self.consent or self.offered or self.passed
        return self.item is None and self.choice is None and not open_now

    @property
    def labels(self) -> tuple[str, ...]:
        """The option labels of the open item in every language: words that are an answer, whatever they say."""
        return () if self.item is None else tuple(text for each in self.item.options for text in each.label.values())


def asked(content: Content, scene: Scene) -> Asked:
    """What is open in the scene's thread."""
    progress = scene.progress if scene.screening_form_open else None
    open_now = Asked(
        scene.language,
        _open_item(content, scene),
        menu=scene.form == "menu_form",
        consent=scene.form == "consent_form",
        share=scene.form == "share_form",
        idle=scene.form is None,
        decided=scene.remembered.get("consent") is not None,
        agreed=scene.consented,
        referred=bool(scene.referrals),
        told=any(each["told"] for each in scene.referrals),
        offered=scene.remembered.get("offer"),
        choice=open_choice(scene.form, scene.kept_places),
    )
    if progress is None:
        return open_now
    instrument = content.instruments[progress.instrument]
    return replace(
        open_now,
        gate=progress.gate,
        maybe=progress.maybe,
        which=len(progress.which),
        passed=passed(instrument, progress),
        shown=tuple(item for item in instrument.items if item.link_id in (*progress.asked, progress.at)),
    )


def guard_private(content: Content, scene: Scene) -> Scene:
    """The scene behind a new privacy check when a private item has been open for long: who holds the phone now?"""
    progress = scene.progress
    if progress is None or not _private_and_late(content, scene):
        return scene
    guarded = guard(content.instruments[progress.instrument], progress)
    return scene.with_progress(guarded)


def open_labels(content: Content, scene: Scene) -> tuple[str, ...]:
    """See :attr:`Asked.labels`."""
    return asked(content, scene).labels


def _open_item(content: Content, scene: Scene) -> Item | None:
    progress = scene.progress
    if not scene.screening_form_open or progress is None or progress.gate or progress.at is None:
        return None
    return open_item(content.instruments[progress.instrument], progress)


def _private_and_late(content: Content, scene: Scene) -> bool:
    """Counted from when the patient was last answered: HELP, a picture or a reminder says nothing of who is there."""
    item = _open_item(content, scene)
    asked_at = scene.last_answered_at or scene.last_turn_at
    if item is None or not item.private or asked_at is None:
        return False
    return scene.now - asked_at > PRIVATE_ITEM_STALE_AFTER
