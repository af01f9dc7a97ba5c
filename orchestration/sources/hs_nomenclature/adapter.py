"""Names of HS codes of one edition: the UN reference JSON, or a CSV of sections, codes and names.

Belongs here: naming the columns and finding the edition. Does not belong here: which file of an edition
counts, the code inside a name (staging); fetching (pull.py).

The edition stands in no row. The file's name says it where it has `H6` or `HS2022` as a word of its own, and
no other edition. Else the user does.

Known defects of the source: the UN writes the code before the name; in the CSV all goods have level 5.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from orchestration.manifest import Manifest, ManifestError, MissingOption
from orchestration.reading import ReadingError
from orchestration.reading.jsonrows import read_objects
from orchestration.sources import load_source
from orchestration.sources.contract import Chunk, Event, Facts, to_batches
from orchestration.sources.tabular import Layout, delimited, has_header, inverted, known, record, stamped

VERSION = "1"

_SPEC = load_source("hs_nomenclature")
_EDITIONS: dict[str, str] = _SPEC.details["editions"]
_KNOWN = frozenset(_EDITIONS.values())
_ROWS = "results"
_LAYOUT = Layout(
    names=inverted(_SPEC.details["headers"]),
    required=frozenset({"code", "description", "parent", "level"}),
    label="codes",
)
_IN_NAME = re.compile(r"(?<![A-Z0-9])(?:(H[0-9])(?![A-Z0-9])|HS[ _-]?([12][0-9]{3})(?![0-9]))", re.ASCII)


def recognise(path: Path, name: str) -> bool:
    """Whether its rows have a code, a name, a parent and a level, under the names of either layout."""
    if not _is_json(path):
        return has_header(path, _LAYOUT)
    try:
        first = next(iter(read_objects(path, _ROWS)), None)
    except ReadingError:
        return False
    return first is not None and known(first[1], _LAYOUT.names) >= _LAYOUT.required


def complete(path: Path, name: str, manifest: Manifest) -> Manifest:
    """Fill in the edition; the file holds all of it.

    Raises:
        MissingOption: neither the file's name nor the user says the edition.
        ManifestError: it is no such file, the two disagree, or there is no such edition.
    """
    if not recognise(path, name):
        raise ManifestError(f"{name}: not a list of HS codes with their names, parents and levels")
    named, given = edition_in(name), manifest.hs_revision
    if given and named and given != named:
        raise ManifestError(f"{name}: hs_revision {given} given, but the file's name says {named}")
    edition = given or named
    if edition is None:
        raise MissingOption(name, "--hs-revision HS2022", "no row and not the file's name says the edition")
    if edition not in _KNOWN:
        raise ManifestError(f"{name}: hs_revision {edition} is none of {', '.join(sorted(_KNOWN))}")
    return manifest.model_copy(update={"hs_revision": edition, "complete": True})


def edition_in(name: str) -> str | None:
    """The edition that a file's name says; None where it says none, or more than one."""
    words = _IN_NAME.findall(name.upper())
    found = {_EDITIONS.get(letter) or f"HS{year}" for letter, year in words} & _KNOWN
    return found.pop() if len(found) == 1 else None


def land(path: Path, manifest: Manifest) -> Iterator[Chunk]:
    """Decode one list into Arrow batches; raises Refused without a header, ReadingError on broken JSON."""
    return to_batches(_events(path, manifest.hs_revision), _SPEC.columns)


def _events(path: Path, edition: str | None) -> Iterator[Event]:
    return stamped(_json(path) if _is_json(path) else delimited(path, _LAYOUT), {"hs_revision": edition})


def _json(path: Path) -> Iterator[Event]:
    number = 0
    for number, values, _ in read_objects(path, _ROWS):
        yield record(number, values.items(), _LAYOUT)
    yield Facts("codes, json", _ROWS, number)


def _is_json(path: Path) -> bool:
    """By the first bytes, so that large answers of other services are not read for this."""
    with path.open("rb") as stream:
        head = stream.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(b"{") and f'"{_ROWS}"'.encode() in head
