"""Plain words for the kinds of follow-ups and for why one is held or dropped. Every kind and reason has some."""

from __future__ import annotations

from bot.given_up import AWAY
from bot.store.followups import FAILED

KINDS = {
    "other": "a text of another kind",
    "campaign_invitation": "an invitation to a screening",
    "resume_screening": "the text that the patient asked for",
    "screening_reminder": "a reminder of the open screening",
    "screening_rest": "the end of a screening that was left",
    "rescreening": "the questions again",
    "check_in": "the question how it went with a place",
    "partner_will_call": "word that a place will call",
    "did_they_call": "the question whether the place called",
    "next_place": "the next place, as the one before did not work out",
    "navigation_check_in": "the monthly question of the help by a community health worker",
    "places_reminder": "places once more, for needs that were named",
    "places_unanswered": "the end of needs for which no place was agreed to",
    "appointment_reminder": "a reminder of a visit",
    "visit_notice": "word to a community health worker that the patient has a visit",
    "partner_step": "a reminder to the place, or the end of waiting for it",
    "unanswered": "word to a community health worker that nobody answers",
    "lost_to_follow_up": "the end of asking, as nobody answers",
    "referral_deadline": "the end of time for a place",
    "need_deadline": "the end of time for a need",
    "navigation_due": "a date of the community health worker's help",
}
REASONS = {
    "opted_out": "the number is opted out",
    "wrong_person": "somebody else answered at this number",
    "undeliverable": "texts do not reach this number",
    "asked_to_stop": "they were asked whether to stop, and have not answered",
    "cannot_be_texted": "there is no phone that can be texted",
    "no_phone": "there is no phone that can be texted",
    "no_consent": "nobody has recorded a consent",
    "consent_refused": "the patient does not want texts",
    "missed_its_day": "it would come too late",
    "too_late": "it waited too long",
    "not_safe_to_text": "it may not be safe for the patient to be texted, until a person has resolved the case",
    "screened_recently": "the patient was screened not long ago",
    "screened_again": "the patient was screened since",
    "screening_open": "a screening is open, and one thing comes at a time",
    "screening_ended": "the screening has ended",
    "instrument_gone": "these questions are no longer asked here",
    "phone_busy": "the phone is in a conversation with another patient",
    "invited_recently": "an invitation was sent within a day and is not answered",
    "quiet_hours": "it is outside the allowed hours there",
    "sunday": "it is Sunday there",
    "holiday": "it is a holiday there",
    "texted_today": "a text was sent within a day",
    "texted_often": "the texts of this week are used up",
    "campaign_paused": "the campaign is paused",
    "campaign_cancelled": "the campaign was cancelled",
    "no_longer_needed": "it is no longer needed",
    "not_wanted": "the patient does not want it now",
    "conversation_moved_on": "the patient has written meanwhile",
    "asked_anew": "the patient asked for another time",
    "planned_anew": "another time was set for it",
    "answered": "the place has answered",
    "need_closed": "the need has ended",
    "completed": "the place has helped",
    "declined": "the patient no longer wants this place",
    "rejected": "the place said no",
    "failed": "it did not work out with the place",
    "cancelled": "the place was called off",
    "chw_helps": "a community health worker helps with it",
    AWAY: "the dialog process was away when it fell due",
    FAILED: "it could not be done, and somebody was told",
}


def kind_in_words(kind: str) -> str:
    """What a follow-up of this kind is."""
    return KINDS.get(kind, kind.replace("_", " "))


def reason_in_words(reason: str | None) -> str:
    """Why it is held or was dropped, to be read after "because"."""
    return REASONS.get(reason or "", (reason or "no reason was kept").replace("_", " "))
