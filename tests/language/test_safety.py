"""Alarms beyond their wording: labels that are answers, order of gravity, laughter."""

from __future__ import annotations

import pytest

from bot.core.lexicon import Lexicon
from bot.core.safety import Alarm, read_alarm

Lexicons = dict[str, Lexicon]


def test_a_label_of_the_open_question_is_an_answer(lexicons: Lexicons) -> None:
    """Word for word a label: no alarm. Anything more: an alarm as ever."""
    labels = ("They are cutting my power today", "No")
    assert read_alarm("they are cutting my power today!", lexicons, "en", labels) is None
    assert read_alarm("they are cutting my power today", lexicons, "en") is not None
    assert read_alarm("no. they are cutting my power today", lexicons, "en", labels) is not None


def test_what_is_feared_now_comes_first(lexicons: Lexicons) -> None:
    """No food today does not hide a wish to die."""
    alarm = read_alarm("no food today and i want to die", lexicons, "en")
    assert alarm == Alarm("crisis", "now", certain=True)


@pytest.mark.parametrize("reply", ["nothing to eat tonight", "no tengo donde dormir esta noche"])
def test_needs_of_today_are_for_today(reply: str, lexicons: Lexicons) -> None:
    """Food, shelter and power are urgent today, not this minute."""
    alarm = read_alarm(reply, lexicons, "en")
    assert alarm is not None
    assert alarm.urgency == "today"


def test_laughter_makes_it_a_question(lexicons: Lexicons) -> None:
    """A laugh beside grave words: the person is asked."""
    alarm = read_alarm("im gonna kill myself lol", lexicons, "en")
    assert alarm == Alarm("crisis", "now", certain=False)


def test_an_old_story_is_asked_about(lexicons: Lexicons) -> None:
    """An attempt of long ago is not acted on at once, and not ignored."""
    alarm = read_alarm("i tried to kill myself years ago", lexicons, "en")
    assert alarm == Alarm("crisis", "now", certain=False)


def test_hyperbole_does_not_hide_what_follows(lexicons: Lexicons) -> None:
    """What is harmless is taken out; the rest still counts."""
    assert read_alarm("this rent is killing me, i want to kill myself", lexicons, "en") == Alarm("crisis", "now", True)
    assert read_alarm("im not suicidal but he hits me", lexicons, "en") == Alarm("danger", "now", True)


def test_an_alarm_in_the_middle_of_an_answer_is_heard(lexicons: Lexicons) -> None:
    """A number before it changes nothing."""
    assert read_alarm("3. honestly i dont want to be alive", lexicons, "en") == Alarm("crisis", "now", True)
