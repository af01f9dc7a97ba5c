"""UN Comtrade in five layouts, all landed under the 47 names of the API.

Belongs here: telling the layout, naming the columns, splitting records, refusing what is not HS goods data.
Does not belong here: which rows are totals (staging), asking the API (pull.py), bounds (source.yml).

Known defects of the source: rows repeat by transport mode, procedure and second partner, and by HS level;
`mosCode` is `0 ` with a space in some rows and `-1` in some files; in the old layout Re-Export is inside
Export.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from orchestration.manifest import Manifest
from orchestration.reading import ReadingError
from orchestration.reading.jsonrows import read_envelope, read_objects
from orchestration.reading.workbook import read_sheet
from orchestration.sources import load_source
from orchestration.sources.contract import Bad, Chunk, Event, Facts, Refused, to_batches
from orchestration.sources.tabular import Judge, Layout, delimited, first_fields, folded, known, record, sheet

VERSION = "1"
ENCODINGS = ("utf-8", "latin-1")

_SPEC = load_source("comtrade")
_SIGNATURE = frozenset({"cmdCode", "primaryValue", "reporterCode", "partnerCode", "flowCode"})
_HEADERS: dict[str, dict[str, str]] = {
    "api": {name: name for name in _SPEC.columns},
    **_SPEC.details["layouts"],
}
_LAYOUTS = [
    Layout(
        names={folded(published): column for published, column in names.items()},
        required=_SIGNATURE,
        encodings=ENCODINGS,
        ignored_where_empty=frozenset(_SPEC.details["ignored_where_empty"]),
        label=label,
    )
    for label, names in _HEADERS.items()
]
_API = _LAYOUTS[0]
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
    return _layout(first_fields(path, ENCODINGS)[0]) is not None or _error_message(path) is not None


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
    return to_batches(readers[_kind(path)](path, _only_hs_goods()), _SPEC.columns)


def _only_hs_goods() -> Judge:
    """Refuse a file that opens with another classification; set such rows aside further down."""
    seen = 0

    def judge(values: Mapping[str, str | None]) -> str | None:
        nonlocal seen
        seen += 1
        problem = _not_hs_goods(values)
        if problem and seen == 1:
            raise Refused(problem)
        return problem

    return judge


def _not_hs_goods(values: Mapping[str, str | None]) -> str | None:
    if (values.get("typeCode") or "C") != "C":
        return f"trade in services (typeCode {values['typeCode']}), not in goods"
    code = (values.get("classificationCode") or "").strip()
    if re.fullmatch(r"H\d|HS", code):
        return None
    named = {"S": "SITC", "B": "BEC", "E": "EBOPS"}.get(code[:1], "unknown")
    rule = "not HS: its codes look like HS codes and mean other goods"
    return f"classification {code or '(none)'} is {named}, {rule}"


def _text_events(path: Path, judge: Judge) -> Iterator[Event]:
    layout = _layout(first_fields(path, ENCODINGS)[0])
    if layout is not None:
        return delimited(path, layout, judge)
    message = _error_message(path)
    if message:
        raise Refused(f"the file holds an error message, not data: «{message}»")
    raise Refused("the first line is no Comtrade header")


def _workbook_events(path: Path, judge: Judge) -> Iterator[Event]:
    first = next(iter(read_sheet(path)), None)
    layout = _layout(first.cells) if first else None
    if first is None or layout is None:
        raise Refused("the first row of the workbook is no known Comtrade header")
    return sheet(path, layout, judge, header_row=first.number)


def _json_events(path: Path, judge: Judge) -> Iterator[Event]:
    try:
        envelope = read_envelope(path)
    except ReadingError as error:
        raise Refused(f"not a whole JSON answer: {error}") from error
    if envelope.error:
        raise Refused(f"the answer is an error, not data: «{envelope.error}»")
    count = 0
    for number, values, raw in read_objects(path, "data"):
        count += 1
        row = record(number, values.items(), _API)
        problem = judge(row.values)
        yield Bad(number, raw, problem) if problem else row
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


def _layout(header: Sequence[str]) -> Layout | None:
    """The layout whose mapping of these headers yields all columns a Comtrade row must have."""
    return next((layout for layout in _LAYOUTS if known(header, layout.names) >= _SIGNATURE), None)


def _error_message(path: Path) -> str | None:
    """The words of an error that was saved under a data file's name; ask only where there is no header."""
    with path.open("rb") as stream:
        text = stream.read(2048).decode("utf-8", errors="replace")
    is_error = any(word in text.lower() for word in _ERROR_WORDS)
    return " ".join(text.split())[:300] if is_error else None
