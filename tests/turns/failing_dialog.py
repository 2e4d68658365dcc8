"""A dialog process that answers as it is told to: what goes wrong in the field, over real HTTP."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bot.processes import free_port

ANSWER = {"state": {"v": 1, "slots": {}}, "replies": [{"text": "Fine.", "purpose": "reply"}], "events": []}


class FailingDialog:
    """Answers ``statuses`` one after the other, then 200 with :data:`ANSWER`.

    ``seen`` are the texts it got, ``states`` the states that came with them.
    """

    def __init__(self, *statuses: int) -> None:
        """Starts to listen at once."""
        self.statuses = list(statuses)
        self.answer: dict[str, Any] = ANSWER
        self.seen: list[str] = []
        self.states: list[dict[str, Any] | None] = []
        dialog = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                dialog.seen.append(json.dumps(body["message"]))
                dialog.states.append(body.get("state"))
                status = dialog.statuses.pop(0) if dialog.statuses else 200
                answer = json.dumps(dialog.answer if status == 200 else {"error": "told to"}).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
