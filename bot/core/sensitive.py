"""What is known of well-known LOINC items, whoever encoded them: a file that forgets a mark is still asked with care.

A questionnaire marks its items itself (``urn:followthrough:private`` and so on); these are added to its marks.
"""

from __future__ import annotations

SAFETY = frozenset({"95618-5", "95617-7", "95616-9", "95615-1", "93026-3", "76501-6"})
"""HITS, and the safety items of PRAPARE: only for somebody who is alone."""

MOOD = frozenset(
    {"44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8", "69722-7"}
    | {"69725-0", "68509-9", "93038-8"}
)
"""PHQ-2, PHQ-4, PHQ-9 and stress."""

SUBSTANCE = frozenset(
    {"68517-2", "96842-0", "95530-2", "68524-8", "68518-0", "68519-8", "68520-6", "88037-7", "75889-6"}
    | {"96843-8", "96844-6"}
)
"""The substance items of the AHC tool, AUDIT-C and TAPS."""

SELF_HARM = frozenset({"44260-8"})
"""PHQ-9 item 9: thoughts of being better off dead or of hurting oneself."""
NO_THOUGHTS = "LA6568-5"

NO_ANSWER = frozenset({"LA30122-8", "LA15775-2", "LA30257-2"})
"""Answer codes that say that there is no answer: I choose not to answer, Don't know/refused, Patient unable."""

RESULTS = frozenset({"88124-3", "44261-6", "75626-2", "55758-7", "95614-4", "77594-0", "70272-0"})
"""Items that hold a result. A file should mark them read-only; where it does not, its author is told."""


def is_private(code: str | None) -> bool:
    """Whether the item needs a privacy check first."""
    return code in SAFETY


def is_not_by_proxy(code: str | None) -> bool:
    """Whether only the patient may answer it."""
    return code in SAFETY | MOOD | SUBSTANCE


def alarm(code: str | None, option: str) -> str | None:
    """The alarm that choosing ``option`` raises."""
    return "crisis" if code in SELF_HARM and option not in NO_ANSWER | {NO_THOUGHTS} else None
