"""The way out: segments, statuses, errors, the gate, the sender and receipts."""
