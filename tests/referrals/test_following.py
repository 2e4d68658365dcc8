"""A referral from yes to its end, through the turn, the clock and the sender."""

from __future__ import annotations

import pytest

from bot.adapters.memory_mail import MemoryMail
from bot.content.referral import load_referral
from bot.referrals.reporting import Said, report
from bot.release import release_due
from bot.store import audit, escalations, needs, referrals
from tests.referrals.world import FIRST, NUMBER, PAT, SECOND, ReferralWorld

MAIL = "pantry@example.org"


def test_the_place_hears_of_it_and_the_patient_is_asked(both: ReferralWorld) -> None:
    """Told once, without a word about the patient; a check-in is planned on the third day."""
    both.reach_by(mail=MAIL)
    referral = both.agrees()
    assert (referral.state, referral.state_reason, referral.shared) == ("requested", "partner_told", True)
    assert isinstance(both.mail, MemoryMail)
    (letter,) = both.mail.kept
    assert letter.to == MAIL
    assert "https://bot.example.org/p/" in letter.body
    assert not any(word in letter.body + letter.subject for word in ("Maria", NUMBER, "food", "pantry"))
    assert sorted(both.kinds()) == ["check_in", "need_deadline", "partner_step", "referral_deadline"]
    both.send()
    assert len(both.mail.kept) == 1


def test_a_check_in_is_asked_and_the_answer_closes_it(both: ReferralWorld) -> None:
    """Day three; "got help" ends the referral and the need, and nothing is planned any more."""
    both.agrees(share=False)
    both.pass_days(4)
    assert both.readings() == ["check_in_due"]
    value = both.script.readings[-1].value
    assert (value["place"], value["attempt"]) == ("Main Street Pantry", 1)
    both.says("got_help")
    assert (both.latest().state, both.latest().state_reason) == ("completed", "patient_got_help")
    with both.db.read() as tx:
        (need,) = needs.of_patient(tx, PAT)
    assert (need.status, need.said_by) == ("resolved", "patient")
    both.pass_days(40, 12)
    assert both.readings() == ["check_in_due"]


def test_a_partner_that_does_not_answer_is_reminded_and_the_next_place_is_offered(world: ReferralWorld) -> None:
    """Two reminders, then it is over for want of an answer, and the other pantry is named."""
    world.reach_by(mail=MAIL)
    world.agrees()
    world.pass_days(12)
    first = world.latest()
    assert (first.state, first.state_reason, first.said_by) == ("failed", "no_response", "programme")
    assert [purpose for purpose, _, _ in world.sent()] == ["request", "reminder", "reminder"]
    offer = next(reading for reading in world.script.readings if reading.intent == "next_place_due")
    assert [place["id"] for place in offer.value["places"]] == [SECOND]
    assert (offer.value["place"], offer.value["reason"]) == ("Main Street Pantry", "no_response")


@pytest.mark.parametrize(("word", "given_up"), [("waiting", False), ("never_heard", True)])
def test_a_silent_partner_is_not_given_up_on_somebody_who_waits(
    world: ReferralWorld, word: str, given_up: bool
) -> None:
    """Who is on its list stays there. Who has not heard: the place has two days to answer what it is told of that."""
    world.reach_by(mail=MAIL)
    world.agrees()
    world.pass_days(9, 20)
    world.says(word)
    world.pass_days(1, 12)
    assert not world.latest().is_closed
    world.pass_days(2, 12)
    assert world.latest().is_closed is given_up


def test_with_no_place_left_the_need_is_unresolvable(world: ReferralWorld) -> None:
    """Both pantries were shown at once; each is tried, and both came to nothing."""
    with world.db.write() as tx:
        needs.record_offers(tx, PAT, [FIRST, SECOND], "food")
    left = []
    for place in (FIRST, SECOND):
        world.agrees(place)
        world.says("not_eligible")
        world.pass_days(2)
        left.append([each["id"] for each in world.script.readings[-1].value["places"]])
    assert left == [[SECOND], []]
    with world.db.read() as tx:
        assert needs.of_patient(tx, PAT)[0].status == "unresolvable"


def test_silence_is_said_to_a_person_before_the_patient_is_given_up(world: ReferralWorld) -> None:
    """Three check-ins without a word, then a case, then a week, then lost to follow-up."""
    world.agrees(share=False)
    world.pass_days(29)
    assert world.readings() == ["check_in_due"] * 3
    assert world.cases() == ["patient_unreachable"]
    assert not world.latest().is_closed
    world.pass_days(8)
    assert (world.latest().state, world.latest().state_reason) == ("failed", "lost_to_follow_up")


def test_any_word_puts_the_count_back(world: ReferralWorld) -> None:
    """Who texts anything is not lost."""
    world.agrees(share=False)
    world.pass_days(25)
    world.texts_in()
    assert world.latest().silent_since is None
    world.pass_days(14)
    assert not world.latest().is_closed


def test_fewer_check_ins_when_things_go_well(world: ReferralWorld) -> None:
    """Waiting with the place in touch: nothing before day 24."""
    world.agrees(share=False)
    world.says("waiting")
    world.pass_days(22)
    assert world.readings() == []
    world.pass_days(3)
    assert world.readings() == ["check_in_due"]


def test_the_patient_who_never_heard_gets_the_place_nudged(world: ReferralWorld) -> None:
    """And is asked some days later whether they called."""
    world.reach_by(mail=MAIL)
    world.agrees()
    world.says("never_heard")
    world.pass_days(0.5)
    assert ("nudge", "mail", "sent") in world.sent()
    world.pass_days(3.5)
    assert "did_they_call" in world.readings()


def test_who_was_never_told_of_cannot_be_nudged(world: ReferralWorld) -> None:
    """A person looks after a patient whom no place was told of."""
    world.agrees(share=False)
    world.says("never_heard")
    assert world.cases() == ["referral_not_heard"]


def test_what_got_in_the_way_is_kept_for_the_chw(world: ReferralWorld) -> None:
    """One case, with the barrier on record; what is not known is kept as other."""
    world.agrees(share=False)
    world.says("could_not_go")
    for barrier in ("transport", "the weather"):
        world.texts_in({"type": "barrier_reported", "referral_id": world.latest().id, "barrier": barrier})
    assert world.cases() == ["referral_barrier"]
    with world.db.read() as tx:
        found = needs.barriers(tx, world.latest().id)
    assert [each.barrier for each in found] == ["transport", "other"]
    with world.db.read() as tx:
        case = escalations.unresolved(tx, PAT, "referral_barrier")
    assert case is not None
    named = f"Referral {world.latest().id}"
    assert (case.note or "").split("\n\n") == [named, f"{named}: barrier transport", f"{named}: barrier other"]


def test_a_year_without_an_end_ends_it(world: ReferralWorld) -> None:
    """A patient who waits and waits: time is reached, said by the programme."""
    world.agrees(share=False)
    for _ in range(7):
        world.says("waiting")
        world.pass_days(54, 24)
    assert world.latest().is_closed
    assert world.latest().state_reason == "time_reached"
    with world.db.read() as tx:
        assert needs.of_patient(tx, PAT)[0].status == "time_reached"


def test_an_opt_out_ends_everything(both: ReferralWorld) -> None:
    """The referral is closed with its reason, nothing to the patient is planned, a person goes on."""
    both.reach_by(mail=MAIL)
    both.agrees()
    both.texts_in(body="STOP")
    assert (both.latest().state, both.latest().state_reason) == ("cancelled", "opted_out")
    assert both.kinds() == []
    assert both.cases() == ["referral_without_texts"]


def test_a_no_is_a_no(world: ReferralWorld) -> None:
    """To the place that was chosen, and then the need is not spoken of again."""
    world.texts_in({"type": "place_chosen", "service_id": FIRST, "domain": "food"})
    world.texts_in({"type": "referral_declined", "domain": "food", "reason": "no thanks"})
    assert (world.latest().state, world.latest().said_by) == ("declined", "patient")
    with world.db.read() as tx:
        assert needs.of_patient(tx, PAT)[0].status == "declined"


def test_a_need_that_is_declined_without_a_place(world: ReferralWorld) -> None:
    """Nothing was chosen, and the need is closed by the patient's word."""
    world.texts_in({"type": "places_offered", "ids": [FIRST], "domain": "food"})
    world.texts_in({"type": "referral_declined", "domain": "food", "reason": None})
    with world.db.read() as tx:
        assert (needs.of_patient(tx, PAT)[0].status, referrals.of_patient(tx, PAT)) == ("declined", [])


def test_a_wish_for_places_is_answered_in_the_same_turn(world: ReferralWorld) -> None:
    """The places follow, as a second turn of the conversation, with what cannot be told by us marked."""
    world.reach_by(mail=MAIL)
    world.texts_in({"type": "resources_wanted", "domains": ["food", "safety"]})
    (found,) = world.script.readings
    assert found.intent == "places_found"
    assert found.value["domains"] == ["food"]
    assert [(p["id"], p["phone_only"]) for p in found.value["places"]] == [(FIRST, False), (SECOND, True)]
    world.send()
    assert [kept.body.splitlines()[-1] for kept in world.twilio.kept] == ["About places_found."]


def test_more_places_are_others(world: ReferralWorld) -> None:
    """What was shown is not shown again."""
    world.texts_in({"type": "places_offered", "ids": [FIRST], "domain": "food"})
    world.texts_in({"type": "more_places_wanted", "domain": "food"})
    assert [place["id"] for place in world.script.readings[-1].value["places"]] == [SECOND]


def test_open_referrals_are_part_of_every_turn(world: ReferralWorld) -> None:
    """So that "they never called" finds its referral."""
    referral = world.agrees(share=False)
    world.texts_in()
    shown = world.script.asked[-1].context["referrals"]
    place = {"place": "Main Street Pantry", "domain": "food", "state": "accepted", "told": False}
    reach = {"address": None, "number": "202-555-0150", "free": None}
    assert shown == [{"id": referral.id, **place, **reach}]


def test_a_report_on_somebody_elses_referral_changes_nothing(world: ReferralWorld) -> None:
    """A state of the dialog that is older than the record."""
    event = {"type": "referral_status_reported", "referral_id": "ref-of-nobody", "status": "got_help"}
    world.texts_in(event | {"in_words": "thanks"})
    with world.db.read() as tx:
        assert referrals.of_patient(tx, PAT) == []


@pytest.mark.parametrize("share", [True, False])
def test_what_was_agreed_to_is_on_record(world: ReferralWorld, share: bool) -> None:
    """The wording, and whether the place may be told."""
    referral = world.agrees(share=share)
    assert (referral.shared, referral.text_version) == (share, "share-1")


def test_a_place_that_accepts_and_does_nothing_is_given_up(world: ReferralWorld) -> None:
    """The second "never heard" since its last word is said to a CHW, the third ends it, and the next place comes."""
    world.reach_by(mail=MAIL)
    referral = world.agrees()
    said = []
    for word in (None, "accepted", None, None, None):
        with world.db.write() as tx:
            heard = Said("patient", "never_heard", "test") if word is None else Said("partner", word, "test")
            report(tx, load_referral(), referral.id, heard)
        said.append((world.cases(), world.latest().state_reason))
        world.clock.advance(hours=1)
    told = ["referral_not_heard"]
    assert said[1:] == [([], "partner_accepted")] * 2 + [(told, "partner_accepted"), (told, "no_response")]
    assert "next_place" in world.kinds()
    assert "did_they_call" not in world.kinds()


def test_another_place_that_helps_is_no_want_of_places(world: ReferralWorld) -> None:
    """The next place is not sought once the patient agreed to another, and its want does not close the need."""
    first = world.agrees(FIRST, share=False)
    world.says("not_eligible")
    second = world.agrees(SECOND, share=False)
    release_due(world.deps)
    assert "next_place" not in world.kinds()
    assert "next_place_due" not in world.readings()
    world.texts_in({"type": "next_place_sought", "referral_id": first.id, "found": False})
    with world.db.read() as tx:
        assert needs.get(tx, second.need_id).closed_at is None


def test_help_that_is_known_of_later_puts_the_need_right(world: ReferralWorld) -> None:
    """Lost to follow-up, and then the CHW says that the place helped."""
    referral = world.agrees(share=False)
    with world.db.write() as tx:
        report(tx, load_referral(), referral.id, Said("programme", "lost_to_follow_up", "test"))
        assert needs.get(tx, referral.need_id).status == "lost_to_follow_up"
        report(tx, load_referral(), referral.id, Said("chw", "completed", "test"))
        need = needs.get(tx, referral.need_id)
    assert (need.status, need.said_by) == ("resolved", "chw")
    with world.db.read() as tx:
        actions = [entry.action for entry in audit.of_subject(tx, "need", need.id)]
    assert "need_reopened" in actions
