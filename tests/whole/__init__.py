"""The whole of it, as it runs: ``bot serve`` with all its processes, and a Twilio outside it."""
