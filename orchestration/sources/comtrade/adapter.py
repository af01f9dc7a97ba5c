"""UN Comtrade in five layouts, all landed under the 47 names of the API.

Belongs here: telling the layout, naming the columns, splitting records, refusing what is not HS goods data.
Does not belong here: which rows are totals (staging), asking the API (pull.py), bounds (source.yml).

Known defects of the source: rows repeat by transport mode, procedure and second partner, and by HS level;
`mosCode` is `0 ` with a space in some rows and `-1` in some files; in the old layout Re-Export is inside
Export.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from orchestration.manifest import Manifest
from orchestration.reading import ReadingError
from orchestration.reading.delimited import (
    MAX_RECORD_CHARS,
    BadRecord,
    Record,
    fit,
    read_records,
    sniff_delimiter,
    strip_trailing_empty,
)
from orchestration.reading.jsonrows import read_envelope, read_objects
from orchestration.reading.text import detect_encoding, open_text
from orchestration.reading.workbook import read_sheet
from orchestration.sources import load_source
from orchestration.sources.contract import Bad, Chunk, Event, Facts, Refused, Row, to_batches

VERSION = "1"
ENCODINGS = ("utf-8", "latin-1")

_SPEC = load_source("comtrade")
_OWN = {name: name for name in _SPEC.columns}
_LAYOUTS: dict[str, dict[str, str]] = {"api": _OWN, **_SPEC.details["layouts"]}
_IGNORED_WHERE_EMPTY = frozenset(_SPEC.details["ignored_where_empty"])
_SIGNATURE = {"cmdCode", "primaryValue", "reporterCode", "partnerCode", "flowCode"}
_ERROR_WORDS = tuple(_SPEC.details["error_words"])
_RELEASE = re.compile(r"COMTRADE-.*\[(\d{4}-\d{2}-\d{2})\]")


def recognise(path: Path, name: str) -> bool:
    """Whether the content is a Comtrade layout, or one of Comtrade's error messages."""
    kind = _kind(path)
    if kind == "json":
        return _json_signature(path)
    if kind == "workbook":
        first = next(iter(read_sheet(path)), None)
        return first is not None and _layout(first.cells) is not None
    return _layout(_text_header(path)[0]) is not None or _error_message(path) is not None


def complete(path: Path, name: str, manifest: Manifest) -> Manifest:
    """The file says everything itself; a bulk file's name has its release date, and it is a whole block."""
    release = _RELEASE.search(name)
    if release is None:
        return manifest
    published = manifest.published or date.fromisoformat(release[1])
    return manifest.model_copy(update={"published": published, "complete": True})


def land(path: Path, manifest: Manifest) -> Iterator[Chunk]:
    """Decode one file into Arrow batches of the columns in source.yml.

    Raises:
        Refused: an error message, services, a classification that is not HS, or no known header.
    """
    readers = {"json": _json_events, "workbook": _workbook_events, "text": _text_events}
    return to_batches(_only_hs_goods(readers[_kind(path)](path)), _SPEC.columns)


def _only_hs_goods(events: Iterable[Event]) -> Iterator[Event]:
    """Refuse a file that opens with another classification; quarantine such rows further down."""
    seen = 0
    for event in events:
        problem = _not_hs_goods(event.values) if isinstance(event, Row) else None
        if isinstance(event, Row):
            seen += 1
        if problem and seen == 1:
            raise Refused(problem)
        if problem and isinstance(event, Row):
            raw = ", ".join(f"{k}={v}" for k, v in event.values.items() if v)
            yield Bad(event.number, raw, problem)
        else:
            yield event


def _not_hs_goods(values: Mapping[str, str | None]) -> str | None:
    if (values.get("typeCode") or "C") != "C":
        return f"trade in services (typeCode {values['typeCode']}), not in goods"
    code = (values.get("classificationCode") or "").strip()
    if re.fullmatch(r"H\d|HS", code):
        return None
    named = {"S": "SITC", "B": "BEC", "E": "EBOPS"}.get(code[:1], "unknown")
    rule = "not HS: its codes look like HS codes and mean other goods"
    return f"classification {code or '(none)'} is {named}, {rule}"


def _text_events(path: Path) -> Iterator[Event]:
    fields, delimiter = _text_header(path)
    layout = _layout(fields)
    if layout is None:
        message = _error_message(path)
        raise Refused(
            f"the file holds an error message, not data: «{message}»"
            if message
            else "the first line is no Comtrade header"
        )
    header = _checked(fields, _LAYOUTS[layout])
    encoding = detect_encoding(path, ENCODINGS)
    count = 0
    with open_text(path, encoding) as stream:
        for record in read_records(stream, delimiter, width=len(header)):
            if record.number > 1:
                count += 1
                yield _text_event(record, header, _LAYOUTS[layout])
    yield Facts(f"{layout}, {encoding.name}", ", ".join(header), count)


def _text_event(record: Record | BadRecord, header: Sequence[str], names: Mapping[str, str]) -> Event:
    if isinstance(record, BadRecord):
        return Bad(record.number, record.raw, record.reason)
    fields = fit(record.fields, len(header))
    if fields is None:
        reason = f"{len(record.fields)} fields where the header has {len(header)}"
        return Bad(record.number, record.raw, reason)
    if fields == tuple(header):
        return Bad(record.number, record.raw, "repeated header")
    return _row(record.number, zip(header, fields, strict=True), names)


def _checked(header: Sequence[str], names: Mapping[str, str]) -> tuple[str, ...]:
    """The header without what trailing delimiters add; one value per column and row must be able to stand."""
    header = strip_trailing_empty(header)
    columns = [names.get(text.strip(), text.strip()) for text in header]
    doubled = sorted({column for column in columns if columns.count(column) > 1})
    if doubled:
        raise Refused(f"the header names {', '.join(doubled) or 'an empty column'} more than once")
    return header


def _row(number: int, cells: Iterable[tuple[str, str | None]], names: Mapping[str, str]) -> Row:
    values: dict[str, str | None] = {}
    unknown: dict[str, str] = {}
    for published, text in cells:
        name = names.get(published.strip())
        if name is not None:
            values[name] = text
        elif text or published.strip() not in _IGNORED_WHERE_EMPTY:
            unknown[published.strip()] = text or ""
    return Row(number, values, unknown or None)


def _workbook_events(path: Path) -> Iterator[Event]:
    rows = iter(read_sheet(path))
    first = next(rows, None)
    layout = _layout(first.cells) if first else None
    if first is None or layout is None:
        raise Refused("the first row of the workbook is no known Comtrade header")
    header = _checked(first.cells, _LAYOUTS[layout])
    count = 0
    for row in rows:
        if not any(cell.strip() for cell in row.cells):
            continue
        count += 1
        cells = fit(row.cells + ("",) * (len(header) - len(row.cells)), len(header))
        if cells is None:
            reason = f"{len(row.cells)} cells where the header has {len(header)}"
            yield Bad(row.number, "\t".join(row.cells), reason)
        else:
            yield _row(row.number, zip(header, cells, strict=True), _LAYOUTS[layout])
    yield Facts(f"{layout}, workbook", ", ".join(header), count)


def _json_events(path: Path) -> Iterator[Event]:
    try:
        envelope = read_envelope(path)
    except ReadingError as error:
        raise Refused(f"not a whole JSON answer: {error}") from error
    if envelope.error:
        raise Refused(f"the answer is an error, not data: «{envelope.error}»")
    count = 0
    for number, values, _ in read_objects(path, "data"):
        count += 1
        yield _row(number, values.items(), _OWN)
    yield Facts("api, json", "data", count)


def _json_signature(path: Path) -> bool:
    try:
        if read_envelope(path).error:
            return True
        first = next(iter(read_objects(path, "data")), None)
    except ReadingError:
        return False
    return first is None or set(first[1]) >= _SIGNATURE


def _kind(path: Path) -> str:
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(b"PK\x03\x04"):
        return "workbook"
    return "json" if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[") else "text"


def _layout(header: Sequence[str]) -> str | None:
    """The layout whose mapping of these headers yields all columns a Comtrade row must have."""
    for layout, names in _LAYOUTS.items():
        if {names.get(text.strip()) for text in header} >= _SIGNATURE:
            return layout
    return None


def _text_header(path: Path) -> tuple[tuple[str, ...], str]:
    """Fields of the first record (none where it cannot be split), and the delimiter."""
    encoding = detect_encoding(path, ENCODINGS)
    with open_text(path, encoding) as stream:
        delimiter = sniff_delimiter(stream.readline(MAX_RECORD_CHARS))
    with open_text(path, encoding) as stream:  # opened anew: seek(0) would read a byte order mark as text
        first = next(read_records(stream, delimiter), None)
    return (first.fields if isinstance(first, Record) else ()), delimiter


def _error_message(path: Path) -> str | None:
    """The words of an error that was saved under a data file's name; ask only where there is no header."""
    with path.open("rb") as stream:
        text = stream.read(2048).decode("utf-8", errors="replace")
    is_error = any(word in text.lower() for word in _ERROR_WORDS)
    return " ".join(text.split())[:300] if is_error else None
