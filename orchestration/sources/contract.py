"""What an adapter is, and the few things every adapter needs.

Belongs here: the protocol, the events an adapter yields, their gathering into Arrow batches. Does not
belong here: reading of formats (package `reading`), storing (module `landing`), any one source.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from orchestration.manifest import Manifest

BATCH_ROWS = 50_000
QUARANTINE_SCHEMA = pa.schema(
    [("_row_number", pa.int64()), ("reason", pa.string()), ("raw_text", pa.string())]
)


class Refused(Exception):
    """The file is not what it claims to be; the message is the reason users read."""


@dataclass(frozen=True)
class Row:
    """One record that could be split: canonical column -> text as published (None where absent)."""

    number: int
    values: Mapping[str, str | None]
    unknown: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Bad:
    """One record that could not be split into fields, with its raw text."""

    number: int
    raw: str
    reason: str


@dataclass(frozen=True)
class Facts:
    """What is known once the file is read: its layout, its header and the number of data records in it."""

    layout: str
    header: str
    rows_in: int


@dataclass(frozen=True)
class Rows:
    """Landed rows: the source's columns, all text, then `_unknown_columns` and `_row_number`."""

    batch: pa.RecordBatch


@dataclass(frozen=True)
class Quarantine:
    """Records that could not be split: `_row_number`, `reason`, `raw_text`."""

    batch: pa.RecordBatch


Event = Row | Bad | Facts
Chunk = Rows | Quarantine | Facts


class Adapter(Protocol):
    """The module `orchestration.sources.<source>.adapter`."""

    VERSION: str

    def recognise(self, path: Path, name: str) -> bool:
        """Whether the content is this source's (the name is a hint at most)."""

    def complete(self, path: Path, name: str, manifest: Manifest) -> Manifest:
        """The manifest with all the file itself says; raises MissingOption for what nobody says."""

    def land(self, path: Path, manifest: Manifest) -> Iterator[Chunk]:
        """Decode the file: a pure function of its arguments. Raises Refused."""


def row_schema(columns: Sequence[str]) -> pa.Schema:
    """Schema of landed rows before the file's digest is added: all text but the row number."""
    texts = [(name, pa.string()) for name in (*columns, "_unknown_columns")]
    return pa.schema([*texts, ("_row_number", pa.int64())])


def to_batches(events: Iterable[Event], columns: Sequence[str]) -> Iterator[Chunk]:
    """Gather events into Arrow batches of at most 50,000 rows, so that memory does not grow with the file."""
    rows: list[Row] = []
    bad: list[Bad] = []
    for event in events:
        if isinstance(event, Row):
            rows.append(event)
        elif isinstance(event, Bad):
            bad.append(event)
        else:
            yield event
        if len(rows) >= BATCH_ROWS:
            yield Rows(_row_batch(rows, columns))
            rows = []
        if len(bad) >= BATCH_ROWS:
            yield Quarantine(_bad_batch(bad))
            bad = []
    if rows:
        yield Rows(_row_batch(rows, columns))
    if bad:
        yield Quarantine(_bad_batch(bad))


def _row_batch(rows: Sequence[Row], columns: Sequence[str]) -> pa.RecordBatch:
    """Column by column, which costs a third of what a dictionary for each row would."""
    texts = [[row.values.get(name) for row in rows] for name in columns]
    unknown = [json.dumps(row.unknown, ensure_ascii=False) if row.unknown else None for row in rows]
    numbers = [row.number for row in rows]
    schema = row_schema(columns)
    arrays = [
        pa.array(cells, kind) for cells, kind in zip([*texts, unknown, numbers], schema.types, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _bad_batch(bad: Sequence[Bad]) -> pa.RecordBatch:
    cells = [[each.number for each in bad], [each.reason for each in bad], [each.raw for each in bad]]
    arrays = [pa.array(column, kind) for column, kind in zip(cells, QUARANTINE_SCHEMA.types, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=QUARANTINE_SCHEMA)
