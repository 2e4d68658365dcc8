"""The clinic API: JSON under ``/api/v1`` for the systems and people of a clinic."""
