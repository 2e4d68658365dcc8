"""The ways into the dialog process: ``POST /webhooks/followthrough/turn``, and ``/parse`` for a look at the NLU.

A turn takes ``{conversation_id, state, message: {text} or {reading}, context, now}`` and answers
``{state, replies, events}``. 400: not such a request (do not send it again). 409: a state of another version.
422: an intent that the model does not know. 500: an action or a policy failed, nothing happened (try again).
503: no model is loaded yet. ``/parse`` takes ``{texts: [...]}`` and answers ``{intents: [{name, confidence}]}``:
what a turn would make of each text that code could not read.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from bot.core.dialog import JsonObject
from dialogs.compact_tracker import CURRENT, TurnState, UnknownState

log = logging.getLogger(__name__)
FALLBACK = {"name": "nlu_fallback", "confidence": 0.0}


class BadTurn(ValueError):
    """The request is not a turn; the message names the field and holds nothing of its content."""


class UnknownIntent(ValueError):
    """The model does not know the intent of the reading."""


class TurnOutput(OutputChannel):
    """Collects what a turn says and what happened, in order; nothing is split or sent."""

    def __init__(self) -> None:
        """Empty."""
        self.replies: list[JsonObject] = []
        self.events: list[JsonObject] = []

    @classmethod
    def name(cls) -> str:
        """The name in Rasa's response conditions."""
        return "followthrough"

    async def send_response(self, recipient_id: str, message: JsonObject) -> None:
        """Texts with their purpose are replies; custom messages carry events."""
        custom = message.get("custom") or {}
        if "event" in custom:
            self.events.append(custom["event"])
        if message.get("text"):
            self.replies.append({"text": message["text"], "purpose": message.get("purpose", "reply")})


class FollowthroughInput(InputChannel):
    """The channel: stateless turns in, replies and events out."""

    @classmethod
    def name(cls) -> str:
        """The part of the address."""
        return "followthrough"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes ``/ready``, ``/turn`` and ``/parse``."""
        routes = Blueprint("followthrough", url_prefix="/")

        @routes.get("/ready")
        async def ready(request: Request) -> HTTPResponse:
            loaded = getattr(request.app.ctx, "processor", None) is not None
            return json({"ready": loaded}, status=200 if loaded else 503)

        @routes.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            if getattr(request.app.ctx, "processor", None) is None:
                return json({"error": "no model is loaded"}, status=503)
            return await _answer(request.json, request.app.ctx.processor.domain.intents, on_new_message)

        @routes.post("/parse")
        async def parse(request: Request) -> HTTPResponse:
            processor = getattr(request.app.ctx, "processor", None)
            if processor is None:
                return json({"error": "no model is loaded"}, status=503)
            body = request.json
            texts = body.get("texts") if isinstance(body, dict) else None
            if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
                return json({"error": "texts must be a list of texts"}, status=400)
            return json({"intents": [await _intent(processor, text) for text in texts]})

        return routes


async def _intent(processor: Any, text: str) -> JsonObject:
    """The intent that a turn with this text would have."""
    words = _words(text)
    if not words:
        return FALLBACK
    parsed = await processor.parse_message(UserMessage(words))
    return {"name": parsed["intent"]["name"], "confidence": parsed["intent"]["confidence"]}


def _words(text: str) -> str:
    """A text without what Rasa would take for an intent of its own ("/restart")."""
    return text.lstrip("/ ")


async def _answer(
    body: Any, intents: list[str], on_new_message: Callable[[UserMessage], Awaitable[Any]]
) -> HTTPResponse:
    try:
        result = await take_turn(_checked(body, intents), on_new_message)
    except BadTurn as error:
        return json({"error": str(error)}, status=400)
    except UnknownState as error:
        return json({"error": str(error)}, status=409)
    except UnknownIntent as error:
        return json({"error": str(error)}, status=422)
    except Exception as error:
        log.error("turn failed: %s", _where(error))
        return json({"error": "the turn failed"}, status=500)
    return json(result)


async def take_turn(body: JsonObject, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> JsonObject:
    """Hand a checked request to Rasa and collect what it leads to. Raises ``RuntimeError`` when Rasa says nothing."""
    state = TurnState(before=body["state"])
    token = CURRENT.set(state)
    output = TurnOutput()
    try:
        await on_new_message(_user_message(body, output))
    finally:
        CURRENT.reset(token)
    if state.after is None or not output.replies:
        raise RuntimeError("Rasa gave no answer")
    return {"state": state.after, "replies": output.replies, "events": output.events}


def _checked(body: Any, intents: list[str]) -> JsonObject:
    if not isinstance(body, dict):
        raise BadTurn("the body must be a JSON object")
    for field, kinds in (("conversation_id", str), ("message", dict), ("context", dict), ("now", str)):
        if not isinstance(body.get(field), kinds):
            raise BadTurn(f"{field} is missing or of the wrong type")
    if not isinstance(body.get("state"), dict | None):
        raise BadTurn("state must be an object or null")
    message = body["message"]
    if ("text" in message) == ("reading" in message):
        raise BadTurn("message takes text or reading")
    if "reading" in message and message["reading"].get("intent") not in intents:
        raise UnknownIntent("the model does not know this intent")
    return body


def _user_message(body: JsonObject, output: TurnOutput) -> UserMessage:
    reading = body["message"].get("reading")
    text = "" if reading else _words(str(body["message"]["text"]))
    metadata = {"context": body["context"], "reading": reading, "now": body["now"]}
    parsed: JsonObject | None = None
    if reading or not text:
        intent = {"name": reading["intent"], "confidence": 1.0} if reading else FALLBACK
        parsed = {"text": text, "intent": intent, "entities": []}
    return UserMessage(
        text,
        output,
        body["conversation_id"],
        parse_data=parsed,
        input_channel=FollowthroughInput.name(),
        metadata=metadata,
    )


def _where(error: BaseException) -> str:
    """The class of an error and where it was raised: never its message, which may hold what a patient wrote."""
    place, trace = "", error.__traceback__
    while trace is not None:
        place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} at {place}"
