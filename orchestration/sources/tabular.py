"""Tables with a header row, delimited or on a sheet, as the events of an adapter.

Belongs here: what every adapter of a table does: find the header's columns, fit records to it, set repeated
headers and misfits aside, count. Does not belong here: any one source's names and rules, types, containers
(package `reading`).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from orchestration.reading.delimited import (
    MAX_RECORD_CHARS,
    BadRecord,
    Record,
    fit,
    read_records,
    sniff_delimiter,
    strip_trailing_empty,
)
from orchestration.reading.text import Encoding, detect_encoding, open_text
from orchestration.reading.workbook import read_sheet
from orchestration.sources.contract import Bad, Event, Facts, Refused, Row

Names = Mapping[str, str]
Judge = Callable[[Mapping[str, str | None]], str | None]

_DBASE_FIELD = re.compile(r",[CDFLMN],\d+(,\d+)?$")


@dataclass(frozen=True)
class Layout:
    """How a table of one source is laid out.

    Attributes:
        names: Folded header (see `folded`) to the source's column; `inverted` makes it from lists of aliases.
        required: Columns that the header must have, for the file to be this source's.
        encodings: Candidates for text, the first that decodes the whole file counts.
        delimiter: One character, or None to take the one that splits the header into most fields.
        columns: Columns in order, for a file without a header row.
        ignored_where_empty: Published headers without a column of ours, harmless while they hold nothing.
        label: The layout's name, as `status --files` shows it.
        refuse_replacement: Refuse text with U+FFFD in it, where lost characters change what a row means.
    """

    names: Names
    required: frozenset[str] = frozenset()
    encodings: Sequence[str] = ("utf-8",)
    delimiter: str | None = None
    columns: Sequence[str] | None = None
    ignored_where_empty: frozenset[str] = frozenset()
    label: str = "header"
    refuse_replacement: bool = False


@dataclass(frozen=True)
class Header:
    """Published names of a header row, the column of each, and the layout they were read by."""

    layout: Layout
    published: tuple[str, ...]
    columns: tuple[str | None, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Name the columns; raises Refused for one that is named twice."""
        own = self.layout.columns
        found: Sequence[str | None] = own or [self.layout.names.get(folded(name)) for name in self.published]
        object.__setattr__(self, "columns", tuple(found))
        named = [column or name.strip() for column, name in zip(found, self.published, strict=True)]
        doubled = sorted({name for name in named if named.count(name) > 1})
        if doubled:
            raise Refused(
                f"the header names {', '.join(filter(None, doubled)) or 'an empty column'} more than once"
            )


def folded(text: str) -> str:
    """A header evened out: no byte order mark, spaces of any kind as one, lower case.

    A field description of dBASE (`TNVED,C,10`) is its name.
    """
    plain = re.sub(r"\s+", " ", text.replace("\ufeff", "")).strip()
    return _DBASE_FIELD.sub("", plain).casefold()


def inverted(aliases: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Folded alias to column, from `column: [alias, ...]` of a source.yml."""
    return {folded(alias): column for column, names in aliases.items() for alias in names}


def known(fields: Iterable[str], names: Names) -> set[str]:
    """The columns that a header names."""
    return {names[folded(text)] for text in fields if folded(text) in names}


def first_fields(
    path: Path, encodings: Sequence[str], delimiter: str | None = None
) -> tuple[tuple[str, ...], str]:
    """Fields of a text file's first record (none where it cannot be split), and the delimiter."""
    return first_record(path, detect_encoding(path, encodings), delimiter)


def first_record(path: Path, encoding: Encoding, delimiter: str | None) -> tuple[tuple[str, ...], str]:
    """As `first_fields`, in an encoding that is known."""
    if delimiter is None:
        with open_text(path, encoding) as stream:
            delimiter = sniff_delimiter(stream.readline(MAX_RECORD_CHARS))
    with open_text(path, encoding) as stream:  # opened anew: seek(0) would read a byte order mark as text
        first = next(read_records(stream, delimiter), None)
    return (first.fields if isinstance(first, Record) else ()), delimiter


def has_header(path: Path, layout: Layout) -> bool:
    """Whether the first record of a text file names all the columns that the layout requires."""
    fields, _ = first_fields(path, layout.encodings, layout.delimiter)
    return known(fields, layout.names) >= layout.required


def delimited(path: Path, layout: Layout, judge: Judge | None = None) -> Iterator[Event]:
    """Records of a delimited text file; `Facts` come last.

    Args:
        path: The file.
        layout: How it is laid out.
        judge: Gives a reason to set a record aside whole (a total row), or None.

    Raises:
        Refused: no header of this layout, a column named twice, or characters that are lost for good.
    """
    encoding = detect_encoding(path, layout.encodings)
    if layout.refuse_replacement and encoding.replacement_count:
        raise Refused(
            f"{encoding.replacement_count:,} characters had been replaced by U+FFFD before the file"
            " reached us: what they said is lost"
        )
    fields, delimiter = first_record(path, encoding, layout.delimiter)
    header = header_of(layout, fields)
    count = 0
    with open_text(path, encoding) as stream:
        for record in read_records(stream, delimiter, width=len(header.published)):
            if layout.columns or record.number > 1:
                count += 1
                yield event_of(record, header, judge)
    yield Facts(f"{layout.label}, {encoding.name}", ", ".join(header.published), count)


def sheet(
    path: Path,
    layout: Layout,
    judge: Judge | None = None,
    name: str | int | None = None,
    header_row: int = 1,
) -> Iterator[Event]:
    """Rows of a worksheet whose header stands on its row `header_row` (from 1); `Facts` come last.

    Raises:
        Refused: no header of this layout there, or a column named twice.
    """
    rows = (row for row in read_sheet(path, name) if row.number >= header_row)
    first = next(rows, None)
    header = header_of(layout, first.cells if first and first.number == header_row else ())
    count = 0
    for row in rows:
        if not any(cell.strip() for cell in row.cells):
            continue
        count += 1
        padded = row.cells + ("",) * (len(header.published) - len(row.cells))
        yield event_of(Record(row.number, padded, "\t".join(row.cells)), header, judge, unit="cells")
    yield Facts(f"{layout.label}, workbook", ", ".join(header.published), count)


def stamped(events: Iterable[Event], told: Mapping[str, str | None]) -> Iterator[Event]:
    """The events, each row with what holds for all of the file (its edition) written into it."""
    for event in events:
        yield replace(event, values={**event.values, **told}) if isinstance(event, Row) else event


def record(number: int, cells: Iterable[tuple[str, str | None]], layout: Layout) -> Row:
    """One record from published names and texts; what the layout does not know goes to `unknown`."""
    values: dict[str, str | None] = {}
    unknown: dict[str, str] = {}
    for published, text in cells:
        column = layout.names.get(folded(published))
        if column is not None:
            values[column] = text
        elif text or published.strip() not in layout.ignored_where_empty:
            unknown[published.strip()] = text or ""
    return Row(number, values, unknown or None)


def header_of(layout: Layout, fields: Sequence[str]) -> Header:
    """The header that a first record is.

    Raises:
        Refused: it lacks a column that the layout requires, or names one twice.
    """
    if layout.columns:
        return Header(layout, tuple(layout.columns))
    published = strip_trailing_empty(fields)
    missing = sorted(layout.required - known(published, layout.names))
    if missing or not published:
        raise Refused(f"the first row names no column for {', '.join(missing) or 'anything'}")
    return Header(layout, published)


def event_of(found: Record | BadRecord, header: Header, judge: Judge | None, unit: str = "fields") -> Event:
    """A record under a header: a row, or why it is none."""
    if isinstance(found, BadRecord):
        return Bad(found.number, found.raw, found.reason)
    width = len(header.published)
    fields = fit(found.fields, width)
    if fields is None:
        return Bad(found.number, found.raw, f"{len(found.fields)} {unit} where the header has {width}")
    if not header.layout.columns and fields == header.published:
        return Bad(found.number, found.raw, "repeated header")
    row = _row(found.number, fields, header)
    reason = judge(row.values) if judge else None
    return Bad(found.number, found.raw, reason) if reason else row


def _row(number: int, fields: Sequence[str], header: Header) -> Row:
    values: dict[str, str | None] = {}
    unknown: dict[str, str] = {}
    for published, column, text in zip(header.published, header.columns, fields, strict=True):
        if column is not None:
            values[column] = text
        elif text or published.strip() not in header.layout.ignored_where_empty:
            unknown[published.strip()] = text
    return Row(number, values, unknown or None)
