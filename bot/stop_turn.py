"""The turns of a demand to stop: one confirmation, or the question whether it was one.

What the rules of :mod:`bot.core.keywords` hear opts out at once. What only the second opinion hears is asked about,
and until the patient writes again nothing goes out that they did not ask for (:mod:`bot.core.gate`).
"""

from __future__ import annotations

from dataclasses import replace

from bot.asked import guard_private, open_labels
from bot.bootstrap import Deps
from bot.core import text
from bot.core.answering import guess_language
from bot.core.dialog import JsonObject, Reading, Reply
from bot.core.keywords import Keyword
from bot.core.second_opinion import doubts_stop
from bot.core.yesno import read_yes_no
from bot.dialog_turn import dialog_turn
from bot.outcome import Outcome
from bot.safety_turn import alarm_in, alarmed
from bot.scene import Scene

# "yes please stop it": in more words than these something else is said, too.
_SHORT_ANSWER = 4


def stopped(deps: Deps, scene: Scene, keyword: Keyword) -> Outcome:
    """One confirmation, unless Twilio has already sent its own; and the words of help if there is danger too."""
    language = guess_language(scene.claimed.body, deps.content.telltales) or scene.language
    said: tuple[Reply, ...] = () if keyword.exact or scene.opted_out else (scene.says(deps, "stopped", language),)
    events: tuple[JsonObject, ...] = ({"type": "opted_out", "source": keyword.source},)
    alarm = alarm_in(deps, scene)
    if alarm is None:
        return Outcome("opted_out", said, events, final_words=True)
    danger = alarmed(deps, scene, alarm)
    return Outcome("opted_out", danger.replies[:1] + said, danger.events + events, danger.state, final_words=True)


def decide_stop_doubt(deps: Deps, scene: Scene) -> Outcome | None:
    """A text that may be a demand to stop is asked about; a yes, or the demand once more, opts out.

    After a no the conversation goes on where it was. Any other answer goes its usual way.
    """
    if scene.is_due or scene.opted_out:
        return None
    answer = _short_answer(deps, scene) if scene.asked_to_stop else None
    if answer is False:
        back = dialog_turn(deps, guard_private(deps.content, scene), Reading("resume"))
        return replace(back, name="stop_denied", replies=(scene.says(deps, "stop_not_meant"), *back.replies))
    content, labels = deps.content, open_labels(deps.content, scene)
    demanded = doubts_stop(scene.claimed.body, content.lexicons, labels, content.second_opinion)
    if answer or (demanded and scene.asked_to_stop):
        return stopped(deps, scene, Keyword("stop", exact=False, source="phrase"))
    return Outcome("stop_doubted", (_question(deps, scene),), ({"type": "stop_doubted"},)) if demanded else None


def _question(deps: Deps, scene: Scene) -> Reply:
    language = guess_language(scene.claimed.body, deps.content.telltales) or scene.language
    return scene.says(deps, "stop_check", language)


def _short_answer(deps: Deps, scene: Scene) -> bool | None:
    """The yes or no to whether to stop; None when the text says something else."""
    found = text.tokens(scene.claimed.body)
    if len(text.spoken(found)) > _SHORT_ANSWER:
        return None
    languages = sorted(deps.content.lexicons, key=lambda name: name != scene.language)
    answers = (read_yes_no(found, deps.content.lexicons[name]) for name in languages)
    return next((answer for answer in answers if answer is not None), None)
