"""Reading Twilio's forms: pure, and never an error."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.webhooks.twilio_requests import CLINIC, PATIENT, SID, text_form
from webhooks.twilio.form import InboundText, StatusReport, is_status, read_address, read_body, read_status, read_text


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_an_ordinary_text() -> None:
    """Everything in its place."""
    assert read_text(text_form(Body="¡Hola! 👋", FutureField="x")) == InboundText(
        message_sid=SID,
        channel="sms",
        from_address=PATIENT,
        to_address=CLINIC,
        body="¡Hola! 👋",
        num_media=0,
        opt_out_type=None,
        was_base64=False,
    )


@pytest.mark.parametrize("name", ["MessageSid", "SmsSid", "SmsMessageSid"])
def test_any_of_the_three_names_of_the_id(name: str) -> None:
    """One of them is enough."""
    text = read_text({name: SID, "From": PATIENT})
    assert text is not None
    assert text.message_sid == SID


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"From": PATIENT, "Body": "hi"},
        {"MessageSid": "", "From": PATIENT},
        {"MessageSid": "x" * 65, "From": PATIENT},
        {"MessageSid": "a b'c", "From": PATIENT},
        {"MessageSid": SID},
        {"MessageSid": SID, "From": ""},
        {"MessageSid": SID, "From": "whatsapp:+"},
        {"MessageSid": SID, "From": "+" + "1" * 200},
    ],
)
def test_nobody_or_nothing_to_answer(form: dict[str, str]) -> None:
    """Without an id or a sender there is no text."""
    assert read_text(form) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("+12025550147", ("sms", "+12025550147")),
        (" 12025550147", ("sms", "+12025550147")),
        ("32665", ("sms", "32665")),
        ("whatsapp:+12025550147", ("whatsapp", "whatsapp:+12025550147")),
        ("whatsapp: 12025550147", ("whatsapp", "whatsapp:+12025550147")),
        ("WhatsApp:+12025550147", ("whatsapp", "whatsapp:+12025550147")),
        ("whatsapp:US.1234", ("whatsapp", "whatsapp:US.1234")),
        ("client:Anonymous", ("client", "client:Anonymous")),
        ("messenger:1234", ("other", "messenger:1234")),
        ("sip:a@b.example:5060", ("other", "sip:a@b.example:5060")),
        ("+1202\x005550147", ("sms", "+12025550147")),
        ("whatsapp:", None),
        ("+", None),
        ("  ", None),
    ],
)
def test_addresses(value: str, expected: tuple[str, str] | None) -> None:
    """The channel is told by the prefix, which stays: it is needed to answer."""
    assert read_address(value) == expected


def test_a_sender_known_by_user_id_alone() -> None:
    """WhatsApp people may have no number; their id stands for them."""
    text = read_text({"MessageSid": SID, "From": "whatsapp:+", "ExternalUserId": "whatsapp:US.1234"})
    assert text is not None
    assert text.from_address == "whatsapp:US.1234"


def test_the_service_stands_for_a_missing_receiver() -> None:
    """Without To, the service that took the message is where the answer comes from."""
    text = read_text({"MessageSid": SID, "From": PATIENT, "MessagingServiceSid": "MG" + "2" * 32})
    assert text is not None
    assert text.to_address == "MG" + "2" * 32


def test_no_body_at_all() -> None:
    """A picture may come without a word."""
    text = read_text({"MessageSid": "MM1", "From": PATIENT, "NumMedia": "1"})
    assert text is not None
    assert (text.body, text.num_media) == ("", 1)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"NumMedia": "2"}, 2),
        ({"MediaUrl0": "u", "MediaUrl1": "u"}, 2),
        ({"NumMedia": "many"}, 0),
        ({"NumMedia": "9" * 8}, 99),
    ],
)
def test_media_are_counted(form: dict[str, str], expected: int) -> None:
    """As stated, else by the addresses given, within reason."""
    text = read_text({"MessageSid": SID, "From": PATIENT, **form})
    assert text is not None
    assert text.num_media == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("STOP", "STOP"), ("stop", "STOP"), ("START", "START"), ("x", None), ("", None)]
)
def test_opt_out_types(value: str, expected: str | None) -> None:
    """Twilio's three words and no other."""
    text = read_text(text_form(OptOutType=value))
    assert text is not None
    assert text.opt_out_type == expected


def test_control_characters_go_and_line_ends_become_one() -> None:
    """NUL would be refused by PostgreSQL; nobody typed it."""
    assert read_body("re\x00move\x07 it\r\nplease\r\u0085\tnow") == ("remove it\nplease\n\tnow", False)


def test_joined_emoji_stay_joined() -> None:
    """Zero-width joiners are part of what was typed."""
    assert read_body("👩‍👩‍👧") == ("👩‍👩‍👧", False)


@pytest.mark.parametrize(
    "text",
    [
        "Bannon Explains The World ...\n“The Camp of the Saints”",
        "Necesito ayuda con la comida y la renta, ¿me pueden llamar mañana?",
        "I can't pay the light bill this month 😟 what can I do",
    ],
)
def test_base64_of_a_text_is_opened(text: str) -> None:
    """Long texts sometimes come so."""
    encoded = _b64(text)
    assert read_body(encoded) == (text, True)
    assert read_body(encoded + "\n") == (text, True)


def test_a_part_cut_inside_a_character_is_opened() -> None:
    """The half of a character at either end is dropped, the rest is read."""
    whole = "Mañana voy a la clínica, por la tarde … sí".encode()
    middle = whole[whole.index(b"\xb1") :][:-1]
    body, was_base64 = read_body(base64.b64encode(middle[: len(middle) // 3 * 3]).decode())
    assert was_base64
    assert body.startswith("ana voy a la clínica")


@pytest.mark.parametrize(
    "typed",
    [
        "yes",
        "STOP",
        "good",
        "Food",
        "Help",
        "Supercalifragilisticexpialidocious12",
        "nonononononononononononononono12",
        "JAJAJAJAJAJAJAJAJAJAJAJA",
        "hahahahahahahahahahahaha",
        "aaaaaaaaaaaaaaaaaaaaaaaa",
        "123456789012345678901234",
        "IneedhelpwithrentandfoodQQ==",
        _b64("yes"),
        _b64("\x00\x01binary\x02" * 4),
        "I need a ride to the clinic",
    ],
)
def test_what_people_type_is_left_alone(typed: str) -> None:
    """Only what is surely base64 is opened."""
    assert read_body(typed) == (typed, False)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=40))
def test_a_word_of_letters_is_never_opened(word: str) -> None:
    """No run of letters decodes to words with spaces by chance, but base64 of words."""
    body, was_base64 = read_body(word)
    assert body == word or (was_base64 and " " in body)


@given(
    st.dictionaries(st.sampled_from(["MessageSid", "SmsSid", "From", "To", "Body", "NumMedia", "ErrorCode"]), st.text())
)
def test_no_form_is_an_error(form: dict[str, str]) -> None:
    """Whatever a form says, reading it raises nothing and gives nothing that a database would refuse."""
    text = read_text(form)
    assert text is None or "\x00" not in text.body + text.from_address + text.to_address
    read_status(form | {"MessageStatus": "sent"}, form.get("Body"))


def test_a_status_report() -> None:
    """Id, our id, the word, the code."""
    form = {"MessageSid": SID, "MessageStatus": "Undelivered", "SmsStatus": "undelivered", "ErrorCode": "30003"}
    assert is_status(form)
    assert read_status(form, "msg_1") == StatusReport(SID, "msg_1", "undelivered", 30003)


@pytest.mark.parametrize("code", ["", "0", "none", "-1", "³"])
def test_no_error_code(code: str) -> None:
    """0 means success; words are no codes."""
    report = read_status({"SmsSid": SID, "SmsStatus": "sent", "ErrorCode": code}, None)
    assert report == StatusReport(SID, None, "sent", None)


@pytest.mark.parametrize("ours", ["", "x" * 41, "It's", "+12025550147 "])
def test_an_id_that_is_not_ours_is_dropped(ours: str) -> None:
    """The report is kept by Twilio's id alone."""
    report = read_status({"SmsSid": SID, "SmsStatus": "sent"}, ours)
    assert report is not None
    assert report.message_id is None


@pytest.mark.parametrize(
    "form", [{}, {"MessageSid": SID}, {"MessageStatus": "sent"}, {"MessageSid": SID, "MessageStatus": "s p"}]
)
def test_no_report(form: dict[str, str]) -> None:
    """Without id or status there is none."""
    assert read_status(form, "msg_1") is None


def test_an_inbound_text_is_no_status() -> None:
    """SmsStatus=received comes with every text."""
    assert not is_status(text_form())
