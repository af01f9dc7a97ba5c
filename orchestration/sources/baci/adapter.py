"""BACI: one CSV a year of six columns; what they hold is in the file's name.

Belongs here: telling the layout, splitting records. Does not belong here: the names of releases (`release`),
restored zeros, units and thousands (staging), bounds (source.yml), fetching (`pull`).

Known defects of the source: commodity codes are integers in older releases, so that the leading zero is
lost; quantities are padded with spaces and missing ones are a padded `NA`.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from orchestration.manifest import Manifest, ManifestError, MissingOption
from orchestration.sources import load_source
from orchestration.sources.baci.release import Release, release_of, text_in
from orchestration.sources.contract import Chunk, Refused, Rows, to_batches
from orchestration.sources.tabular import Layout, delimited, first_fields, known

VERSION = "1"

_SPEC = load_source("baci")
_CELLS = ("t", "i", "j", "k", "v", "q")
_LAYOUT = Layout(
    names={name: name for name in _CELLS},
    required=frozenset(_CELLS),
    encodings=("utf-8", "latin-1"),
    delimiter=",",
)


def recognise(path: Path, name: str) -> bool:
    """Whether the header is `t,i,j,k,v,q`."""
    fields = first_fields(path, _LAYOUT.encodings, _LAYOUT.delimiter)[0]
    return len(fields) == len(_CELLS) and known(fields, _LAYOUT.names) == set(_CELLS)


def complete(path: Path, name: str, manifest: Manifest) -> Manifest:
    """Edition and release from the file's name or `layout`; the release's month is when it was published.

    Every file is complete, since a release replaces the one before it whole.

    Raises:
        MissingOption: neither says which edition and release the file is of.
        ManifestError: both do and differ, or there is no such edition.
    """
    named = text_in(name)
    said = manifest.layout or named
    if said is None:
        why = "edition and release stand in a BACI file's name (BACI_HS17_Y2020_V202201.csv), not inside"
        raise MissingOption(name, "--layout HS17_V202401b", why)
    if named and said != named:
        raise ManifestError(f"{name}: layout {said} given, but the file's name says {named}")
    try:
        release = release_of(said)
    except ValueError as error:
        raise ManifestError(f"{name}: {error}") from None
    published = manifest.published or release.published
    return manifest.model_copy(update={"layout": str(release), "published": published, "complete": True})


def land(path: Path, manifest: Manifest) -> Iterator[Chunk]:
    """Decode one year into Arrow batches of the columns in source.yml, with edition and release in every row.

    Raises:
        Refused: another header, or no edition and release named.
    """
    if manifest.layout is None:
        raise Refused("edition and release of the file are not named (--layout)")
    release = release_of(manifest.layout)
    for chunk in to_batches(delimited(path, _LAYOUT), _SPEC.columns):
        yield _stamped(chunk, release) if isinstance(chunk, Rows) else chunk


def _stamped(chunk: Rows, release: Release) -> Rows:
    batch = chunk.batch
    for name, text in (("edition", release.edition), ("release", release.number)):
        place = batch.schema.get_field_index(name)
        batch = batch.set_column(place, batch.schema.field(place), pa.repeat(text, batch.num_rows))
    return Rows(batch)
