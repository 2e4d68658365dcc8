"""On-call alerts: the cadence, the channels, claims, and what an operator sees."""
