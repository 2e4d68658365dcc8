"""What a lexicon file must hold, and what is wrong with one, said with the place so that its author can mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.core import text
from bot.core.patterns import Node, PatternError, PatternReader, Spell


def _names(names: str, section: str = "") -> tuple[str, ...]:
    """Names written in one line, in their section."""
    return tuple(section + name for name in names.split())


_HIGHEST = 100

INTENTS = _names(
    "skip decline unsure repeat back later resume ask_why ask_who ask_privacy ask_cost ask_how_long ask_meaning "
    "ask_person wrong_person maybe_wrong_person change_language thanks greet"
)
# Of these there is one for each language that can be wished for, and one for all others.
BY_LANGUAGE = "change_language_"
ALARMS = _names("crisis emergency danger abuse_report no_food no_shelter shut_off")
TOPICS = {
    "need": _names(
        "food housing transportation utilities safety financial employment support education activity substance "
        "mental_health stress disability"
    ),
    "status": _names("got_help waiting never_heard could_not_go not_eligible no_longer_needed no_help"),
    "language": (),
    "request": _names("ask_person change_language later wrong_person"),
}

PATTERNS = (
    *_names("words weak_words fillers whole begins anywhere ignore partial breaks others", "keywords.stop."),
    *_names("fillers start.words start.phrases help.words", "keywords."),
    *_names("ignore losing_home home_lost at_a_loss milder calls", "safety."),
    *_names("past present ended afresh well not_well safe_now taken_back", "safety."),
    *_names("fillers correct correct_but", "commands."),
    "topics.ignore",
    *_names("yes soft_yes no plain_no yes_head no_head yes_no_fillers before after because", "answers."),
    *_names("hedged_yes hedged_no no_harm doubt over lacking others alone", "answers."),
    *_names("all all_but none zero last middle about approximate range counted", "answers."),
    *_names("negated inverted confirmed lacking offer minutes hours weeks months years weekly", "questions."),
    *_names(
        "agree disagree has has_not does does_not takes declines either_way not_at_all period unsure", "questions."
    ),
)
LISTS = (
    *_names("not_before after", "keywords.stop."),
    *_names("laughter", "safety."),
    *_names(
        "and or hedges contrast negation letters weak degree statement therefore if_words turns subjects", "answers."
    ),
    *_names("anaphors not_counted_before counted_after each_day none_at_all asking others times", "questions."),
    *_names("articles therefore reasons", "questions."),
    *_names("joiners ordinal_suffixes", "numbers."),
    *_names("in am pm next of ago on not_months unknown_days", "times."),
)
COUNTS = (
    *_names("times values scales ordinals minutes weekly", "numbers."),
    "dates.months",
    *_names("days weekdays weeks parts todays soons delays counts units at past", "times."),
)
MAPS = (*COUNTS, "numbers.vague", "questions.echoes", "units")


def look_up(data: Mapping[str, Any], path: str) -> Any:
    """What stands at a dotted place, or ``None``."""
    here: Any = data
    for part in path.split("."):
        here = here.get(part) if isinstance(here, Mapping) else None
    return here


def command_intents(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The commands that the file has patterns for, in the order they are tried: "text me in Spanish" names no time."""
    here = look_up(data, "commands") or {}
    wished = sorted(str(name) for name in here if str(name).startswith(BY_LANGUAGE))
    return tuple(intent for intent in (*wished, *INTENTS) if here.get(intent))


def topic_values(data: Mapping[str, Any], topic: str) -> tuple[str, ...]:
    """The values of a topic that the file has patterns for, in its order."""
    return tuple(str(name) for name in look_up(data, f"topics.{topic}") or ())


def alarm_kinds(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The alarms that the file has patterns for, gravest first."""
    return tuple(kind for kind in ALARMS if look_up(data, f"safety.{kind}") is not None)


def scale_levels(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every scale with each of its levels, in the order of the file."""
    scales = look_up(data, "answers.scales")
    if not isinstance(scales, Mapping):
        return []
    return [(str(scale), str(level)) for scale, levels in scales.items() for level in levels or ()]


def reply_answers(data: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The codes of the questions that the file has words for, each with the codes of the answers."""
    replies = data.get("replies")
    if not isinstance(replies, Mapping):
        return {}
    return {
        str(item): tuple(str(answer) for answer in answers)
        for item, answers in replies.items()
        if item not in ("sets", "labels") and isinstance(answers, Mapping)
    }


def label_answers(data: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """As :func:`reply_answers`, for the labels by which a question of another code is known to be the same one."""
    labels = look_up(data, "replies.labels")
    return reply_answers({"replies": labels}) if isinstance(labels, Mapping) else {}


def pattern_paths(data: Mapping[str, Any]) -> list[str]:
    """Every place that holds patterns."""
    alarms = [f"safety.{kind}.{sure}" for kind in alarm_kinds(data) for sure in ("certain", "doubtful")]
    topics = [f"topics.{topic}.{value}" for topic in TOPICS for value in topic_values(data, topic)]
    scales = [f"answers.scales.{scale}.{level}" for scale, level in scale_levels(data)]
    replies = [f"replies.{item}.{answer}" for item, answers in reply_answers(data).items() for answer in answers]
    labels = [f"replies.labels.{item}.{answer}" for item, answers in label_answers(data).items() for answer in answers]
    return [
        *PATTERNS,
        *alarms,
        *topics,
        *scales,
        *replies,
        *labels,
        *(f"commands.{intent}" for intent in command_intents(data)),
    ]


def lint(data: Any) -> list[str]:
    """Every problem of a parsed lexicon file, each with its place; an empty list when there is none."""
    return lint_shape(data) or read_patterns(data, text.words)[1]


def lint_shape(data: Any) -> list[str]:
    """As :func:`lint`, but without a look into the patterns."""
    if not isinstance(data, Mapping):
        return ["the file is not a table of sections"]
    return [*_unknown(data), *_missing(data), *_not_text(data, "")] or [*_bad_values(data)]


def read_patterns(data: Mapping[str, Any], spell: Spell) -> tuple[dict[str, list[Node]], list[str]]:
    """The patterns of every place, read, and what is wrong with those that cannot be. The shape must be right."""
    reader = PatternReader({**data["sets"], **(look_up(data, "replies.sets") or {})}, spell)
    problems: list[str] = []
    nodes: dict[str, list[Node]] = {}
    for path in pattern_paths(data):
        nodes[path] = []
        for at, pattern in enumerate(look_up(data, path), 1):
            try:
                nodes[path].append(reader.read(pattern))
            except PatternError as error:
                problems.append(f"{path}, entry {at}: {error}")
    return nodes, problems


def _unknown(data: Mapping[str, Any]) -> Iterator[str]:
    """Misspelt commands and alarms, which would otherwise be ignored without a word."""
    allowed = {
        "commands": [*INTENTS, "fillers", "correct", "correct_but"],
        "safety": [
            *ALARMS,
            "ignore",
            "milder",
            "calls",
            "past",
            "present",
            "ended",
            "afresh",
            "well",
            "not_well",
            "safe_now",
            "losing_home",
            "home_lost",
            "at_a_loss",
            "taken_back",
            "laughter",
        ],
        "topics": [*TOPICS, "ignore"],
        **{f"topics.{topic}": [*values] for topic, values in TOPICS.items() if values},
    }
    for section, names in allowed.items():
        here = look_up(data, section)
        for name in here if isinstance(here, Mapping) else ():
            if name not in names and not f"{section}.{name}".startswith(f"commands.{BY_LANGUAGE}"):
                yield f"{section}.{name}: unknown; known are {', '.join(names)}"


def _missing(data: Mapping[str, Any]) -> Iterator[str]:
    """Places that must be there with the right shape."""
    for path in [*LISTS, *pattern_paths(data), "typos", "real_words"]:
        if not isinstance(look_up(data, path), list):
            yield f"{path}: a list is needed here"
    for path in [*MAPS, "answers.scales", "sets", "spelling", *(f"topics.{topic}" for topic in TOPICS)]:
        if not isinstance(look_up(data, path), Mapping):
            yield f"{path}: a table is needed here"


def _not_text(data: Any, place: str) -> Iterator[str]:
    """Words that YAML read as something else (yes, no, on, off, 12)."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            here = f"{place}.{key}".strip(".")
            if not isinstance(key, str):
                yield f"{here}: {key!r} is not text; put it in quotes"
            yield from _not_text(value, here)
    elif isinstance(data, list):
        for at, value in enumerate(data, 1):
            if not isinstance(value, str) and not place.startswith("numbers.vague"):
                yield f"{place}, entry {at}: {value!r} is not text; put it in quotes"


def _bad_values(data: Mapping[str, Any]) -> Iterator[str]:
    """Tables whose right-hand sides are of the wrong kind."""
    for path in COUNTS:
        for word, value in look_up(data, path).items():
            if not isinstance(value, int) or isinstance(value, bool):
                yield f"{path}.{word}: {value!r} is not a whole number"
    for scale, level in scale_levels(data):
        if not level.isdecimal() or int(level) > _HIGHEST:
            yield f"answers.scales.{scale}: {level!r} is not a level from 0 to {_HIGHEST}"
    for word, value in data["spelling"].items():
        if not isinstance(value, str):
            yield f"spelling.{word}: {value!r} is not text; put it in quotes"
