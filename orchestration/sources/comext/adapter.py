"""Eurostat Comext: a month of all reporters, as the .7z of the bulk download or as the table inside it.

Belongs here: telling the files apart, their two headers, refusing files that repeat others. Does not belong
here: what codes and masks mean (staging), asking Eurostat (`pull.py`), unpacking (`reading.sevenzip`).
"""

import re
from collections.abc import Iterator
from pathlib import Path

from orchestration.manifest import Manifest, ManifestError, span
from orchestration.reading import ReadingError
from orchestration.reading.delimited import Record, read_records
from orchestration.reading.sevenzip import content, head, is_sevenzip, unpacked
from orchestration.reading.text import detect_encoding, open_text
from orchestration.sources import bulk, load_source
from orchestration.sources.contract import Chunk, Refused
from orchestration.sources.tabular import Layout, folded, inverted, known

VERSION = "1"

_SPEC = load_source("comext")
_REQUIRED = frozenset({"reporter", "partner", "product_nc", "flow", "period", "value_eur"})
_LAYOUTS = [
    Layout(inverted(names), _REQUIRED, ("utf-8", "latin-1"), ",", label=label)
    for label, names in _SPEC.details["layouts"].items()
]
_BULK = re.compile(
    r"(?i)full_?(?P<parted>partxixu|xixu)?_?(?:v2_)?(?P<year>\d{4})(?P<month>\d{2})\.(?:7z|dat)"
)
_HEAD_BYTES = 4096


def recognise(path: Path, name: str) -> bool:
    """Whether the first record, inside the archive where it is one, is a Comext header."""
    return _layout(_first_fields(path)) is not None


def complete(path: Path, name: str, manifest: Manifest) -> Manifest:
    """A bulk file is named by its month and holds all there is for it; any other file says its keys only.

    Raises:
        ManifestError: the file repeats what the months hold, or another period is given than its name says.
    """
    found = _bulk_name(path, name)
    if found is None:
        return manifest
    if problem := _repeats(found):
        raise ManifestError(f"{name}: {problem}")
    period = f"{found['year']}-{found['month']}"
    if manifest.period and span(manifest.period) != span(period):
        raise ManifestError(f"{name}: period {manifest.period} given, but the name says {period}")
    return manifest.model_copy(update={"period": period, "complete": True})


def land(path: Path, manifest: Manifest) -> Iterator[Chunk]:
    """Decode one file into Arrow batches of the columns in source.yml.

    Raises:
        Refused: no Comext header, or a file of whole years.
        ReadingError: an archive that is damaged or not safe to open.
    """
    if is_sevenzip(path):
        with unpacked(path) as table:
            yield from _table(table)
    else:
        yield from _table(path)


def _table(path: Path) -> Iterator[Chunk]:
    with open_text(path, detect_encoding(path, _LAYOUTS[0].encodings)) as stream:
        records = (each for each in read_records(stream) if isinstance(each, Record))
        header, first = next(records, None), next(records, None)
    layout = _layout(header.fields) if header else None
    if header is None or layout is None:
        raise Refused("the first line is no Comext header")
    columns = [layout.names.get(folded(name)) for name in header.fields]
    cells = dict(zip(columns, first.fields if first else (), strict=False))  # a misfit is set aside later
    if re.fullmatch(r"\d{4}(52)?", (cells.get("period") or "").strip()):
        raise Refused("whole years repeat what the files of the months hold")
    yield from bulk.batches(path, layout, _SPEC.columns)


def _layout(fields: tuple[str, ...]) -> Layout | None:
    """The layout whose own names the header has; the older one calls numbers what the newer calls codes."""
    older = any(folded(name) in _SPEC.details["marks_of_older"] for name in fields)
    layout = _LAYOUTS[1] if older else _LAYOUTS[0]
    return layout if known(fields, layout.names) >= _REQUIRED else None


def _first_fields(path: Path) -> tuple[str, ...]:
    try:
        if is_sevenzip(path):
            text = head(path, _HEAD_BYTES)
        else:
            with path.open("rb") as stream:
                text = stream.read(_HEAD_BYTES)
    except ReadingError:
        return ()
    line = text.decode("utf-8-sig", "replace").splitlines()[:1]
    return tuple(field.strip('"') for field in line[0].split(",")) if line else ()


def _bulk_name(path: Path, name: str) -> re.Match[str] | None:
    """The file's own name as Eurostat gives them, or that of the table in the archive."""
    return _BULK.fullmatch(name) or (_BULK.fullmatch(content(path).name) if is_sevenzip(path) else None)


def _repeats(found: re.Match[str]) -> str | None:
    if found["parted"]:
        return "the United Kingdom in two parts repeats what the plain file of the month holds"
    if found["month"] == "52":
        return "a whole year repeats what the files of its months hold"
    return None if "01" <= found["month"] <= "12" else "its name says no month"
