"""Search: the listings that fit a wish, from the database."""

from __future__ import annotations

from bot.content.directory import load_directory
from bot.core.directory.match import find
from bot.core.directory.wish import Found, Wish
from bot.directory.zip_book import open_zip_book
from bot.settings import Settings
from bot.store import directory
from bot.store.database import Transaction

MILES_A_DEGREE = 69.0
# More than this many of the nearest places are not weighed against each other.
LOOKED_AT = 150


def search(settings: Settings, tx: Transaction, wish: Wish) -> Found:
    """The listings that fit, best first, as :func:`bot.core.directory.match.find` chooses them.

    Everybody may be offered places, whatever they answered: the needs of a wish are what they ask for. When nothing
    fits, ``reason`` says why; then 211 is to be named plainly.
    """
    if not any(directory.is_offered(tx, need) for need in wish.needs):
        # Before the ZIP codes are opened: where there is no directory they need not be.
        return Found(reason="nothing_for_this")
    rules, book = load_directory(settings.content_dir).rules, open_zip_book()
    home = book(wish.zip) if wish.zip else None
    point = (home.latitude, home.longitude) if home else None
    looked_at = {}
    for need in wish.needs:
        degrees = rules.miles_for(need) / MILES_A_DEGREE
        most = LOOKED_AT + len(wish.not_ids)
        looked_at.update({service.id: service for service in directory.near(tx, need, point, degrees, most)})
    found = find(looked_at.values(), wish, rules, book)
    return Found(reason="nothing_near") if found.reason == "nothing_for_this" else found
