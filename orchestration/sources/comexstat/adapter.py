"""Comex Stat: one CSV a year and direction, by NCM.

Belongs here: telling the layout and the direction, splitting records. Does not belong here: typing, codes and
units (staging, countries.csv, units.csv), bounds (source.yml), fetching (pull.py).

Known defects of the source: no column says whether a file holds exports or imports; freight and insurance are
in files of imports only, and not in all of them.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from orchestration.manifest import Direction, Manifest, ManifestError, MissingOption
from orchestration.sources import load_source
from orchestration.sources.contract import Chunk, to_batches
from orchestration.sources.tabular import Layout, delimited, first_fields, folded, known

VERSION = "1"

_SPEC = load_source("comexstat")
_ONLY_IMPORTS = frozenset(_SPEC.details["only_imports"])
_LAYOUT = Layout(
    names={folded(name): name for name in _SPEC.columns},
    required=frozenset(_SPEC.columns) - _ONLY_IMPORTS,
    encodings=("utf-8", "latin-1"),
    delimiter=";",
)
_YEAR_FILE = re.compile(r"(?i)(EXP|IMP)_[0-9]{4}(?![0-9])")
_DIRECTIONS: dict[str, Direction] = {"EXP": "export", "IMP": "import"}


def recognise(path: Path, name: str) -> bool:
    """Whether the header names the columns of a file by NCM (the ones by municipality have others)."""
    return _columns(path) >= _LAYOUT.required


def complete(path: Path, name: str, manifest: Manifest) -> Manifest:
    """Direction from header, name (`EXP_2024.csv`) or manifest; the publisher's file of a year is complete.

    Raises:
        MissingOption: nothing says whether the file holds exports or imports.
        ManifestError: what says so says different things.
    """
    match = _YEAR_FILE.match(name)
    says: dict[str, Direction | None] = {
        "the option": manifest.direction,
        "the file's name": _DIRECTIONS[match[1].upper()] if match else None,
        "the header (freight and insurance)": "import" if _columns(path) & _ONLY_IMPORTS else None,
    }
    said = {who: direction for who, direction in says.items() if direction}
    if not said:
        why = "neither the name (EXP_2024.csv, IMP_2024.csv) nor the header says which the file holds"
        raise MissingOption(name, "--direction export|import", why)
    if len(set(said.values())) > 1:
        raise ManifestError(f"{name}: {' but '.join(f'{who} says {d}' for who, d in said.items())}")
    known_now = {"direction": next(iter(said.values())), "complete": manifest.complete or bool(match)}
    return manifest.model_copy(update=known_now)


def land(path: Path, manifest: Manifest) -> Iterator[Chunk]:
    """Decode one year into Arrow batches of the columns in source.yml.

    Raises:
        Refused: the header lacks a column of the layout.
    """
    return to_batches(delimited(path, _LAYOUT), _SPEC.columns)


def _columns(path: Path) -> set[str]:
    return known(first_fields(path, _LAYOUT.encodings, _LAYOUT.delimiter)[0], _LAYOUT.names)
