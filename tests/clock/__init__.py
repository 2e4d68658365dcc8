"""When patients are texted: hours, caps, the gate, and what the clock releases."""
