"""Rasa's message processor, made honest and flat: errors fail the turn, and the graph runs without a scheduler."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.core.actions.action import Action, ActionExecutionRejection
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.engine import loader
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecutionRejected
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.common import TempDirectoryPath, get_temp_dir_name

from dialogs.compact_tracker import RequestTrackerStore
from dialogs.in_process_actions import InProcessActions
from dialogs.thrift import be_thrifty

CODE_ONLY_INTENTS = frozenset({"invitation_due", "wrong_person"})
# What these lead to is recorded or moves the patient elsewhere: a guess must be a good one, else it is asked again.
CONSEQUENTIAL_INTENTS = frozenset(
    {"affirm", "deny", "skip", "decline", "go_back", "correct", "later", "resume", "change_language"}
    | {"ask_person", "maybe_wrong_person", "answering_for_other"}
)
SURE_ENOUGH = 0.7


class PlainGraphRunner(DaskGraphRunner):
    """Runs the nodes of the prediction graph in order. Dask's scheduling cost more than the nodes themselves."""

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """The results of ``targets``, as the parent gives them."""
        wanted = targets or self._graph_schema.target_names
        results: dict[str, Any] = dict(inputs or {})
        for name in self._order(tuple(wanted)):
            node = self._instantiated_nodes[name]
            given = [(n, results[n]) for n in self._graph_schema.nodes[name].needs.values()]
            results[name] = node(*given)[1]
        return {name: results[name] for name in wanted}

    def _order(self, targets: tuple[str, ...]) -> list[str]:
        cache: dict[tuple[str, ...], list[str]] = self.__dict__.setdefault("_orders", {})
        if targets not in cache:
            order: list[str] = []
            for target in targets:
                self._visit(target, order)
            cache[targets] = order
        return cache[targets]

    def _visit(self, name: str, order: list[str]) -> None:
        if name in order or name not in self._graph_schema.nodes:
            return
        for need in self._graph_schema.nodes[name].needs.values():
            self._visit(need, order)
        order.append(name)


class StatelessProcessor(MessageProcessor):
    """A processor over a store that holds nothing, whose actions run in this process."""

    def __init__(self, model_path: Path, actions_package: str = "dialogs.actions") -> None:
        """Load the model. Raises ``ModelNotFound`` when there is none at ``model_path``."""
        be_thrifty()
        empty = Domain.empty()
        super().__init__(
            model_path=str(model_path),
            tracker_store=RequestTrackerStore(empty),
            lock_store=InMemoryLockStore(),
            generator=NaturalLanguageGenerator.create(None, empty),
            action_endpoint=InProcessActions(actions_package),
        )
        self.tracker_store.domain = self.domain

    @staticmethod
    def _load_model(model_path: str | Path) -> tuple[str, Any, Any]:
        path = Path(model_path)
        with TempDirectoryPath(get_temp_dir_name()) as folder:
            metadata, runner = loader.load_predict_graph_runner(Path(folder), path, LocalModelStorage, PlainGraphRunner)
        return path.name, metadata, runner

    async def handle_message(self, message: UserMessage) -> None:
        """Take the turn of one message. Any error in a policy or an action goes through to the caller."""
        tracker = await self.get_tracker(message.sender_id)
        await self._handle_message_with_tracker(message, tracker)
        tracker = await self.run_action_extract_slots(message.output_channel, tracker)
        await self._run_prediction_loop(message.output_channel, tracker)
        await self.save_tracker(tracker)

    async def parse_message(
        self, message: UserMessage, tracker: DialogueStateTracker | None = None, only_output_properties: bool = True
    ) -> dict[str, Any]:
        """As the parent; intents that only code may say are not taken from a guess."""
        parsed: dict[str, Any] = await super().parse_message(message, tracker, only_output_properties)
        name, confidence = parsed["intent"]["name"], parsed["intent"]["confidence"]
        if name in CODE_ONLY_INTENTS or (name in CONSEQUENTIAL_INTENTS and confidence < SURE_ENOUGH):
            parsed["intent"] = {"name": "nlu_fallback", "confidence": 0.0}
        return parsed

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        """As the parent, but an exception is not swallowed: the turn fails and nothing is saved."""
        try:
            trial = tracker
            if prediction.events:
                # Of a rejected action these must not stay; without any, a copy would replay the turn for nothing.
                trial = tracker.copy()
                trial.update_with_events(prediction.events, self.domain)
            events = await action.run(output_channel, nlg, trial, self.domain)
        except ActionExecutionRejection:
            tracker.update(ActionExecutionRejected(action.name(), prediction.policy_name, prediction.max_confidence))
            return bool(self.should_predict_another_action(action.name()))
        self._log_action_on_tracker(tracker, action, events, prediction)
        await self._send_bot_messages(events, tracker, output_channel)
        return bool(self.should_predict_another_action(action.name()))
