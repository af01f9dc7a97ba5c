"""Large delimited files as Arrow batches: plain blocks are parsed at once, the rest record by record.

Belongs here: telling plain blocks and parsing them. Does not belong here: what a record is and why one is set
aside (`reading.delimited`, `tabular`), any one source's names.

The outcome is that of `to_batches(delimited(...))`, at a multiple of its speed: a block without quotes, odd
bytes and misfits has one reading only; any other goes to the careful reader.
"""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv

from orchestration.reading.delimited import MAX_RECORD_CHARS, read_records
from orchestration.reading.text import Encoding, detect_encoding
from orchestration.sources.contract import BATCH_ROWS, Chunk, Event, Facts, Rows, row_schema, to_batches
from orchestration.sources.tabular import Header, Layout, delimited, event_of, first_record, header_of

BLOCK_BYTES = 512 << 10
_UTF8_MARK = b"\xef\xbb\xbf"


def batches(path: Path, layout: Layout, columns: Sequence[str]) -> Iterator[Chunk]:
    """Records of a delimited text file as batches of the source's columns; `Facts` come last.

    Raises:
        Refused: no header of this layout, or a column named twice.
    """
    encoding = detect_encoding(path, layout.encodings)
    fields, delimiter = first_record(path, encoding, layout.delimiter)
    header = header_of(layout, fields)
    with path.open("rb") as stream:
        if not _is_plain_header(stream, encoding, header):
            yield from to_batches(delimited(path, layout), columns)
            return
        job = _Job(stream, delimiter, header, columns)
        yield from job.run()
    yield Facts(f"{layout.label}, {encoding.name}", ", ".join(header.published), job.count)


def _is_plain_header(stream: BinaryIO, encoding: Encoding, header: Header) -> bool:
    """Whether a file may be read in blocks; the stream stands behind the header then."""
    if encoding.name != "utf-8" or encoding.lossy or None in header.columns or len(header.columns) < 2:
        return False
    if header.layout.columns or header.layout.refuse_replacement:
        return False
    stream.seek(len(_UTF8_MARK) if encoding.bom else 0)
    line = stream.readline(MAX_RECORD_CHARS)
    text = line.removesuffix(b"\n").removesuffix(b"\r")
    return line.endswith(b"\n") and text != b"" and not any(mark in text for mark in (b'"', b"\r", b"\0"))


class _Job:
    """One file behind its header: how many records were read, and rows that wait for a full batch."""

    def __init__(self, stream: BinaryIO, delimiter: str, header: Header, columns: Sequence[str]) -> None:
        self.count = 0
        self._stream, self._delimiter, self._header, self._columns = stream, delimiter, header, columns
        self._schema = row_schema(columns)
        self._waiting: list[pa.RecordBatch] = []
        self._repeated = delimiter.join(header.published).encode()

    def run(self) -> Iterator[Chunk]:
        while True:
            start = self._stream.tell()
            block = self._stream.read(BLOCK_BYTES)
            if not block:
                break
            # No line of a block is longer than the careful reader would take.
            block += self._stream.readline(MAX_RECORD_CHARS - BLOCK_BYTES)
            is_whole = block.endswith(b"\n") or len(block) < MAX_RECORD_CHARS
            batch = self._parsed(block) if is_whole and self._is_plain(block) else None
            if batch is not None:
                self.count += batch.num_rows
                self._waiting.append(batch)
            elif is_whole and b'"' not in block:
                yield from self._careful(io.BytesIO(block))
            else:  # a quoted field may go on in the next block: the rest of the file is the careful reader's
                self._stream.seek(start)
                yield from self._careful(self._stream)
                break
            yield from self._full()
        yield from self._full(rest=True)

    def _is_plain(self, block: bytes) -> bool:
        odd = (b'"', b"\0", self._repeated)
        return not any(mark in block for mark in odd) and block.count(b"\r") == block.count(b"\r\n")

    def _parsed(self, block: bytes) -> pa.RecordBatch | None:
        """All records of a block, each cell as it stands; None where any does not fit the header."""
        names = [str(name) for name in self._header.columns]
        text = pa.string()
        try:
            table = pyarrow.csv.read_csv(
                pa.BufferReader(block),
                pyarrow.csv.ReadOptions(use_threads=False, block_size=len(block) + 1, column_names=names),
                pyarrow.csv.ParseOptions(
                    delimiter=self._delimiter, quote_char=False, newlines_in_values=False
                ),
                pyarrow.csv.ConvertOptions(
                    column_types=dict.fromkeys(names, text), strings_can_be_null=False, null_values=[]
                ),
            )
        except pa.ArrowInvalid:
            return None
        rows = table.num_rows
        first = self.count + 2  # the header is the first record
        found = {name: table[name].combine_chunks() for name in names}
        cells = [found.get(name, pa.nulls(rows, text)) for name in self._columns]
        numbers = pa.array(range(first, first + rows), pa.int64())
        return pa.RecordBatch.from_arrays([*cells, pa.nulls(rows, text), numbers], schema=self._schema)

    def _careful(self, stream: BinaryIO) -> Iterator[Chunk]:
        for chunk in to_batches(self._events(stream), self._columns):
            if isinstance(chunk, Rows):
                self._waiting.append(chunk.batch)
                yield from self._full()
            else:
                yield chunk

    def _events(self, stream: BinaryIO) -> Iterator[Event]:
        before = self.count + 1
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
        width = len(self._header.published)
        for record in read_records(text, self._delimiter, width=width):
            self.count += 1
            yield event_of(record._replace(number=before + record.number), self._header, None)
        text.detach()

    def _full(self, rest: bool = False) -> Iterator[Rows]:
        """Waiting rows as batches of 50,000; with `rest`, the last of them as well."""
        rows = sum(batch.num_rows for batch in self._waiting)
        if not rows or (rows < BATCH_ROWS and not rest):
            return
        table = pa.Table.from_batches(self._waiting).combine_chunks()
        whole = rows if rest else rows - rows % BATCH_ROWS
        for start in range(0, whole, BATCH_ROWS):
            yield from map(Rows, table.slice(start, min(BATCH_ROWS, whole - start)).to_batches())
        self._waiting = table.slice(whole).to_batches() if whole < rows else []
