"""Rows of a JSON answer: a list of flat objects, bare or in an envelope, or a list of lists of cells.

Belongs here: walking such a file row by row without changing a digit. Does not belong here: fetching it,
paging, and what an API's error text means.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from orchestration.reading import ReadingError

MAX_BYTES = 1 << 30
MAX_VALUE_CHARS = 16_000_000
_CHUNK_CHARS = 1 << 20


@dataclass(frozen=True)
class Envelope:
    """What an answer says about itself, beside the number of rows it really holds.

    Attributes:
        error: The text under `error`, else under `message`; empty if there is none.
        count: The number under `count`; None if there is none.
        rows: Rows in the list; 0 if there is no list.
    """

    error: str
    count: int | None
    rows: int


def read_objects(
    path: Path, key: str, max_bytes: int = MAX_BYTES
) -> Iterator[tuple[int, dict[str, str | None], str]]:
    """Walk the rows: ordinal from 1, the row, and its exact JSON text.

    Numbers keep their published digits (`1.10` stays `1.10`), booleans become `true` and `false`, null
    becomes None. One row at a time is in memory (an API answer is capped at 250,000 rows, some 300 MB of
    text), beside a buffer of 1 MiB.

    Args:
        path: UTF-8, with or without a byte order mark.
        key: Name of the list in the envelope; without meaning for a bare list.
        max_bytes: Larger files are refused.

    Raises:
        ReadingError: Too large, not UTF-8, broken JSON, no such list, a row that is not a flat object, a
            name twice in one object. Rows before the fault are out by then: drop them.
    """
    number, found = 0, False
    for name, value, raw in _members(path, key, max_bytes):
        if name == key and value not in (None, []):
            raise ReadingError(f"{path.name} is JSON, but its {key!r} is no list: {raw[:40]}")
        found = found or name in (None, key)
        if name is None:
            number += 1
            yield number, _flat(value, f"{path.name}: row {number}", raw), raw
    if not found:
        raise ReadingError(f"{path.name} is JSON, but has no list named {key!r}")


def read_arrays(path: Path, max_bytes: int = MAX_BYTES) -> Iterator[tuple[int, tuple[str | None, ...], str]]:
    """Walk the rows of a list of lists: ordinal from 1, the cells, and the row's exact JSON text.

    Cells keep their published digits as in `read_objects`, and one row at a time is in memory.

    Raises:
        ReadingError: Too large, not UTF-8, broken JSON, an envelope, a row that is not a list of single
            values. Rows before the fault are out by then: drop them.
    """
    number = 0
    for name, value, raw in _members(path, "", max_bytes):
        if name == "":
            continue
        number += 1
        where = f"{path.name}: row {number}"
        if name is not None or not isinstance(value, list):
            raise ReadingError(f"{where} is not a list but {raw[:40]}")
        cells = tuple(_text(cell, f"{where}, cell {at}") for at, cell in enumerate(value, 1))
        _check_characters(cells, raw, where)
        yield number, cells, raw


def read_envelope(path: Path, key: str = "data", max_bytes: int = MAX_BYTES) -> Envelope:
    """Read what stands around the rows, and count them. Raises `ReadingError` as `read_objects` does."""
    rest: dict[str, object] = {}
    rows = 0
    for name, value, _ in _members(path, key, max_bytes):
        if name is None:
            rows += 1
        else:
            rest[name] = value
    count = rest.get("count")
    if count is not None and not (isinstance(count, str) and count.lstrip("-").isdecimal()):
        raise ReadingError(f"{path.name}: its count is {count!r}, which is not a whole number")
    return Envelope(
        str(rest.get("error") or rest.get("message") or ""), None if count is None else int(count), rows
    )


class _Cursor:
    """A place in a JSON text that is read in chunks."""

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._buffer = ""
        self._at = 0
        self._ended = False
        self._chars_before = self._lines_before = 0
        self._decoder = json.JSONDecoder(
            parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_object
        )

    def fail(self, rule: str, at: int | None = None) -> ReadingError:
        """Make the error that names this place."""
        at = self._at if at is None else at
        line = self._lines_before + self._buffer.count("\n", 0, at) + 1
        return ReadingError(
            f"{self._name}: {rule} at line {line}, character {self._chars_before + at + 1} of the file"
        )

    def peek(self) -> str:
        """Look at the next character that is not white space; empty at the end."""
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at] in " \t\r\n":
                self._at += 1
            if self._at < len(self._buffer) or not self._fill():
                return self._buffer[self._at : self._at + 1]

    def take(self, allowed: str) -> str:
        """Step over the next character, which must be one of `allowed`."""
        char = self.peek()
        if not char:
            raise self.fail("the JSON ends too early")
        if char not in allowed:
            raise self.fail(f"broken JSON, expected {' or '.join(allowed)}")
        self._at += 1
        return char

    def value(self) -> tuple[object, str]:
        """Step over the next value; hand out the value and its text."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except (json.JSONDecodeError, RecursionError) as error:
                # The buffer may just end inside the value, so a fault is one only when no more text helps.
                if len(self._buffer) - self._at < MAX_VALUE_CHARS and not self._ended:
                    self._fill()
                    continue
                raise self.fail("broken JSON", getattr(error, "pos", None)) from error
            except ValueError as error:
                raise self.fail(str(error)) from error
            # A number at the very end of the buffer may go on.
            if end == len(self._buffer) and not self._ended:
                self._fill()
                continue
            raw = self._buffer[self._at : end]
            self._at = end
            return value, raw

    def _fill(self) -> bool:
        if self._ended:
            return False
        self._chars_before += self._at
        self._lines_before += self._buffer.count("\n", 0, self._at)
        self._buffer = self._buffer[self._at :]
        self._at = 0
        try:
            chunk = self._stream.read(max(_CHUNK_CHARS, len(self._buffer)))
        except UnicodeDecodeError as error:
            raise self.fail(f"bytes that are not UTF-8 ({error.reason}) follow") from error
        self._ended = not chunk
        self._buffer += chunk
        return bool(chunk)


def _members(path: Path, key: str, max_bytes: int) -> Iterator[tuple[str | None, object, str]]:
    """Walk a document: rows under the name None, every other member of the envelope under its own."""
    if (size := path.stat().st_size) > max_bytes:
        raise ReadingError(f"{path.name} has {size} bytes, more than the {max_bytes} that are read as JSON")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        cursor = _Cursor(stream, path.name)
        if cursor.peek() == "[":
            yield from _elements(cursor)
            yield key, [], ""
        else:
            yield from _envelope(cursor, key)
        if cursor.peek():
            raise cursor.fail("text after the end of the JSON")


def _elements(cursor: _Cursor) -> Iterator[tuple[None, object, str]]:
    cursor.take("[")
    if cursor.peek() == "]":
        cursor.take("]")
        return
    while True:
        yield None, *cursor.value()
        if cursor.take(",]") == "]":
            return


def _envelope(cursor: _Cursor, key: str) -> Iterator[tuple[str | None, object, str]]:
    cursor.take("{")
    names: set[str] = set()
    while cursor.peek() != "}" or names:
        if cursor.peek() != '"':
            raise cursor.fail("broken JSON, expected a name in quotes")
        name = str(cursor.value()[0])
        if name in names:
            raise cursor.fail(f"the name {name!r} twice")
        names.add(name)
        cursor.take(":")
        if name == key and cursor.peek() == "[":
            yield from _elements(cursor)
            yield name, [], ""
        else:
            yield name, *cursor.value()
        if cursor.take(",}") == "}":
            return
    cursor.take("}")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name twice in one object")
    return made


def _flat(value: object, where: str, raw: str) -> dict[str, str | None]:
    if not isinstance(value, dict):
        raise ReadingError(f"{where} is not an object but {raw[:40]}")
    row = {name: _text(cell, f"{where}, {name}") for name, cell in value.items()}
    _check_characters([*row, *row.values()], raw, where)
    return row


def _check_characters(texts: Iterable[str | None], raw: str, where: str) -> None:
    if "\\u" in raw:
        try:
            "".join(filter(None, texts)).encode()
        except UnicodeEncodeError:
            raise ReadingError(f"{where} holds half a surrogate pair, which is no character") from None


def _text(cell: object, where: str) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    raise ReadingError(f"{where} holds a list or an object, where a single value is due")
