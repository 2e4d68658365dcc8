"""Rasa's count-vector featurizer and logistic regression, made for short texts.

Measured (docs/nlu.md), vectors of one length and one regression for each intent read more replies rightly than the
stock components do, and know better when they do not know. They leave out the work that a short text does not need:
the stock featurizer vectorizes every token once more for sequence features that nothing here reads, and the stock
classifier builds and validates matrices for a single row.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
from rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer import CountVectorsFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.message import Message

Type = DefaultV1Recipe.ComponentType


@DefaultV1Recipe.register(Type.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceCountVectorsFeaturizer(CountVectorsFeaturizer):
    """Which words or characters a whole message has, as a vector of length one, so that long and short ones compare."""

    def _create_features(self, attribute: str, all_tokens: list[list[str]]) -> tuple[list[Any], list[Any]]:
        vectorizer = self.vectorizers.get(attribute)
        if not vectorizer:
            return [None], [None]
        sentences = []
        for tokens in all_tokens:
            vector = vectorizer.transform([" ".join(tokens)]) if tokens else None
            if vector is not None:
                vector.sort_indices()
                vector = _of_length_one(vector)
            sentences.append(None if vector is None else vector.tocoo())
        return [None] * len(sentences), sentences


@DefaultV1Recipe.register(Type.INTENT_CLASSIFIER, is_trainable=True)
class LightLogisticRegressionClassifier(LogisticRegressionClassifier):
    """One logistic regression for each intent, evaluated directly; ``C`` says how closely they follow the examples."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As the parent, but rare intents weigh no more than others: that made the model too sure of its guesses."""
        super().__init__(*args, **kwargs)
        self.clf.set_params(solver="liblinear", class_weight=None, C=self.config.get("C", 1.0))

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent and ranking, as the parent does."""
        for message in messages:
            confidences = self._confidences(message)
            order = numpy.argsort(-confidences, kind="stable")
            ranking = [{"name": self.clf.classes_[i], "confidence": float(confidences[i])} for i in order]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking[: self.config["ranking_length"] or None], add_to_output=True)
        return messages

    @cached_property
    def _weights(self) -> Any:
        """The weights, a row a feature: a short text has few of many thousand, and a row lies together in memory."""
        return numpy.ascontiguousarray(self.clf.coef_.T)

    def _confidences(self, message: Message) -> Any:
        """The likelihood of each intent over the message's sentence features, in their order; all together are one."""
        scores = self.clf.intercept_.astype(float).copy()
        column = 0
        for feature in message.features:
            if feature.attribute != TEXT or feature.type != FEATURE_TYPE_SENTENCE:
                continue
            row = feature.features.tocoo()
            scores += row.data @ self._weights[column + row.col]
            column += row.shape[1]
        weights = 1 / (1 + numpy.exp(-scores))
        return weights / weights.sum()


def _of_length_one(vector: Any) -> Any:
    """A row of what is there, not of how often, divided by its length."""
    there = vector.astype(float)
    there.data[:] = 1 / numpy.sqrt(max(len(there.data), 1))
    return there
