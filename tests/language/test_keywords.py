"""STOP, START and HELP beyond their wording: who said so, what Twilio has done, and what state the number is in."""

from __future__ import annotations

import pytest

from bot.core.keywords import Keyword, read_keyword
from bot.core.lexicon import Lexicon
from bot.core.second_opinion import doubts_stop

Lexicons = dict[str, Lexicon]


def read(body: str, lexicons: Lexicons, *, opted_out: bool = False, opt_out_type: str | None = None) -> Keyword | None:
    """Read with everything else as usual."""
    return read_keyword(body, opt_out_type=opt_out_type, opted_out=opted_out, lexicons=lexicons)


@pytest.mark.parametrize("word", ["STOP", "StopAll", " unsubscribe ", "cancel", "END", "quit", "revoke", "OptOut"])
def test_a_default_word_alone_was_answered_by_twilio(word: str, lexicons: Lexicons) -> None:
    """The bare word in any case: Twilio has replied, so no confirmation is due."""
    assert read(word, lexicons) == Keyword("stop", exact=True, source="keyword")


@pytest.mark.parametrize("body", ["Stop.", "stop please", "alto", "please stop texting me", "no mas"])
def test_any_other_wording_was_not(body: str, lexicons: Lexicons) -> None:
    """More than the bare word, or another language: the one confirmation is ours to send."""
    keyword = read(body, lexicons)
    assert keyword is not None
    assert (keyword.kind, keyword.exact) == ("stop", False)


@pytest.mark.parametrize(("told", "kind"), [("STOP", "stop"), ("start", "start"), ("HELP", "help")])
def test_what_twilio_says_decides(told: str, kind: str, lexicons: Lexicons) -> None:
    """OptOutType wins over any body."""
    keyword = read("anything", lexicons, opt_out_type=told)
    assert keyword is not None
    assert (keyword.kind, keyword.exact, keyword.source) == (kind, True, "twilio")


def test_an_unknown_opt_out_type_changes_nothing(lexicons: Lexicons) -> None:
    """A value that Twilio may add one day is not taken for a demand."""
    assert read("2", lexicons, opt_out_type="SOMETHING") is None


def test_yes_opts_in_only_who_is_opted_out(lexicons: Lexicons) -> None:
    """YES is an answer, except from a number that is opted out."""
    assert read("yes", lexicons) is None
    assert read("Yes", lexicons, opted_out=True) == Keyword("start", exact=True, source="keyword")
    assert read("yes i need food", lexicons, opted_out=True) is None


def test_start_in_other_words_needs_an_opt_out_first(lexicons: Lexicons) -> None:
    """ "Text me again" means something only after a STOP."""
    assert read("please text me again", lexicons) is None
    assert read("text me again", lexicons, opted_out=True) == Keyword("start", exact=False, source="phrase")
    assert read("START", lexicons) == Keyword("start", exact=True, source="keyword")


@pytest.mark.parametrize("body", ["HELP", "info", "help?", "ayuda", "AYUDA POR FAVOR"])
def test_help_is_heard_in_both_languages(body: str, lexicons: Lexicons) -> None:
    """HELP and its Spanish word."""
    keyword = read(body, lexicons)
    assert keyword is not None
    assert keyword.kind == "help"


@pytest.mark.parametrize("body", ["", " ", "\x00", "...", "2", "yes", "👍"])
def test_nothing_and_answers_are_no_keywords(body: str, lexicons: Lexicons) -> None:
    """Empty bodies and plain answers pass."""
    assert read(body, lexicons) is None


@pytest.mark.parametrize(
    "body",
    [
        "stop asking me about my housing",
        "STOP asking me about the rent",
        "quit asking me that",
        "stop bothering me about my bills",
        "enough with the questions about my family",
        "dejen de preguntarme de mi casa",
        "deje de preguntar eso",
        "ya no quiero preguntas de mi casa",
    ],
)
def test_a_demand_about_one_matter_is_asked_about(body: str, lexicons: Lexicons) -> None:
    """It may be meant for the question alone: no certain demand, and doubted with or without a model."""
    assert read(body, lexicons) is None
    assert doubts_stop(body, lexicons)


@pytest.mark.parametrize(
    "body",
    [
        "stop asking me",
        "stop asking me questions",
        "stop texting me about my housing",
        "stop asking about my house and stop texting me",
        "dejen de preguntar sobre mi casa y ya no me escriban",
    ],
)
def test_a_demand_about_the_texts_is_certain(body: str, lexicons: Lexicons) -> None:
    """Whatever the texts are about, and also beside a demand about one matter."""
    assert read(body, lexicons) == Keyword("stop", exact=False, source="phrase")
