"""One listing, from the nested form of HSDS 3.0 into a :class:`Service`. Every format is brought into that form first.

What must not be shown does not get into the record at all: the address of a place that is marked private or that is a
shelter from violence. What cannot be used is left out and reported; only a listing without id or name is refused whole.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.core.directory.needs import Crosswalk
from bot.core.directory.service import Phone, Schedule, Service, Status, ZipPlace
from bot.directory.hours import read_holiday, read_schedules
from bot.directory.places import read_places
from bot.directory.privacy import is_private
from bot.directory.report import Report, Where
from bot.directory.served import read_areas
from bot.directory.values import listed, read_date, read_language, read_phone, text, unique

LONGEST = {"id": 255, "name": 200, "description": 2000, "words": 600}
ACTIVE = {"", "active", "published", "open", "current", "true"}
FREE = ("free", "no cost", "no fee", "none", "gratis", "sin costo", "0")


@dataclass(frozen=True)
class Reader:
    """What reading needs beside the listing itself.

    ``assured_on`` is taken for listings that carry no date of their own: the day on which the package was checked.
    """

    source: str
    crosswalk: Crosswalk
    book: Callable[[str], ZipPlace | None]
    report: Report
    assured_on: date | None = None

    def read(self, raw: Mapping[str, Any], where: Where) -> Service | None:
        """The listing, or None when it is refused; the report says why."""
        external, name = text(raw.get("id")), text(raw.get("name"))[: LONGEST["name"]]
        if not external or not name or len(external) > LONGEST["id"]:
            why = "is too long" if external and name else "is missing"
            self.report.refuse(where, "name" if external and not name else "id", why)
            return None
        terms, described = unique(_terms(raw)), text(raw.get("description"))[: LONGEST["description"]]
        status = self._status(raw)
        is_violence = any(
            self.crosswalk.is_violence(*said) for said in ((name, terms, described), (self._organization(raw), ()))
        )
        hide = is_violence or status == "private" or self.crosswalk.hides(" . ".join((name, *terms, described)))
        hours = tuple(self._schedules(raw, where))
        return Service(
            id=resource_id(self.source, external),
            source=self.source,
            external_id=external,
            name=name,
            organization=self._organization(raw),
            description=described,
            status=status,
            phones=self._all_phones(raw, where),
            places=tuple(read_places(self, raw, where, hide)),
            schedules=hours,
            languages=unique(self.languages(raw)),
            interpretation=bool(text(raw.get("interpretation_services"))),
            eligibility=text(raw.get("eligibility_description") or raw.get("eligibility"))[: LONGEST["words"]],
            min_age=self._age(raw, "minimum_age", where),
            max_age=self._age(raw, "maximum_age", where),
            documents=unique(self._documents(raw)),
            cost=_cost(raw)[: LONGEST["words"]],
            is_free=_is_free(raw),
            how_to_apply=text(raw.get("application_process"))[: LONGEST["words"]],
            email=_email(raw),
            areas=tuple(read_areas(raw.get("service_areas"))),
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

    def schedules(self, raw: Mapping[str, Any], where: Where) -> Iterator[Schedule]:
        """The hours of one object, and its holidays."""
        yield from self._schedules(raw, where)

    def languages(self, raw: Mapping[str, Any]) -> Iterator[str]:
        """The language codes of one object."""
        for each in raw.get("languages") or ():
            written = (
                (each.get("code") or each.get("name") or each.get("language")) if isinstance(each, Mapping) else each
            )
            for part in listed(written):
                code = read_language(part)
                if code:
                    yield code

    def _schedules(self, raw: Mapping[str, Any], where: Where) -> Iterator[Schedule]:
        for keys, read in ((("schedules", "schedule"), read_schedules), (("holiday_schedules",), _one_holiday)):
            for row in _rows(raw, *keys):
                try:
                    yield from tuple(read(row))
                except ValueError as error:
                    column, _, why = str(error).partition(": ")
                    self.report.refuse(_where(row, where), column, why, "hours")

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
        return "active" if text(raw.get("status")).lower() in ACTIVE else "inactive"

    def _age(self, raw: Mapping[str, Any], column: str, where: Where) -> int | None:
        written = text(raw.get(column))
        if not written:
            return None
        try:
            age = int(float(written))
        except ValueError:
            age = -1
        if not 0 <= age <= 150:
            self.report.refuse(where, column, "not an age", "age")
            return None
        return age

    def _documents(self, raw: Mapping[str, Any]) -> Iterator[str]:
        for each in raw.get("required_documents") or ():
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
            if found:
                return found
        return self.assured_on


def resource_id(source: str, external_id: str) -> str:
    """The id of a listing: the same at each import from the same source."""
    return "res_" + hashlib.sha256(f"{source}\0{external_id}".encode()).hexdigest()[:24]


def _email(raw: Mapping[str, Any]) -> str:
    """The address of the service, else of its organization."""
    written = (text(each.get("email")) for each in (raw, raw.get("organization") or {}))
    return next((each for each in written if re.fullmatch(r"[^@\s,;]{1,64}@[^@\s,;]{1,190}\.[^@\s,;]{2,}", each)), "")


def _one_holiday(row: Mapping[str, Any]) -> tuple[Schedule]:
    return (read_holiday(row),)


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
        yield text(term.get("name") if isinstance(term, Mapping) else term)
    for name in ("keywords", "categories", "service_type", "service_types", "service_category"):
        yield from listed(raw.get(name))


def _cost(raw: Mapping[str, Any]) -> str:
    said = text(raw.get("fees_description") or raw.get("fees"))
    options = [
        " ".join(text(row.get(key)) for key in ("option", "amount", "currency")).strip()
        for row in _rows(raw, "cost_options")
    ]
    return said or ", ".join(option for option in options if option)


def _is_free(raw: Mapping[str, Any]) -> bool | None:
    said = _cost(raw).lower().strip(" .")
    amounts = [text(row.get("amount")) for row in _rows(raw, "cost_options") if text(row.get("amount"))]
    if amounts:
        return all(amount.strip("0.$") == "" for amount in amounts)
    if not said:
        return None
    if any(said == word or said.startswith((f"{word} ", f"{word}.", f"{word},")) for word in FREE):
        return True
    return False if any(mark in said for mark in ("$", "usd", "sliding", "fee", "charge", "copay", "rate")) else None
