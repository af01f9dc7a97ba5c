"""Stepping through a JSON text in chunks: one row of its list in memory at a time.

Belongs here: where values begin and end, and what makes the text broken. Does not belong here: what a row may
hold (`jsonrows`).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from orchestration.reading import ReadingError

MAX_VALUE_CHARS = 16_000_000
_CHUNK_CHARS = 1 << 20


def members(path: Path, key: str, max_bytes: int) -> Iterator[tuple[str | None, object, str]]:
    """Walk a document: rows under the name None, every other member of the envelope under its own.

    Each comes with its value and its exact text. A bare list is the member `key`, and its end is as well.

    Raises:
        ReadingError: larger than `max_bytes`, not UTF-8, broken JSON, a name twice in one object.
    """
    if (size := path.stat().st_size) > max_bytes:
        raise ReadingError(f"{path.name} has {size} bytes, more than the {max_bytes} that are read as JSON")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        cursor = Cursor(stream, path.name)
        if cursor.peek() == "[":
            yield from _elements(cursor)
            yield key, [], ""
        else:
            yield from _envelope(cursor, key)
        if cursor.peek():
            raise cursor.fail("text after the end of the JSON")


class Cursor:
    """A place in a JSON text that is read in chunks."""

    def __init__(self, stream: TextIO, name: str) -> None:
        """Start before the first character; `name` is for errors."""
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


def _elements(cursor: Cursor) -> Iterator[tuple[None, object, str]]:
    cursor.take("[")
    if cursor.peek() == "]":
        cursor.take("]")
        return
    while True:
        yield None, *cursor.value()
        if cursor.take(",]") == "]":
            return


def _envelope(cursor: Cursor, key: str) -> Iterator[tuple[str | None, object, str]]:
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
