"""Search: the listings that fit a wish, from the database."""

from __future__ import annotations

from bot.content.directory import load_directory
from bot.core.directory.match import find
from bot.core.directory.service import Service
from bot.core.directory.wish import Found, Wish
from bot.directory.zip_book import open_zip_book
from bot.settings import Settings
from bot.store import directory
from bot.store.database import Transaction

MILES_A_DEGREE = 69.0
# So many of the nearest are weighed against each other first; several times more wherever too few of those fit.
LOOKED_AT, MORE = 150, 4


def search(settings: Settings, tx: Transaction, wish: Wish) -> Found:
    """The listings that fit, best first, as :func:`bot.core.directory.match.find` chooses them.

    Everybody may be offered places, whatever they answered: the needs of a wish are what they ask for. When nothing
    fits, ``reason`` says why; then 211 is to be named plainly. However many near ones are not for this person, by their
    age or address, those behind them are found.
    """
    if not any(directory.is_offered(tx, need) for need in wish.needs):
        # Before the ZIP codes are opened: where there is no directory they need not be.
        return Found(reason="nothing_for_this")
    rules, book = load_directory(settings.content_dir).rules, open_zip_book()
    home = book(wish.zip) if wish.zip else None
    point = (home.latitude, home.longitude) if home else None
    looked_at: dict[str, Service] = {}
    found, left, skip, most = Found(), list(wish.needs), 0, LOOKED_AT + len(wish.not_ids)
    while left:
        pages = {
            need: directory.near(tx, need, point, rules.miles_for(need) / MILES_A_DEGREE, most, skip) for need in left
        }
        looked_at |= {service.id: service for page in pages.values() for service in page}
        if skip == 0 or any(pages.values()):
            found = find(looked_at.values(), wish, rules, book)
        left = [need for need in left if pages[need] and _are_too_few(found, need, wish)]
        skip, most = skip + most, most * MORE
    return Found(reason="nothing_near") if found.reason == "nothing_for_this" else found


def _are_too_few(found: Found, need: str, wish: Wish) -> bool:
    """Whether more of this need could be shown: the needs of a wish share its limit."""
    of_need = sum(match.need == need for match in found.matches)
    return len(found.matches) < wish.limit or of_need < wish.limit // len(wish.needs)
