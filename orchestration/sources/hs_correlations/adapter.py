"""Correlation tables of two HS editions, as the UN Statistics Division's workbooks give them.

Belongs here: finding the correlation sheet and naming its columns. Does not belong here: moving values from
one edition to another (dbt).

A workbook has two sheets. The correlation sheet names every pair of codes that share goods. The conversion
sheet names one target for each code; it is not read, and a workbook that has nothing else is refused.

Known defects of the source: names of columns and sheets differ in spaces and in order; a row may be empty
above the header.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from orchestration.manifest import Manifest
from orchestration.reading.workbook import SheetRow, read_sheet, sheet_names
from orchestration.sources import load_source
from orchestration.sources.contract import Chunk, Event, Refused, to_batches
from orchestration.sources.tabular import Layout, folded, sheet, stamped

VERSION = "1"

_SPEC = load_source("hs_correlations")
_ZIP = b"PK\x03\x04"
_SHEET = re.compile(r"correlation|conversion", re.IGNORECASE)
_EDITION = re.compile(r"hs ?((?:19|20)[0-9]{2})", re.ASCII)
_ONE_TARGET = re.compile(r"(?:from|to) ?hs ?[0-9]{2,4}", re.ASCII)
_MANY = "relationship"


def recognise(path: Path, name: str) -> bool:
    """Whether a sheet of correlations or conversions is in it; what that is worth, landing says."""
    with path.open("rb") as stream:
        if stream.read(4) != _ZIP:
            return False
    headers = [_first_row(path, each).cells for each in sheet_names(path) if _SHEET.search(each)]
    return any(_editions(header) or _is_conversion(header) for header in headers)


def complete(path: Path, name: str, manifest: Manifest) -> Manifest:
    """The sheet says everything; it holds every pair of its two editions."""
    return manifest.model_copy(update={"complete": True})


def land(path: Path, manifest: Manifest) -> Iterator[Chunk]:
    """Decode one workbook's correlation sheet into Arrow batches of the columns in source.yml.

    Raises:
        Refused: no correlation sheet, or several.
    """
    return to_batches(_events(path), _SPEC.columns)


def _events(path: Path) -> Iterator[Event]:
    firsts = {name: _first_row(path, name) for name in sheet_names(path)}
    found = [name for name, first in firsts.items() if _editions(first.cells)]
    if len(found) > 1:
        raise Refused(f"several sheets hold correlations ({', '.join(found)}): give one workbook a pair")
    if not found:
        raise Refused(_why_not(firsts))
    header, row = firsts[found[0]].cells, firsts[found[0]].number
    edition_from, edition_to = _editions(header)
    names = {folded(header[0]): "code_from", folded(header[1]): "code_to", _MANY: "relationship"}
    layout = Layout(names, frozenset(names.values()), label=f"{edition_from} to {edition_to}")
    editions = {"edition_from": edition_from, "edition_to": edition_to}
    yield from stamped(sheet(path, layout, name=found[0], header_row=row), editions)


def _why_not(firsts: Mapping[str, SheetRow]) -> str:
    if one_target := [name for name, first in firsts.items() if _is_conversion(first.cells)]:
        return (
            f"the only table («{one_target[0]}») names one target for each code: where a code was split, all"
            " of its value would go to one of its parts, so such a table cannot move values between editions;"
            " give the workbook with the correlation sheet"
        )
    return "no sheet has two editions and «Relationship» in its first row"


def _first_row(path: Path, name: str) -> SheetRow:
    """The header; rows may be empty above it."""
    return next(read_sheet(path, name), SheetRow(1, ()))


def _editions(header: Sequence[str]) -> tuple[str, ...]:
    """The two editions of a correlation sheet; nothing where its first row is none."""
    found = [_EDITION.fullmatch(folded(cell)) for cell in header[:2]]
    years = tuple(f"HS{match[1]}" for match in found if match)
    has_all = len(set(years)) == 2 and _MANY in [folded(cell) for cell in header[2:]]
    return years if has_all else ()


def _is_conversion(header: Sequence[str]) -> bool:
    return len(header) == 2 and all(_ONE_TARGET.fullmatch(folded(cell)) for cell in header)
