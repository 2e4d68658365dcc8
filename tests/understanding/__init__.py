"""How the bot reads replies: ``bot understand`` and the page about it."""
