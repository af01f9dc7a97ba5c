"""The European Central Bank's history of euro reference rates: a row a day, a column a currency.

Belongs here: recognising the table and landing it cell by cell. Does not belong here: dollars and months
(dbt), the copy of the same table that a package ships (module `rates`).

The record is one cell, a day and a currency; records are numbered as they stand in the file. Blanks and `N/A`
land like any other text, and a line that cannot be split is one record.

Known defects of the source: every line ends in a comma; a currency that is no longer quoted is `N/A` after.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from orchestration.manifest import Manifest, ManifestError
from orchestration.reading.text import detect_encoding, open_text
from orchestration.sources import load_source
from orchestration.sources.contract import Bad, Chunk, Event, Facts, Refused, Row, to_batches
from orchestration.sources.tabular import first_fields

VERSION = "1"

_SPEC = load_source("ecb")
_ENCODINGS = ("utf-8",)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def recognise(path: Path, name: str) -> bool:
    """Whether the header names a date and then currencies, the dollar and the pound among them."""
    fields, _ = first_fields(path, _ENCODINGS, ",")
    return fields[:1] == ("Date",) and {"USD", "GBP", "JPY"} <= set(fields)


def complete(path: Path, name: str, manifest: Manifest) -> Manifest:
    """The file says everything; it holds every rate there ever was.

    Raises:
        ManifestError: it is no such file; else a wrong download would be archived before anybody looks.
    """
    if not recognise(path, name):
        raise ManifestError(f"{name}: the first line is not that of a history of euro reference rates")
    return manifest.model_copy(update={"complete": True})


def land(path: Path, manifest: Manifest) -> Iterator[Chunk]:
    """Decode one history into Arrow batches of the columns in source.yml.

    Raises:
        Refused: no such header, or a currency in two columns.
    """
    return to_batches(_events(path), _SPEC.columns)


def _events(path: Path) -> Iterator[Event]:
    with open_text(path, detect_encoding(path, _ENCODINGS)) as stream:
        yield from cells(stream)


def cells(stream: TextIO) -> Iterator[Event]:
    """The cells of a history of rates; `Facts` come last.

    Raises:
        Refused: no such header, or a currency in two columns.
    """
    lines = csv.reader(stream)
    header = [name.strip() for name in next(lines, [])]
    named = header[:-1] if header[-1:] == [""] else header
    currencies = named[1:]
    if named[:1] != ["Date"] or not all(re.fullmatch(r"[A-Z]{3}", name) for name in currencies):
        raise Refused("the first line does not name a date and then currencies")
    if len(set(currencies)) < len(currencies):
        raise Refused("the first line names a currency more than once")
    count = 0
    for fields in lines:
        if not fields:
            continue
        day, rates = fields[0].strip(), fields[1 : len(named)]
        if not _DAY.fullmatch(day) or len(fields) != len(header):
            reason = "repeated header" if fields == header else "no day and one rate a currency"
            yield Bad(count + 1, ",".join(fields), reason)
            count += 1
            continue
        for currency, text in zip(currencies, rates, strict=True):
            count += 1
            yield Row(count, {"day": day, "currency": currency, "rate": text})
    yield Facts(f"history of {len(currencies)} currencies", ", ".join(header), count)
