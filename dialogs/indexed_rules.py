"""Rasa's RulePolicy with an index. Same rules, same predictions; it no longer compares every rule on every step.

The stock policy checks each memoized rule against the whole state (two thirds of the time of a turn with a
hundred rules). A rule can only hold when the last action and the last intent that it names are the current
ones, so that those two select a handful of candidates, and the stock check decides among them.
"""

from __future__ import annotations

from collections import defaultdict

from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import PREVIOUS_ACTION, USER
from rasa.shared.core.domain import State

ANY = None
Index = dict[tuple[str | None, str | None], list[str]]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class IndexedRulePolicy(RulePolicy):
    """See the module docstring."""

    def _get_possible_keys(self, lookup: dict[str, str], states: list[State]) -> set[str]:
        index = self._index_of(lookup)
        action, intent = _last_of(states[-1])
        candidates = [key for at in {(a, i) for a in (action, ANY) for i in (intent, ANY)} for key in index.get(at, ())]
        found: set[str] = super()._get_possible_keys({key: lookup[key] for key in candidates}, states)
        return found

    def _index_of(self, lookup: dict[str, str]) -> Index:
        indexes: dict[tuple[int, int], Index] = self.__dict__.setdefault("_indexes", {})
        name = (id(lookup), len(lookup))
        if name not in indexes:
            index: Index = defaultdict(list)
            for key in lookup:
                index[_last_of(self._rule_key_to_state(key)[-1])].append(key)
            indexes[name] = index
        return indexes[name]


def _last_of(state: State) -> tuple[str | None, str | None]:
    """The last action and the last intent of a state; :data:`ANY` where it names none."""
    action = state.get(PREVIOUS_ACTION, {}).get("action_name", ANY)
    return action, state.get(USER, {}).get("intent", ANY)
