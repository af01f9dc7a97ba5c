"""A user's own control list: a CSV or workbook with a row for each code that a list names.

Belongs here: telling such a table and naming its columns. Does not belong here: defaults of empty cells and
which file of a list counts (staging), bounds (source.yml), lists that come with the project (seeds of dbt).
"""

from collections.abc import Iterator
from pathlib import Path

from orchestration.manifest import Manifest, ManifestError
from orchestration.reading.workbook import read_sheet
from orchestration.sources import load_source
from orchestration.sources.contract import Chunk, Event, to_batches
from orchestration.sources.tabular import Layout, delimited, first_fields, known, sheet

VERSION = "1"

_SPEC = load_source("control_lists")
_LAYOUT = Layout(
    names={name: name for name in _SPEC.columns},
    required=frozenset(_SPEC.details["required"]),
    label="list",
)
_BOOK = b"PK\x03\x04"


def recognise(path: Path, name: str) -> bool:
    """Whether the header (of the first sheet) names a list, a code, an edition and a first day."""
    if _is_book(path):
        fields = next((row.cells for row in read_sheet(path)), ())
    else:
        fields, _ = first_fields(path, _LAYOUT.encodings)
    return known(fields, _LAYOUT.names) >= _LAYOUT.required


def complete(path: Path, name: str, manifest: Manifest) -> Manifest:
    """The table says everything; it holds every list that it names whole.

    Raises:
        ManifestError: a column that every list needs is missing.
    """
    if not recognise(path, name):
        needed = ", ".join(sorted(_LAYOUT.required))
        raise ManifestError(f"{name}: the first row does not name the columns {needed}")
    return manifest.model_copy(update={"complete": True})


def land(path: Path, manifest: Manifest) -> Iterator[Chunk]:
    """Decode one table into Arrow batches of the columns in source.yml.

    Raises:
        Refused: a column that every list needs is missing, or one is named twice.
    """
    return to_batches(_events(path), _SPEC.columns)


def _events(path: Path) -> Iterator[Event]:
    return sheet(path, _LAYOUT) if _is_book(path) else delimited(path, _LAYOUT)


def _is_book(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4) == _BOOK
