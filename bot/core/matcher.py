"""Matches many patterns at once, in time that grows with the message and not with the number of patterns.

The patterns of a place become one automaton over words. It is made deterministic as messages come (each step is
remembered), so a message of ten words costs ten look-ups, and no wording can make it slow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from bot.core.patterns import SENTENCE_END, AnyWord, InOrder, Node, OneOf, Word

Symbol = tuple[str | None, tuple[str, ...]]


class _Automaton:
    """States with edges by word, by the beginning of a word, by any word, and for free."""

    def __init__(self) -> None:
        self.states = 0
        self.by_word: dict[int, dict[str, list[int]]] = {}
        self.by_beginning: dict[int, list[tuple[str, int]]] = {}
        self.by_any: dict[int, list[int]] = {}
        self.free: dict[int, list[int]] = {}

    def state(self) -> int:
        """A new state without edges."""
        self.states += 1
        return self.states - 1

    def add(self, node: Node, start: int, end: int) -> None:
        """Edges for ``node`` that lead from ``start`` to ``end``."""
        if isinstance(node, (Word, AnyWord)):
            self._add_word(node, start, end)
        elif isinstance(node, InOrder):
            for part in node.parts[:-1]:
                between = self.state()
                self.add(part, start, between)
                start = between
            self.add(node.parts[-1], start, end)
        elif isinstance(node, OneOf):
            for branch in node.branches:
                self.add(branch, start, end)
        else:
            self.free.setdefault(start, []).append(end)
            self.add(node.inner, start, end)

    def _add_word(self, node: Word | AnyWord, start: int, end: int) -> None:
        """The edge of one word."""
        if isinstance(node, AnyWord):
            self.by_any.setdefault(start, []).append(end)
        elif node.begins:
            self.by_beginning.setdefault(start, []).append((node.text, end))
        else:
            self.by_word.setdefault(start, {}).setdefault(node.text, []).append(end)

    def closed(self, states: Iterable[int]) -> frozenset[int]:
        """The states and all that can be reached from them for free."""
        seen: set[int] = set()
        todo = list(states)
        while todo:
            state = todo.pop()
            if state not in seen:
                seen.add(state)
                todo.extend(self.free.get(state, ()))
        return frozenset(seen)

    def step(self, states: frozenset[int], symbol: Symbol) -> frozenset[int]:
        """Where one word leads."""
        word, beginnings = symbol
        found: list[int] = []
        for state in states:
            if word is not None and state in self.by_word:
                found.extend(self.by_word[state].get(word, ()))
            if word != SENTENCE_END:
                found.extend(self.by_any.get(state, ()))
            found.extend(end for beginning, end in self.by_beginning.get(state, ()) if beginning in beginnings)
        return self.closed(found)


class Matcher:
    """Finds the patterns of several labels in a message of spelt-out words."""

    def __init__(self, labelled: Mapping[str, Sequence[Node]]) -> None:
        self._labelled = labelled
        self._order = {label: at for at, label in enumerate(labelled)}
        self._accepts = {at: label for at, label in enumerate(labelled, 1)}
        self._scanned: dict[frozenset[int], _Step] = {}

    @cached_property
    def _automaton(self) -> _Automaton:
        """State 0 is the start, then comes the end of each label. Made when the first message asks for it."""
        automaton = _Automaton()
        start, *ends = [automaton.state() for _ in range(len(self._labelled) + 1)]
        for end, nodes in zip(ends, self._labelled.values(), strict=True):
            for node in nodes:
                automaton.add(node, start, end)
        return automaton

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(word for edges in self._automaton.by_word.values() for word in edges) | {SENTENCE_END}

    @property
    def words(self) -> frozenset[str]:
        """Every word that stands in a pattern as it is."""
        return self._words - {SENTENCE_END}

    @cached_property
    def _beginnings(self) -> tuple[str, ...]:
        return tuple({text for edges in self._automaton.by_beginning.values() for text, _ in edges})

    @cached_property
    def _first(self) -> frozenset[int]:
        return self._automaton.closed([0])

    @cached_property
    def _here(self) -> _Step:
        return _Step(self._first, self, scanning=False)

    @cached_property
    def _anywhere(self) -> _Step:
        return _Step(self._first, self, scanning=True)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in their order."""
        return tuple(self._labelled)

    def whole(self, found: Sequence[str]) -> str | None:
        """The label whose pattern covers all of ``found``; the first label when several do; ``None`` when none does."""
        step: _Step | None = self._here
        for word in found:
            step = step.after(self.symbol(word)) if step else None
            if step is None:
                return None
        return step.label if step else None

    def longest(self, found: Sequence[str], at: int = 0) -> int:
        """Where the longest match that begins at ``at`` ends; ``at`` itself when there is none."""
        end = at
        step: _Step | None = self._here
        for position in range(at, len(found)):
            step = step.after(self.symbol(found[position])) if step else None
            if step is None:
                break
            if step.label is not None:
                end = position + 1
        return end

    def labels_in(self, found: Sequence[str]) -> frozenset[str]:
        """Every label of which a pattern matches anywhere."""
        labels: set[str] = set()
        step: _Step | None = self._anywhere
        for word in found:
            step = step.after(self.symbol(word)) if step else None
            if step and step.labels:
                labels.update(step.labels)
        return frozenset(labels)

    def order_of(self, label: str) -> int:
        """The place of a label among all, from 0: earlier ones win where one is to be chosen."""
        return self._order[label]

    def spans(self, found: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Every match, from the left, each the longest at its place, none overlapping."""
        at = 0
        if not self.labels_in(found):
            return
        while at < len(found):
            end = self.longest(found, at)
            if end > at:
                yield at, end
            at = max(end, at + 1)

    def without(self, found: Sequence[str], instead: str) -> list[str]:
        """``found`` with every match replaced by one word."""
        kept: list[str] = []
        at = 0
        for start, end in self.spans(found):
            kept.extend([*found[at:start], instead])
            at = end
        return [*kept, *found[at:]]

    def symbol(self, word: str) -> Symbol:
        """What the automaton sees of a word: unknown words all look alike, so that what it remembers stays small."""
        known = word if word in self._words else None
        if not self._beginnings:
            return known, ()
        return known, tuple([text for text in self._beginnings if word.startswith(text)])

    def labels_of(self, states: frozenset[int]) -> tuple[str, ...]:
        """The labels accepted in ``states``, in their order."""
        labels = {self._accepts[state] for state in states if state in self._accepts}
        return tuple(sorted(labels, key=self._order.__getitem__))

    def following(self, states: frozenset[int], symbol: Symbol, scanning: bool) -> _Step | None:
        """The step to where ``symbol`` leads, or ``None`` when it leads nowhere. A scan may start anew at any word."""
        after = self._automaton.step(states, symbol)
        if scanning:
            return self._scanned.setdefault(after, _Step(after | self._first, self, scanning=True))
        return _Step(after, self, scanning=False) if after else None


class _Step:
    """A remembered place in the automaton and the ways on from it that messages have taken so far."""

    __slots__ = ("_after", "_matcher", "_scanning", "_states", "label", "labels")

    def __init__(self, states: frozenset[int], matcher: Matcher, *, scanning: bool) -> None:
        self._states = states
        self._matcher = matcher
        self._scanning = scanning
        self._after: dict[Symbol, _Step | None] = {}
        self.labels = matcher.labels_of(states)
        self.label = self.labels[0] if self.labels else None

    def after(self, symbol: Symbol) -> _Step | None:
        """The place after one more word."""
        if symbol not in self._after:
            self._after[symbol] = self._matcher.following(self._states, symbol, self._scanning)
        return self._after[symbol]
