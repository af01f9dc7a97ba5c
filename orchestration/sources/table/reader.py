"""A table as rows under our names, whichever file it is in: text, worksheet or Parquet.

Belongs here: containers, headers, cells as text. Does not belong here: whether the cells make sense
(checks.py).
"""

import itertools
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.reading.cells import cell_text
from orchestration.reading.delimited import strip_trailing_empty
from orchestration.reading.text import detect_encoding
from orchestration.reading.workbook import read_sheet
from orchestration.sources.contract import Bad, Event, Facts, Refused, Row
from orchestration.sources.table.mapping import Mapping as TableMapping
from orchestration.sources.table.words import TOTAL_WORDS
from orchestration.sources.tabular import Layout, delimited, first_fields, folded, record, sheet

_IGNORED = "ignored: "


def kind(path: Path) -> str:
    """`parquet`, `workbook` or `text`, by the first bytes."""
    with path.open("rb") as stream:
        head = stream.read(4)
    if head == b"PAR1":
        return "parquet"
    return "workbook" if head in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0") else "text"


def header(
    path: Path, encoding: str = "utf-8", delimiter: str | None = None, name: str | None = None, row: int = 1
) -> tuple[str, ...]:
    """The names of the columns.

    Raises:
        Refused: the file is not Parquet after all, or not in this encoding.
    """
    shape = kind(path)
    if shape == "parquet":
        return tuple(_parquet(path).schema_arrow.names)
    if shape == "workbook":
        first = next((found for found in read_sheet(path, name) if found.number >= row), None)
        return first.cells if first and first.number == row else ()
    found = detect_encoding(path, (encoding,))
    if found.lossy:
        raise Refused(
            f"the text is not {encoding}: say which encoding it is in (encoding: cp1251 and the like)"
        )
    return strip_trailing_empty(first_fields(path, (encoding,), delimiter)[0])


def events(path: Path, mapping: TableMapping) -> Iterator[Event]:
    """Rows under our names, `Facts` last.

    Raises:
        Refused: a column that the mapping names is not there, or the file cannot be read as it says.
    """
    shape = kind(path)
    if shape != "workbook" and (mapping.sheet or mapping.header_row != 1):
        raise Refused("sheet and header_row are for workbooks; this file has no sheets")
    named = header(path, mapping.encoding, mapping.delimiter, mapping.sheet, mapping.header_row)
    there = {folded(name) for name in named}
    for ours, theirs in mapping.columns.items():
        if folded(theirs) not in there:
            raise Refused(
                f"no column is named {theirs!r} ({ours}); the file has {', '.join(named) or 'none'}"
            )
    layout = _layout(mapping)
    if shape == "parquet":
        return _parquet_events(path, layout)
    if shape == "workbook":
        return sheet(path, layout, _judge, mapping.sheet, mapping.header_row)
    return delimited(path, layout, _judge)


def sample(path: Path, limit: int) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The header and the first records as they are, for a file that no mapping describes yet."""
    names = header(path)
    layout = Layout(names={folded(name): name for name in names})
    shape = kind(path)
    if shape == "parquet":
        found = _parquet_events(path, layout)
    else:
        found = sheet(path, layout) if shape == "workbook" else delimited(path, layout)
    rows = (event for event in found if isinstance(event, Row))
    return names, [
        tuple(row.values.get(name) or "" for name in names) for row in itertools.islice(rows, limit)
    ]


def _layout(mapping: TableMapping) -> Layout:
    ignored = {folded(name): f"{_IGNORED}{name}" for name in mapping.ignore}
    return Layout(
        names={**ignored, **{folded(theirs): ours for ours, theirs in mapping.columns.items()}},
        encodings=(mapping.encoding,),
        delimiter=mapping.delimiter,
        label="mapping",
    )


def _judge(values: Mapping[str, str | None]) -> str | None:
    texts = {name: (text or "").strip() for name, text in values.items()}
    if not any(texts.values()):
        return "empty row"
    words = {texts[name].lower() for name in ("period", "year", "partner", "reporter") if name in texts}
    return "total row" if words & TOTAL_WORDS else None


def _parquet(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise Refused(f"not readable as Parquet: {error}") from error


def _parquet_events(path: Path, layout: Layout) -> Iterator[Event]:
    file = _parquet(path)
    names = file.schema_arrow.names
    count = 0
    for batch in file.iter_batches():
        for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            count += 1
            cells = [_text(value) for value in values]
            row = record(count, zip(names, cells, strict=True), layout)
            reason = _judge(row.values)
            yield Bad(count, "\t".join(cell or "" for cell in cells), reason) if reason else row
    yield Facts(f"{layout.label}, parquet", ", ".join(names), count)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    return cell_text(value) if not isinstance(value, int) or isinstance(value, bool) else str(value)
