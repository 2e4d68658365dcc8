"""The sample directory: invented places, for trying the bot out."""

from __future__ import annotations

from pathlib import Path

from bot.content.directory import load_directory
from bot.directory.importing import Imported, Order, import_package
from bot.directory.zip_book import open_zip_book
from bot.settings import Settings
from bot.store import directory, partners
from bot.store.database import Database

SOURCE = "sample"


def sample_path(settings: Settings) -> Path:
    """Where the sample lies in the content folder."""
    return settings.content_dir / "content" / "sample_places.json"


def import_sample(db: Database, settings: Settings) -> Imported | None:
    """Import the sample into an empty directory; None, with nothing done, when there are listings already.

    Its places count as checked today, except those that carry an old date to show what that looks like.
    """
    with db.read() as tx:
        if directory.count(tx):
            return None
    book = open_zip_book()
    order = Order(sample_path(settings), "hsds-json", SOURCE, assured_on=db.clock.now().date())
    content = load_directory(settings.content_dir)
    return import_package(db, order, content.crosswalk, book, actor="sample", words=content.words)


def let_texts_reach_them(db: Database) -> None:
    """Say of every sample place that it is told by text, at the number it lists: the simulator has a phone there, too.

    Those that help against violence are left out: nothing is sent to them.
    """
    with db.write() as tx:
        for service, _ in list(directory.listed(tx, source=SOURCE)):
            number = next((phone.number for phone in service.phones if phone.number), None)
            if number is not None and not service.is_violence:
                partners.set_contact(tx, service.id, partners.Contact(phone=number))
