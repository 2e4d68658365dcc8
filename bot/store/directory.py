"""The listings of the directory: written by imports, read by searches."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, delete, func, insert, or_, select, update

from bot.core.directory.codec import from_json, to_json
from bot.core.directory.needs import Crosswalk
from bot.core.directory.service import Place, Service
from bot.store.database import Transaction
from bot.store.directory_tables import Resource, ResourceOffer
from bot.store.rows import changed

# SQLite takes 32,766 values in a statement; a listing that is read often need not be read anew each time.
BATCH = 500
KEPT_READ = 4096


def encode(service: Service) -> tuple[str, str]:
    """The listing as it is stored, and its digest."""
    document = json.dumps(to_json(service), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return document, hashlib.sha256(document.encode()).hexdigest()


@lru_cache(maxsize=KEPT_READ)
def decode(document: str) -> Service:
    """The listing of a stored document."""
    return from_json(json.loads(document))


def write(tx: Transaction, documents: Sequence[tuple[str, str]], import_id: str) -> Counter[str]:
    """Add or change these listings, at most :data:`BATCH` of them, by id; counts ``added``, ``changed``, ``unchanged``
    and ``back`` (retired before). ``documents`` are of :func:`encode`.
    """
    services = [decode(document) for document, _ in documents]
    known = _known(tx, [service.id for service in services])
    counts: Counter[str] = Counter()
    fresh, altered = [], []
    for service, (document, digest) in zip(services, documents, strict=True):
        row = _row(service, document, digest, import_id, tx.now())
        before = known.get(service.id)
        word = _what_happens(before, digest)
        counts[word] += 1
        if word == "added":
            fresh.append(row)
        elif word != "unchanged":
            altered.append(row)
    if fresh:
        tx.session.execute(insert(Resource), fresh)
    if altered:
        tx.session.execute(update(Resource), altered)
    _mark_seen(tx, [service.id for service in services], import_id)
    touched = {row["id"] for row in (*fresh, *altered)}
    _write_offers(tx, [service for service in services if service.id in touched])
    return counts


def retire_others(tx: Transaction, source: str, import_id: str) -> int:
    """Retire what the source no longer has; how many. They are not offered any more, and stay to be read."""
    gone = (Resource.source == source) & (Resource.import_id != import_id) & Resource.retired_at.is_(None)
    ids = select(Resource.id).where(gone)
    tx.session.execute(delete(ResourceOffer).where(ResourceOffer.resource_id.in_(ids)))
    now = tx.now()
    return changed(tx.session.execute(update(Resource).where(gone).values(retired_at=now, changed_at=now)))


def near(
    tx: Transaction, need: str, point: tuple[float, float] | None, degrees: float, most: int, skip: int = 0
) -> list[Service]:
    """Listings to look at for a need: the nearest ``most`` around the point within so many degrees, and the first
    ``most`` that have no place on the map, of each behind the first ``skip``. Without a point, the first ones.
    """
    offers = select(ResourceOffer.resource_id).where(ResourceOffer.need == need)
    unplaced = offers.where(ResourceOffer.latitude.is_(None)).order_by(ResourceOffer.fit, ResourceOffer.seq)
    placed = offers.where(ResourceOffer.latitude.is_not(None)).order_by(ResourceOffer.fit, ResourceOffer.seq)
    if point is not None:
        placed = _around(offers, point, degrees)
    ids = [
        each for query in (placed, unplaced) for each in tx.session.execute(query.limit(most).offset(skip)).scalars()
    ]
    return list(by_ids(tx, dict.fromkeys(ids)).values())


def by_ids(tx: Transaction, ids: Iterable[str]) -> dict[str, Service]:
    """The listings with these ids that are there and not retired, in the order of the ids."""
    wanted = list(ids)
    found: dict[str, str] = {}
    for some in _batches(wanted):
        query = select(Resource.id, Resource.document).where(Resource.id.in_(some), Resource.retired_at.is_(None))
        found |= {row.id: row.document for row in tx.session.execute(query)}
    return {each: decode(found[each]) for each in wanted if each in found}


def get(tx: Transaction, resource_id: str) -> Service | None:
    """The listing with this id, retired or not."""
    row = tx.session.get(Resource, resource_id)
    return decode(row.document) if row else None


def listed(
    tx: Transaction,
    *,
    source: str | None = None,
    need: str | None = None,
    status: str | None = None,
    words: str | None = None,
) -> Iterator[tuple[Service, datetime | None]]:
    """Listings by name with the time they were retired at, filtered; read a few at a time.

    ``status`` is active, inactive, private or retired; without it all but the retired ones are given.
    """
    query = _filtered(source, status, words)
    if need:
        query = query.where(Resource.id.in_(select(ResourceOffer.resource_id).where(ResourceOffer.need == need)))
    for row in tx.session.execute(query.execution_options(yield_per=BATCH)):
        yield decode(row.document), row.retired_at


def count(tx: Transaction) -> int:
    """How many listings there are that are not retired."""
    return tx.session.execute(select(func.count()).where(Resource.retired_at.is_(None))).scalar_one()


def is_offered(tx: Transaction, need: str) -> bool:
    """Whether any listing anywhere may be offered for this need."""
    return tx.session.execute(select(ResourceOffer.seq).where(ResourceOffer.need == need).limit(1)).first() is not None


def reclassify(tx: Transaction, crosswalk: Crosswalk) -> int:
    """Work out anew which needs each listing helps with, and what of it is not to be told; how many listings changed.

    What was once hidden stays so until the next import: its address is not stored.
    """
    altered = [anew for service, _ in listed(tx) if (anew := _reclassified(service, crosswalk)) != service]
    for service in altered:
        document, digest = encode(service)
        tx.session.execute(update(Resource).where(Resource.id == service.id).values(document=document, digest=digest))
    _write_offers(tx, altered)
    return len(altered)


def _reclassified(service: Service, crosswalk: Crosswalk) -> Service:
    said = (service.name, service.terms, service.description)
    is_violence = service.is_violence or crosswalk.is_violence(*said) or crosswalk.is_violence(service.organization, ())
    needs = crosswalk.needs(*said, is_violence)
    places = service.places
    if is_violence or crosswalk.hides(" . ".join((service.name, *service.terms, service.description))):
        places = tuple(map(_hidden, places))
    return replace(service, needs=needs, is_violence=is_violence, places=places)


def _hidden(place: Place) -> Place:
    """The place without what leads to it; its region stays, so that a nearer one comes first."""
    if place.is_hidden:
        return place
    latitude, longitude = (None if each is None else round(each, 1) for each in (place.latitude, place.longitude))
    return replace(place, id="", name="", address=None, latitude=latitude, longitude=longitude, is_hidden=True)


def _filtered(source: str | None, status: str | None, words: str | None) -> Select[Any]:
    columns: tuple[Any, ...] = (Resource.document, Resource.retired_at)
    query = select(*columns).order_by(Resource.name, Resource.id)
    if source:
        query = query.where(Resource.source == source)
    if status == "retired":
        query = query.where(Resource.retired_at.is_not(None))
    else:
        query = query.where(Resource.retired_at.is_(None))
    if status and status != "retired":
        query = query.where(Resource.status == status)
    for word in (words or "").split():
        query = query.where(
            or_(Resource.name.icontains(word, autoescape=True), Resource.organization.icontains(word, autoescape=True))
        )
    return query


def _around(offers: Select[Any], point: tuple[float, float], degrees: float) -> Select[Any]:
    """The nearest first. A degree of longitude counts three quarters of one of latitude, which does for a choice."""
    latitude, longitude = point
    box = offers.where(
        ResourceOffer.latitude.between(latitude - degrees, latitude + degrees),
        ResourceOffer.longitude.between(longitude - degrees * 1.6, longitude + degrees * 1.6),
    )
    north, east = ResourceOffer.latitude - latitude, (ResourceOffer.longitude - longitude) * 0.75
    return box.order_by(north * north + east * east, ResourceOffer.seq)


def _known(tx: Transaction, ids: Sequence[str]) -> dict[str, tuple[str, datetime | None]]:
    query = select(Resource.id, Resource.digest, Resource.retired_at).where(Resource.id.in_(ids))
    return {row.id: (row.digest, row.retired_at) for row in tx.session.execute(query)}


def _what_happens(before: tuple[str, datetime | None] | None, digest: str) -> str:
    if before is None:
        return "added"
    if before[1] is not None:
        return "back"
    return "unchanged" if before[0] == digest else "changed"


def _row(service: Service, document: str, digest: str, import_id: str, now: datetime) -> dict[str, Any]:
    return {
        "id": service.id,
        "source": service.source,
        "external_id": service.external_id,
        "name": service.name,
        "organization": service.organization,
        "status": service.status,
        "verified_on": service.verified_on,
        "document": document,
        "digest": digest,
        "import_id": import_id,
        "changed_at": now,
        "retired_at": None,
    }


def _mark_seen(tx: Transaction, ids: Sequence[str], import_id: str) -> None:
    seen = update(Resource).where(Resource.id.in_(ids)).values(import_id=import_id)
    tx.session.execute(seen.execution_options(synchronize_session=False))


def _write_offers(tx: Transaction, services: Sequence[Service]) -> None:
    for some in _batches([service.id for service in services]):
        tx.session.execute(delete(ResourceOffer).where(ResourceOffer.resource_id.in_(some)))
    rows = [row for service in services if service.status == "active" for row in _offers(service)]
    if rows:
        tx.session.execute(insert(ResourceOffer), rows)


def _offers(service: Service) -> Iterator[dict[str, Any]]:
    points = {(place.latitude, place.longitude) for place in service.places} or {(None, None)}
    for need, fit in service.needs.items():
        for latitude, longitude in sorted(points, key=str):
            yield {"resource_id": service.id, "need": need, "fit": fit, "latitude": latitude, "longitude": longitude}


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
