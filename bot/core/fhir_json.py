"""Reading FHIR R4 JSON: extensions, their values and parts, and texts with translations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"


def extensions(element: Json, *urls: str) -> Iterator[Json]:
    """The extensions of ``element`` with one of these addresses, in the order of the file."""
    return (e for e in element.get("extension", []) if e.get("url") in urls)


def value(extension: Json) -> Any:
    """Its ``value[x]``, or None."""
    return next((v for k, v in extension.items() if k.startswith("value")), None)


def first(element: Json, *urls: str) -> Any:
    """The value of the first extension with one of these addresses, or None."""
    return next((value(e) for e in extensions(element, *urls)), None)


def flag(element: Json, url: str) -> bool:
    """Whether an extension with this address says true."""
    return any(value(e) is True for e in extensions(element, url))


def number(element: Json, *urls: str) -> float | None:
    """The value of :func:`first` as a number."""
    found = first(element, *urls)
    return None if found is None else float(found)


def parts(extension: Json, name: str) -> list[Any]:
    """The values of the inner extensions called ``name``."""
    return [value(e) for e in extensions(extension, name)]


def part(extension: Json, name: str) -> Any:
    """The value of the first inner extension called ``name``, or None."""
    return next(iter(parts(extension, name)), None)


def texts(element: Json, name: str, language: str) -> dict[str, str]:
    """The wording of ``element[name]`` by language: its own under ``language``, the others from translations."""
    found = {language: str(element.get(name, ""))}
    for extension in extensions(element.get(f"_{name}", {}), TRANSLATION):
        found[str(part(extension, "lang"))] = str(part(extension, "content"))
    return found


def codes(element: Json) -> list[str]:
    """The codes of ``element.code``, in the order of the file."""
    return [str(c["code"]) for c in element.get("code", []) if "code" in c]
