"""The schema's history, applied by ``bot.store.database.upgrade``."""
