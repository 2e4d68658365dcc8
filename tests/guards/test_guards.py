"""Guards over all source files."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli import COMMANDS, cli
from bot.settings import declared

ROOT = Path(__file__).parents[2]
OURS = ("bot", "webhooks", "dialogs")
LONGEST_FILE = 400
# Of the standard library, what reads or changes the world outside.
IMPURE = {
    "asyncio",
    "io",
    "logging",
    "os",
    "random",
    "secrets",
    "shutil",
    "socket",
    "sqlite3",
    "subprocess",
    "threading",
}
IMPURE |= {"time", "urllib.request", "uuid"}
# What the dialog environment has and both environments share.
DIALOG_MAY_IMPORT = ("bot.core", "bot.content", "dialogs")


def _sources(*folders: str) -> list[Path]:
    files = [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]
    return [file for file in files if "versions" not in file.parts]


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_of(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def test_the_core_imports_the_standard_library_and_itself() -> None:
    """A decision that reads a file, a clock or chance can no longer be tested as a plain function."""
    allowed = ("bot.core", *sys.stdlib_module_names - IMPURE)
    imported = [(name, file.stem) for file in _sources("bot/core") for name in _imports(file)]
    assert [each for each in imported if not _is_of(each[0], allowed) or _is_of(each[0], tuple(IMPURE))] == []


def test_dialogs_import_core_and_content_alone() -> None:
    """Anything else of the app is not installed in the dialog environment, and must not see a patient's data."""
    imported = [(name, file.stem) for file in _sources("dialogs") for name in _imports(file)]
    assert [each for each in imported if _is_of(each[0], OURS) and not _is_of(each[0], DIALOG_MAY_IMPORT)] == []


def test_no_long_files() -> None:
    """A file that grows past this does more than one thing: split it by what it does."""
    lengths = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in _sources(*OURS, "tests")}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_nothing_is_left_for_later() -> None:
    """A mark in the code is a task that nobody sees; tasks are issues."""
    mark = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|NotImplemented" + "Error")
    assert [str(file) for file in _sources(*OURS, "tests") if mark.search(file.read_text())] == []


def test_every_name_read_from_the_environment_is_a_setting() -> None:
    """A name that only its reader knows is neither documented nor checked."""
    known = {item.metadata["env"] for item in declared()}
    read = {
        (name, str(file.relative_to(ROOT)))
        for file in _sources(*OURS)
        for name in re.findall(r"environ(?:\.get\(|\.setdefault\(|\[)\s*\"((?:BOT|TWILIO)_\w+)\"", file.read_text())
    }
    assert [found for found in read if found[0] not in known] == []


def test_every_test_says_what_it_expects() -> None:
    """A failing test whose name has to be guessed at costs more than its docstring."""
    silent = [
        f"{file.relative_to(ROOT)}::{node.name}"
        for file in _sources("tests")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does(name: str) -> None:
    """`bot --help` lists each with a line of its own."""
    command = cli.get_command(None, name)  # type: ignore[arg-type]
    assert command is not None
    assert command.get_short_help_str()
