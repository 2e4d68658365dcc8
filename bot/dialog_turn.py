"""One turn of the dialog manager for a scene: its state goes in, its replies, events and new state come out."""

from __future__ import annotations

from bot.asked import open_labels
from bot.bootstrap import Deps
from bot.core.dialog import JsonObject, Reading, TurnRequest
from bot.core.safety import is_label
from bot.outcome import Outcome
from bot.scene import Scene
from bot.store.threads import ANSWERED


def dialog_turn(deps: Deps, scene: Scene, reading: Reading | None, *, proactive: bool = False) -> Outcome:
    """The dialog manager's answer to the scene's message: to ``reading`` where code could read it, else to its words.

    Raises the dialog client's errors; nothing is changed then.
    """
    context = scene.context(deps)
    if is_label(scene.claimed.body, open_labels(deps.content, scene)):
        # The words are ours: they show nothing of the patient's language.
        context["seems"] = None
    request = TurnRequest(
        conversation_id=scene.conversation.id,
        state=_in_language(scene.state_for_dialog(), scene.language) or None,
        text=None if reading else scene.claimed.body,
        reading=reading,
        context=context,
        now=deps.clock.now().isoformat(),
    )
    result = deps.dialog.take_turn(request)
    return Outcome(ANSWERED, result.replies, result.events, result.state, proactive=proactive)


def _in_language(state: JsonObject | None, language: str) -> JsonObject | None:
    """The state with the language that the record names now; the clinic may have changed it since."""
    chosen = (state or {}).get("slots", {}).get("conversation", {}).get("language")
    if state is None or chosen in (None, language):
        return state
    slots = {**state["slots"], "conversation": {**state["slots"]["conversation"], "language": language}}
    return {**state, "slots": slots}
