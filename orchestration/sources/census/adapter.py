"""US Census Bureau: answers of the international trade API, exports and imports by Harmonized System code.

Belongs here: naming the columns, settling columns that come twice, telling exports from imports, refusing
what is no such answer. Does not belong here: totals and groups of countries (staging), asking (pull.py).

Known defects of the source: a predicate of the question comes back as one more column of the same name;
totals, country groups and members stand in one list; an answer without rows has no bytes at all.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.manifest import Manifest, ManifestError
from orchestration.reading import ReadingError
from orchestration.reading.jsonrows import read_arrays
from orchestration.sources import load_source
from orchestration.sources.contract import Bad, Chunk, Event, Facts, Refused, Row, to_batches

VERSION = "1"

_SPEC = load_source("census")
_COLUMNS = frozenset(_SPEC.columns)
_MEASURES = {"export": ("E_COMMODITY", "ALL_VAL_MO"), "import": ("I_COMMODITY", "GEN_VAL_MO")}
_EVERY = frozenset({"CTY_CODE", "time"})


@dataclass(frozen=True)
class _Header:
    """The names of the first row, the place where each stands first, and the direction they tell."""

    names: tuple[str, ...]
    first: Mapping[str, int]
    direction: str


def recognise(path: Path, name: str) -> bool:
    """Whether the first row names a commodity, a country and a month as this API does."""
    with path.open("rb") as stream:
        if not stream.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"["):
            return False
    try:
        names = _first_row(path)
    except ReadingError:
        return False
    return set(names) >= _EVERY and bool({"E_COMMODITY", "I_COMMODITY"} & set(names))


def complete(path: Path, name: str, manifest: Manifest) -> Manifest:
    """Fill in the direction, which the header tells.

    Raises:
        ManifestError: the direction given is not the one of the header.
    """
    try:
        direction = _header(path).direction
    except (ReadingError, Refused):  # landing says what is wrong with it
        return manifest
    if manifest.direction not in (None, direction):
        raise ManifestError(f"{name}: direction {manifest.direction} given, but the file holds {direction}s")
    return manifest.model_copy(update={"direction": direction})


def land(path: Path, manifest: Manifest) -> Iterator[Chunk]:
    """Decode one answer into Arrow batches of the columns in source.yml.

    Raises:
        Refused: not a whole answer of this API, or a column that says two things.
    """
    return to_batches(_events(path), _SPEC.columns)


def _events(path: Path) -> Iterator[Event]:
    count = 0
    try:
        header = _header(path)
        for number, cells, raw in read_arrays(path):
            if number == 1:
                continue
            count += 1
            yield _event(number, cells, raw, header)
    except ReadingError as error:
        raise Refused(f"not a whole answer of the API: {error}") from error
    yield Facts(f"{header.direction}s, json", ", ".join(header.names), count)


def _event(number: int, cells: tuple[str | None, ...], raw: str, header: _Header) -> Event:
    if cells == header.names:
        return Bad(number, raw, "repeated header")
    if len(cells) != len(header.names):
        return Bad(number, raw, f"{len(cells)} cells where the header has {len(header.names)}")
    return _row(number, cells, header)


def _row(number: int, cells: Sequence[str | None], header: _Header) -> Row:
    """One record; a name that comes again must say the same again."""
    first = header.first
    for name, cell in zip(header.names, cells, strict=True):
        if cell != cells[first[name]]:
            said = json.dumps([cells[first[name]], cell])
            raise Refused(f"row {number} has the column {name} twice with two values: {said}")
    values = {name: cells[at] for name, at in first.items() if name in _COLUMNS}
    unknown = {name: cells[at] or "" for name, at in first.items() if name not in _COLUMNS}
    return Row(number, values, unknown or None)


def _header(path: Path) -> _Header:
    names = _first_row(path)
    for direction, needed in _MEASURES.items():
        if set(names) >= {*needed, *_EVERY}:
            return _Header(names, {name: names.index(name) for name in names}, direction)
    either = " or ".join(" and ".join(needed) for needed in _MEASURES.values())
    raise Refused(f"the first row does not name {', '.join(sorted(_EVERY))} and {either}")


def _first_row(path: Path) -> tuple[str, ...]:
    _, cells, _ = next(iter(read_arrays(path)), (0, (), ""))
    return tuple(cell or "" for cell in cells)
