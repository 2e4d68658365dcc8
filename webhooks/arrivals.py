"""A request of Twilio's as it is kept: in the database, or as JSON in the spool until it can be."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select

from bot.store import inbound, receipts
from bot.store.database import Transaction
from bot.store.tables import Receipt
from webhooks.twilio.form import InboundText, StatusReport

_KINDS = {"text": InboundText, "status": StatusReport}


@dataclass(frozen=True)
class Arrival:
    """What came, and when (aware UTC)."""

    content: InboundText | StatusReport
    received_at: datetime

    @property
    def kind(self) -> str:
        """``text`` or ``status``."""
        return "text" if isinstance(self.content, InboundText) else "status"

    @property
    def topic(self) -> str:
        """Whom to wake when it is stored."""
        return "inbound" if self.kind == "text" else "receipts"

    def store(self, tx: Transaction) -> bool:
        """Write the row. False when the same text (its MessageSid) or the same report is there already."""
        if isinstance(self.content, InboundText):
            return _store_text(tx, self.content, self.received_at)
        return _store_report(tx, self.content, self.received_at)

    def to_json(self) -> str:
        """For the spool."""
        return json.dumps(
            {"kind": self.kind, "received_at": self.received_at.isoformat(), "content": asdict(self.content)}
        )

    @classmethod
    def from_json(cls, text: str) -> Arrival:
        """From the spool. Raises ``ValueError``, ``KeyError`` or ``TypeError`` for anything else."""
        record = json.loads(text)
        content = _KINDS[record["kind"]](**record["content"])
        received_at = datetime.fromisoformat(record["received_at"])
        if received_at.tzinfo is None:
            raise ValueError("an arrival needs an aware time")
        return cls(content, received_at)


def _store_text(tx: Transaction, text: InboundText, received_at: datetime) -> bool:
    row_id = inbound.store(
        tx,
        message_sid=text.message_sid,
        kind="text",
        channel=text.channel,
        from_address=text.from_address,
        to_address=text.to_address,
        body=text.body,
        num_media=text.num_media,
        opt_out_type=text.opt_out_type,
        detail={"was_base64": True} if text.was_base64 else {},
        received_at=received_at,
    )
    return row_id is not None


def _store_report(tx: Transaction, report: StatusReport, received_at: datetime) -> bool:
    same = select(Receipt.seq).where(
        Receipt.message_sid == report.message_sid,
        Receipt.status == report.status,
        Receipt.error_code.is_not_distinct_from(report.error_code),
    )
    if tx.session.execute(same.limit(1)).first():
        return False
    receipts.store(tx, **asdict(report), received_at=received_at)
    return True
