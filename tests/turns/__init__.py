"""The turn and the worker around it."""
