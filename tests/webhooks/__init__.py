"""The webhooks, on a real database and a real disk."""
