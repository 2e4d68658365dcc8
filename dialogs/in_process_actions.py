"""Custom actions run in the Rasa process, through rasa-sdk's own executor: no action server, no second hop."""

from __future__ import annotations

import json
from typing import Any

from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection


class InProcessActions(EndpointConfig):
    """An action endpoint whose requests are function calls."""

    def __init__(self, package: str) -> None:
        """Register every action of ``package``; the domain is not sent along with each call."""
        super().__init__(url="in-process", enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package(package)

    async def request(self, *args: Any, json: Any = None, **kwargs: Any) -> Any:
        """Run one action. A rejection becomes the 400 that Rasa expects; any other error goes through."""
        try:
            return await self._executor.run(json)
        except ActionExecutionRejection as rejection:
            raise _rejected(rejection) from rejection


def _rejected(rejection: ActionExecutionRejection) -> ClientResponseError:
    body = json.dumps({"action_name": rejection.action_name, "error": rejection.message})
    return ClientResponseError(400, rejection.message, body)
