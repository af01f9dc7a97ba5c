"""Records of a delimited text file (CSV, TSV, `;`), one at a time, with the malformed ones set aside.

Belongs here: where a record ends and what its fields are. Does not belong here: encodings (`text.py`),
header names, types, and which width is right: `fit` answers, the caller decides.
"""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, TextIO

MAX_RECORD_CHARS = 1_000_000
NOT_CLOSED = "quote not closed"
AFTER_QUOTE = "text after a closing quote"
NUL_BYTE = "NUL byte"
UNDECODABLE = "undecodable bytes"


class Record(NamedTuple):
    """One record: its ordinal from 1, the header included; its fields; its text without the line end."""

    number: int
    fields: tuple[str, ...]
    raw: str


class BadRecord(NamedTuple):
    """A record that cannot be split into fields: its ordinal, its text made printable, and the reason."""

    number: int
    raw: str
    reason: str


class _Lines:
    """Hands physical lines to `csv.reader` and remembers which ones the current record took."""

    def __init__(self, stream: TextIO, limit: int) -> None:
        self.taken: list[str] = []
        self._size = 0
        self._stream = stream
        self._limit = limit
        self._waiting: deque[str] = deque()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else self._read()
        if not line:
            raise StopIteration
        self._size += len(line)
        if self._size > self._limit:
            # Ending here makes csv give up on the record, while this object goes on with the next one.
            (self._waiting.appendleft if self.taken else self.taken.append)(line)
            raise StopIteration
        self.taken.append(line)
        return line

    def _read(self) -> str:
        """Read one line; of one that is too long only its beginning, still longer than the limit."""
        line = part = self._stream.readline(self._limit + 1)
        while len(part) > self._limit and part[-1] not in "\r\n":
            part = self._stream.readline(self._limit + 1)
        return line

    def start(self) -> None:
        """Begin a record."""
        self.taken.clear()
        self._size = 0

    def keep_first(self) -> None:
        """Cut the current record back to its first line; the others are read again."""
        self._waiting.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def read_records(
    stream: TextIO,
    delimiter: str = ",",
    quote: str = '"',
    max_record_chars: int = MAX_RECORD_CHARS,
    width: int | None = None,
) -> Iterator[Record | BadRecord]:
    """Split a stream into records; nothing between two records is lost or read twice.

    A quoted field may span lines and hold doubled quotes; a quote inside an unquoted field is a character
    like any other. CR, LF and CRLF end a line. An entirely empty line is no record and is not counted. At
    most about `max_record_chars` of text are held at once.

    Malformed records come out as `BadRecord`: text after a closing quote, NUL, undecodable bytes (lone
    surrogates), a line longer than `max_record_chars` (its beginning is kept, the rest dropped), and a quote
    that is never closed. The last must not swallow the rest of the file: a record over several lines that
    is longer than `max_record_chars`, malformed, or open at the end of the file is cut back to its first
    line, and reading goes on with the second.

    Args:
        stream: Opened with `newline=""`, as `text.open_text` does.
        delimiter: One character.
        quote: One character, or empty where the format knows no quoting.
        max_record_chars: Longest record. `csv`'s own field limit, which is process-wide, is raised to it.
        width: Fields of a record, where the caller knows it. Then a record over several lines of another
            width (see `fit`) counts as an unclosed quote that met the quote of a later record.
    """
    csv.field_size_limit(max(csv.field_size_limit(), max_record_chars))
    lines = _Lines(stream, max_record_chars)
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    reader = csv.reader(lines, delimiter=delimiter, quotechar=quote or None, quoting=quoting, strict=True)
    number = 0
    while True:
        lines.start()
        fields: list[str] = []
        reason = ""
        try:
            fields = next(reader)
        except StopIteration:
            if not lines.taken:
                return
            reason = f"record longer than {max_record_chars} characters"
        except csv.Error as error:
            reason = _reason(error)
        if len(lines.taken) > 1 and (reason or (width is not None and fit(fields, width) is None)):
            lines.keep_first()
            reason = NOT_CLOSED
        if not fields and not reason:
            continue
        number += 1
        raw = "".join(lines.taken)[: max_record_chars + 1].rstrip("\r\n")
        if len(raw) <= max_record_chars:  # of a longer one a part is gone, which is worth saying first
            reason = _flaw(raw) or reason
        yield BadRecord(number, _printable(raw), reason) if reason else Record(number, tuple(fields), raw)


def strip_trailing_empty(fields: Sequence[str]) -> tuple[str, ...]:
    """Cut empty fields off the end: what a trailing delimiter leaves on a header."""
    end = len(fields)
    while end and not fields[end - 1]:
        end -= 1
    return tuple(fields[:end])


def fit(fields: Sequence[str], width: int) -> tuple[str, ...] | None:
    """Bring a record to the header's width, where only trailing delimiters make the difference.

    Some publishers end every line, or every line but the header, with a delimiter (47 names, 48 fields).

    Returns:
        `width` fields; None if fields are missing, or if one too many holds text.
    """
    if len(fields) < width or any(fields[width:]):
        return None
    return tuple(fields[:width])


def sniff_delimiter(header_line: str, candidates: str = ",;\t|") -> str:
    """Choose the delimiter that splits a header line into most fields.

    A delimiter inside quotes does not count, nor one before a space (`Weight, kg;Value, USD`) as long as
    another one splits the line. One column alone: the first candidate.
    """
    # Keeping both passes apart lets "a, b, c" still be comma-separated.
    for prose in (True, False):
        counts = {
            c: _count_fields(header_line.replace(f"{c} ", " ") if prose else header_line, c)
            for c in candidates
        }
        best = max(candidates, key=lambda candidate: counts[candidate])
        if counts[best] > 1:
            return best
    return candidates[0]


def _count_fields(line: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=delimiter, strict=True), []))
    except csv.Error as error:
        if _reason(error) != NOT_CLOSED:
            return 1  # quotes that make no sense with this delimiter
        return len(next(csv.reader([line], delimiter=delimiter)))  # a header that goes on in the next line


def _reason(error: csv.Error) -> str:
    text = str(error)
    if "unexpected end of data" in text:
        return NOT_CLOSED
    return AFTER_QUOTE if "expected after" in text else text


def _flaw(raw: str) -> str:
    """Name what makes text unfit to be stored, or nothing."""
    if "\0" in raw:
        return NUL_BYTE
    if not raw.isascii():
        try:
            raw.encode()
        except UnicodeEncodeError:
            return UNDECODABLE
    return ""


def _printable(raw: str) -> str:
    return raw.encode("utf-8", "backslashreplace").decode()
