"""Reads a message by code, against what is open in the thread. What code cannot read goes to the NLU as words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.asked import Asked, asked
from bot.content import Content
from bot.core.answering import read_choice_number, read_privacy, read_reply
from bot.core.asides import cuts, read_need, read_remark
from bot.core.callbacks import read_callback
from bot.core.commands import read_command, read_whole_command
from bot.core.dialog import Reading
from bot.core.halves import denies, is_contraction, is_doubtful, only_begins
from bot.core.offered import names_a_place, read_offered
from bot.core.picking import Choice, read_pick, says_changed, stated_zip
from bot.core.text import words
from bot.reading_changes import read_change
from bot.remarks import read_remark_on, wants_an_end
from bot.scene import Scene

MENU_CHOICES = 3
# Rasa keeps some intent names for itself.
RASA_INTENTS = {"back": "go_back"}
# Commands that may as well be an answer to the open item.
ANSWER_LIKE = frozenset({"affirm", "deny", "unsure", "thanks", "greet", "resume"})
# What may stand beside an answer, which then counts all the same.
BESIDE = frozenset(
    {"ask_why", "ask_who", "ask_privacy", "ask_cost", "ask_how_long", "ask_person", "change_language", "state_need"}
    | {"later", "thanks", "answering_for_other"}
)
# Beside these an answer is none: it may be somebody else's, or the question was not understood.
INSTEAD = {
    "wrong_person": "maybe_wrong_person",
    "maybe_wrong_person": "maybe_wrong_person",
    "ask_meaning": "ask_meaning",
}
# What a message says when all of it is one of these, whatever yes, no or number seems to stand in it ("no quiero
# contestar" is no "no", "a human" no letter).
OUTRIGHT = frozenset(
    {"decline", "ask_person", "wrong_person", "change_language", "later", "ask_why", "ask_who", "back"}
)
# Wishes that count before words which might say how it went with a place.
BEFORE_A_STATUS = frozenset({"ask_person", "change_language", "later", "wrong_person"})


def read_message(content: Content, scene: Scene, *, late: bool = False) -> Reading | None:
    """As :func:`read_words`, for the message of the scene, with the time that it names where it puts something off."""
    reading = read_words(content, scene.claimed.body, asked(content, scene), late=late)
    if reading is not None and reading.intent == "later" and reading.value is None:
        return replace(reading, value=_moment(content, scene))
    if reading is not None and reading.aside is not None and reading.aside.intent == "later":
        return replace(reading, aside=replace(reading.aside, value=_moment(content, scene)))
    if scene.form is None and scene.remembered.get("paused") and (reading is None or reading.intent == "give_answer"):
        # Nothing is open but the question when to text again.
        moment = _moment(content, scene)
        return reading if moment is None else Reading("later", moment)
    return reading


def read_words(content: Content, text: str, asked: Asked, *, late: bool = False) -> Reading | None:
    """What ``text`` means, or None when only the NLU can tell.

    A ``late`` reply to a private item is not read as an answer: the privacy check is asked again. What else the
    patient says (wrong person, later, a person please) counts.
    """
    command = _command(content, text, asked)
    if late:
        return Reading("resume") if command is None or command.intent in ANSWER_LIKE else command
    given = _stated_zip(content, text, asked)
    pending = given or _pending(content, text, asked, command) or read_change(content, text, asked, _answer)
    pending = pending or read_remark_on(content, text, asked, command)
    if pending is not None:
        return pending
    private = asked.gate or (asked.item is not None and asked.item.private)
    if asked.item is not None and private and command is not None and command.intent not in ANSWER_LIKE:
        return command
    if asked.gate:
        said = _privacy(content, text, asked, command)
        return said or _beside_private(content, text, asked) or _need(content, text, asked)
    found = _answer(content, text, asked)
    if private:
        return _beside_answer(content, text, asked, found) or command
    if _is_outright(content, text, asked):
        return command
    both = _two_parts(content, text, asked, found, command)
    if both is None and found is not None and found.value is None and command is not None:
        # An unclear answer yields to a plain wish: "text me tomorrow at 3" holds a number, too.
        return command
    return both or found or command or _changed(content, text, asked) or _need(content, text, asked)


def _is_outright(content: Content, text: str, asked: Asked) -> bool:
    """Whether the message is a wish and nothing else, and the open item has no option that is worded so."""
    if asked.item is None or any(option.no_answer for option in asked.item.options):
        return False
    command = read_whole_command(text, content.lexicons, asked.language)
    said = " ".join(words(text))
    return (
        command is not None
        and command.intent in OUTRIGHT
        and not any(said == " ".join(words(label)) for label in asked.labels)
    )


def _privacy(content: Content, text: str, asked: Asked, command: Reading | None) -> Reading | None:
    """A reply to the privacy check. A soft yes is no yes here: it is asked again."""
    alone = read_privacy(text, content.privacy, content.lexicons, asked.language)
    if alone is not None:
        return Reading("affirm" if alone else "deny")
    if command is not None and command.intent == "affirm":
        return Reading("give_answer")
    return command


def _pending(content: Content, text: str, asked: Asked, command: Reading | None) -> Reading | None:
    """A reply to what was asked beside the open question: which answer to change, whether to go on in another language.

    A language is only offered where the open question takes no yes or no.
    """
    if asked.which:
        number = read_choice_number(text, asked.which, content.lexicons, asked.language)
        return Reading("correct", {"which": number}) if number is not None else command or Reading("repeat")
    if command is None or command.intent not in ("affirm", "deny"):
        return None
    if len(asked.maybe) == 1 and command.intent == "deny":
        return Reading("repeat")
    if asked.offered is None:
        return None
    return Reading("change_language", asked.offered if command.intent == "affirm" else asked.language)


def _two_parts(
    content: Content, text: str, asked: Asked, whole: Reading | None, command: Reading | None
) -> Reading | None:
    """An answer and something else in one message; None unless one part is certainly the one and one the other.

    An answer that the whole message gives must be the same. A question may follow the first word without a mark
    ("yes who is this"); other wishes may not ("no english").
    """
    runs_on = command is None or command.intent.startswith("ask_")
    for said, aside in _beside(content, text, asked, runs_on=runs_on):
        answer = _part(content, said, asked)
        if answer is None:
            continue
        if aside.intent in INSTEAD.values():
            return aside
        if whole is not None and whole.value not in (None, answer.value):
            # A day that is part of the answer ("mon, wed and fri") is no wish to be texted then.
            return whole if aside.intent == "later" else Reading("give_answer")
        if asked.consent and aside.intent == "later":
            return aside
        return answer if aside.intent == "thanks" else replace(answer, aside=aside)
    return None


def _beside(content: Content, text: str, asked: Asked, *, runs_on: bool) -> Iterator[tuple[str, Reading]]:
    """Every part of the message with what the other part says that is no answer.

    Without a mark between them the first word is the part ("como 3" is no question), and a no belongs to what
    follows it ("no hay camión").
    """
    marked = set(_halves(content, text))
    for said, other in _halves(content, text, after_first_word=runs_on):
        unmarked = (said, other) not in marked
        aside = None if unmarked and text.startswith(other) else _aside(content, other, asked)
        if aside is None or is_contraction(said, content.lexicons[asked.language]):
            continue
        # A question is no doubt of the word before it ("no who is this").
        whole = unmarked and not aside.intent.startswith("ask_")
        if is_doubtful(content.lexicons, text, said=text if whole else said):
            continue
        if not (unmarked and aside.intent == "state_need" and denies(content.lexicons, said)):
            yield said, aside


def _beside_answer(content: Content, text: str, asked: Asked, found: Reading | None) -> Reading | None:
    """A reply to a private question: a certain answer, else what is said beside one, else what is needed."""
    if found is not None and found.value is not None:
        return found
    return _beside_private(content, text, asked) or found or _need(content, text, asked)


def _beside_private(content: Content, text: str, asked: Asked) -> Reading | None:
    """At a private question only the rest of such a message counts; the question is asked again."""
    asides = (_aside(content, other, asked) for _, other in _halves(content, text))
    return next((aside for aside in asides if aside is not None and aside.intent != "thanks"), None)


def _halves(content: Content, text: str, *, after_first_word: bool = False) -> Iterator[tuple[str, str]]:
    for left, right in cuts(text, content.asides, after_first_word=after_first_word):
        yield left, right
        yield right, left


def _aside(content: Content, text: str, asked: Asked) -> Reading | None:
    """What a part of a message says that is no answer, if it is certain."""
    command = _command(content, text, asked) or _need(content, text, asked)
    if command is None or command.intent not in BESIDE | INSTEAD.keys():
        return None
    return replace(command, intent=INSTEAD.get(command.intent, command.intent))


def _part(content: Content, text: str, asked: Asked) -> Reading | None:
    """The certain answer that a part of a message gives to what is open."""
    if asked.consent:
        command = _command(content, text, asked)
        return command if command is not None and command.intent in ("affirm", "deny") else None
    if only_begins(content.lexicons, text):
        return None
    answer = _answer(content, text, asked)
    return answer if answer is not None and answer.value is not None else None


def _need(content: Content, text: str, asked: Asked) -> Reading | None:
    """Something that the patient says they need, out of the blue."""
    domain = read_need(text, content.asides, content.lexicons, asked.language)
    return None if domain is None else Reading("state_need", domain)


def _changed(content: Content, text: str, asked: Asked) -> Reading | None:
    """That things are not as they were, from somebody who is not being asked anything else."""
    idle = asked.item is None and asked.choice is None and not asked.consent
    return Reading("report_change") if idle and says_changed(text, content.about_places) else None


def _stated_zip(content: Content, text: str, asked: Asked) -> Reading | None:
    """A ZIP code from somebody who is not being asked anything else."""
    if asked.item is not None or asked.choice is not None or asked.consent:
        return None
    code = stated_zip(text, content.about_places, content.lexicons, asked.language)
    return None if code is None else Reading("give_answer", code)


def _picked(content: Content, text: str, choice: Choice, asked: Asked) -> Reading | None:
    """What a reply picks where places are talked about."""
    value = read_pick(text, choice, content.about_places, content.lexicons, asked.language)
    command = _command(content, text, asked)
    if isinstance(value, str) and command is not None and command.intent in BEFORE_A_STATUS:
        return None
    return None if value is None else Reading("give_answer", value)


def _answer(content: Content, text: str, asked: Asked) -> Reading | None:
    if asked.choice is not None:
        return _picked(content, text, asked.choice, asked)
    if asked.menu:
        number = read_choice_number(text, MENU_CHOICES, content.lexicons, asked.language)
        return None if number is None else Reading("give_answer", number)
    if asked.item is None:
        return None
    offered = read_offered(text, asked.maybe, content.lexicons, asked.language)
    if offered is not None:
        return Reading("give_answer", offered)
    if names_a_place(text, asked.maybe, content.lexicons):
        return Reading("give_answer", maybe=asked.maybe)
    answered = read_reply(text, asked.item, content.lexicons, asked.language)
    if answered is None:
        return None
    return Reading("give_answer", answered.value, maybe=() if asked.item.private else answered.maybe)


def _command(content: Content, text: str, asked: Asked) -> Reading | None:
    command = read_command(text, content.lexicons, asked.language)
    if command is None:
        remark = read_remark(text, content.asides)
        return wants_an_end(content, text, asked) if remark is None else Reading(remark)
    return Reading(RASA_INTENTS.get(command.intent, command.intent), command.value)


def _moment(content: Content, scene: Scene) -> dict[str, Any] | None:
    """The time at which the patient wants to be texted, as JSON; None when the message names none."""
    found = read_callback(scene.claimed.body, scene.now, scene.zone, content.lexicons, scene.language)
    return None if found is None else found.to_json()
