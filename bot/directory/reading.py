"""One listing, from the nested form of HSDS 3.0 into a :class:`Service`. Every format is brought into that form first.

What must not be shown does not get into the record at all: the address of a place that is marked private or that is a
shelter from violence. What cannot be used is left out and reported; only a listing without id or name is refused whole.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from bot.content.directory import load_directory
from bot.core.directory.needs import Crosswalk
from bot.core.directory.service import Area, Phone, Place, Schedule, Service, Status
from bot.core.directory.words import ListingWords
from bot.directory.ages import Ages, ages_said, read_age
from bot.directory.costs import is_free, read_cost
from bot.directory.hours import read_holiday, read_schedules
from bot.directory.places import read_places
from bot.directory.privacy import is_closed, is_private
from bot.directory.report import Report, Where
from bot.directory.served import Map, read_areas
from bot.directory.shape import fault
from bot.directory.values import listed, read_date, read_language, read_phone, text, unique
from bot.directory.zip_book import ZipBook

LONGEST = {"id": 255, "name": 200, "description": 2000, "words": 600}
ACTIVE = {"", "active", "published", "open", "current", "true"}
# What an odd value may raise behind the check of the shape; then the one listing is refused, and the rest is read.
_ODD = (AttributeError, TypeError, ValueError, LookupError, ArithmeticError, RecursionError)


@dataclass(frozen=True)
class Reader:
    """What reading needs beside the listing itself.

    ``assured_on`` is taken for listings that carry no date of their own: the day on which the package was checked.
    A date after ``today`` says nothing. ``words`` are those of the content folder unless others are given.
    """

    source: str
    crosswalk: Crosswalk
    book: ZipBook
    report: Report
    assured_on: date | None = None
    today: date | None = None
    words: ListingWords = field(default_factory=lambda: load_directory().words)

    def read(self, raw: Mapping[str, Any], where: Where) -> Service | None:
        """The listing, or None when it is refused; the report says why."""
        wrong = fault(raw)
        if wrong:
            self.report.refuse(where, *wrong)
            return None
        try:
            return self._read(raw, where)
        except _ODD as error:
            self.report.refuse(where, "", f"cannot be read as a listing ({type(error).__name__})")
            return None

    def _read(self, raw: Mapping[str, Any], where: Where) -> Service | None:
        external, name = text(raw.get("id")), text(raw.get("name"))[: LONGEST["name"]]
        if not external or not name or len(external) > LONGEST["id"]:
            why = "is too long" if external and name else "is missing"
            self.report.refuse(where, "name" if external and not name else "id", why)
            return None
        terms, described = unique(filter(None, _terms(raw))), text(raw.get("description"))[: LONGEST["description"]]
        status = self._status(raw)
        is_violence = any(
            self.crosswalk.is_violence(*said) for said in ((name, terms, described), (self._organization(raw), ()))
        )
        hide = is_violence or status == "private" or self.crosswalk.hides(" . ".join((name, *terms, described)))
        places = tuple(read_places(self, raw, where, hide))
        eligibility = text(raw.get("eligibility_description") or raw.get("eligibility"))[: LONGEST["words"]]
        youngest, oldest = self._ages(raw, eligibility, where)
        options = _rows(raw, "cost_options")
        cost = read_cost(raw, options)[: LONGEST["words"]]
        return Service(
            id=resource_id(self.source, external),
            source=self.source,
            external_id=external,
            name=name,
            organization=self._organization(raw),
            description=described,
            status=status,
            phones=self._all_phones(raw, where),
            places=places,
            schedules=tuple(self.schedules(raw, where, _zone_of_all(places))),
            languages=unique(self.languages(raw)),
            interpretation=bool(text(raw.get("interpretation_services"))),
            eligibility=eligibility,
            min_age=youngest,
            max_age=oldest,
            documents=unique(self._documents(raw)),
            cost=cost,
            is_free=is_free(cost, options, self.words.cost),
            how_to_apply=text(raw.get("application_process"))[: LONGEST["words"]],
            email=_email(raw),
            areas=self._areas(raw, places),
            verified_on=self._verified_on(raw, where),
            terms=terms,
            needs=self.crosswalk.needs(name, terms, described, is_violence),
            is_violence=is_violence,
        )

    def phones(self, raw: Mapping[str, Any], where: Where) -> Iterator[Phone]:
        """The numbers of one object; fax machines and numbers that cannot be dialled are left out."""
        for row in _rows(raw, "phones", "phone"):
            kind = text(row.get("type") or row.get("number_type")).lower()
            if not text(row.get("number")) or kind in ("fax", "pager", "modem"):
                continue
            try:
                yield read_phone(row.get("number"), row.get("extension"), kind)
            except ValueError as error:
                self.report.refuse(_where(row, where), "number", str(error), "phone")

    def schedules(self, raw: Mapping[str, Any], where: Where, zone: str) -> Iterator[Schedule]:
        """The hours of one object, and its holidays; ``zone`` is that of the place, empty where it is not known."""
        here = ZoneInfo(zone) if zone else None
        for keys, read in ((("schedules", "schedule"), read_schedules), (("holiday_schedules",), _one_holiday)):
            for row in _rows(raw, *keys):
                try:
                    yield from tuple(read(row, here))
                except ValueError as error:
                    column, _, why = str(error).partition(": ")
                    self.report.refuse(_where(row, where), column, why, "hours")

    def languages(self, raw: Mapping[str, Any]) -> Iterator[str]:
        """The language codes of one object."""
        given = raw.get("languages") or ()
        for each in given if isinstance(given, list | tuple) else [given]:
            written = (
                (each.get("code") or each.get("name") or each.get("language")) if isinstance(each, Mapping) else each
            )
            for part in listed(written):
                code = read_language(part)
                if code:
                    yield code

    def _areas(self, raw: Mapping[str, Any], places: tuple[Place, ...]) -> tuple[Area, ...]:
        states = unique(place.state for place in places if place.state)
        known = Map(self.book.gazetteer, self.words.areas)
        return tuple(read_areas(raw.get("service_areas"), known, states))

    def _all_phones(self, raw: Mapping[str, Any], where: Where) -> tuple[Phone, ...]:
        """The service's own numbers, else those of its contacts, else those of the organization."""
        organization = raw.get("organization") or {}
        for holder in (raw, *_rows(raw, "contacts"), organization, *_rows(organization, "contacts")):
            found = unique(self.phones(holder, where))
            if found:
                return found
        return ()

    def _organization(self, raw: Mapping[str, Any]) -> str:
        return text((raw.get("organization") or {}).get("name"))[: LONGEST["name"]]

    def _status(self, raw: Mapping[str, Any]) -> Status:
        if is_private(raw) or is_private(raw.get("organization") or {}):
            return "private"
        return "active" if text(raw.get("status")).lower() in ACTIVE and not is_closed(raw) else "inactive"

    def _ages(self, raw: Mapping[str, Any], eligibility: str, where: Where) -> Ages:
        """Of the columns; else what the words about who is eligible say for certain."""
        youngest = self._age(raw, "minimum_age", where)
        oldest = self._age(raw, "maximum_age", where)
        if (youngest, oldest) != (None, None):
            return youngest, oldest
        return ages_said(eligibility, self.words.ages)

    def _age(self, raw: Mapping[str, Any], column: str, where: Where) -> int | None:
        written = text(raw.get(column))
        if not written:
            return None
        try:
            return read_age(written, self.words.ages, oldest=column == "maximum_age")
        except ValueError as error:
            self.report.refuse(where, column, str(error), "age")
            return None

    def _documents(self, raw: Mapping[str, Any]) -> Iterator[str]:
        given = raw.get("required_documents") or ()
        for each in given if isinstance(given, list | tuple) else [given]:
            written = text(each.get("document") if isinstance(each, Mapping) else each)
            if written and written.lower() not in ("none", "n/a", "none."):
                yield written[: LONGEST["words"]]

    def _verified_on(self, raw: Mapping[str, Any], where: Where) -> date | None:
        """The day of ``assured_date``, or of the last change of the record, which is better than none."""
        columns = ("assured_date", "last_verified", "last_modified", "updated_at")
        dated = [(column, raw.get(column)) for column in columns if text(raw.get(column))]
        dated += [("last_action_date", row.get("last_action_date")) for row in _rows(raw, "metadata")]
        for column, written in dated:
            try:
                found = read_date(written)
            except ValueError as error:
                self.report.refuse(where, column, str(error), "date")
                continue
            if found and self.today and found > self.today:
                self.report.refuse(where, column, "a day that is still to come", "date")
            elif found:
                return found
        return self.assured_on


def resource_id(source: str, external_id: str) -> str:
    """The id of a listing: the same at each import from the same source."""
    return "res_" + hashlib.sha256(f"{source}\0{external_id}".encode()).hexdigest()[:24]


def _email(raw: Mapping[str, Any]) -> str:
    """The address of the service, else of its organization."""
    written = (text(each.get("email")) for each in (raw, raw.get("organization") or {}))
    return next((each for each in written if re.fullmatch(r"[^@\s,;]{1,64}@[^@\s,;]{1,190}\.[^@\s,;]{2,}", each)), "")


def _one_holiday(row: Mapping[str, Any], zone: ZoneInfo | None) -> tuple[Schedule]:
    return (read_holiday(row, zone),)


def _zone_of_all(places: tuple[Place, ...]) -> str:
    """The zone that all places keep; empty when they keep several, or it is not known."""
    zones = {place.timezone for place in places}
    return zones.pop() if len(zones) == 1 else ""


def _rows(raw: Mapping[str, Any], *names: str) -> list[Mapping[str, Any]]:
    """The objects under the first of these names that is there; one alone counts as a list of one."""
    for name in names:
        value = raw.get(name)
        if isinstance(value, Mapping):
            return [value]
        if isinstance(value, list) and value:
            return [each for each in value if isinstance(each, Mapping)]
    return []


def _where(row: Mapping[str, Any], where: Where) -> Where:
    """Where the row itself stands, when its reader noted it."""
    return row.get("_where") or where


def _terms(raw: Mapping[str, Any]) -> Iterator[str]:
    for row in _rows(raw, "attributes"):
        term = row.get("taxonomy_term") or {}
        if name := text(term.get("name") if isinstance(term, Mapping) else term):
            yield name
    for name in ("keywords", "categories", "service_type", "service_types", "service_category"):
        yield from listed(raw.get(name))
