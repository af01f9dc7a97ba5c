"""GACC downloads: any column order, English or Chinese, GB18030 or UTF-8, with or without a header row.

Belongs here: telling the layout, naming the columns, splitting records. Does not belong here: typing,
directions and periods of rows (staging), bounds (source.yml).

Known defects of the source: no direction column; sometimes no period or partner column; a trailing comma on
every line; missing units written `?`, `-` or an em dash.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from orchestration.manifest import Manifest, ManifestError, MissingOption
from orchestration.reading.delimited import fit
from orchestration.sources import load_source
from orchestration.sources.contract import Chunk, Refused, to_batches
from orchestration.sources.tabular import Layout, delimited, first_fields, has_header, inverted, known

VERSION = "1"

_SPEC = load_source("gacc")
_LAYOUT = Layout(
    names=inverted(_SPEC.details["headers"]),
    required=frozenset({"commodity_code"}),
    encodings=("utf-8", "gb18030"),
    delimiter=",",
)
_LAYOUTS: dict[str, list[str]] = _SPEC.details["layouts"]
_TOTAL_WORDS = frozenset(_SPEC.details["total_words"])
_VALUES = {"value_usd": "USD", "value_cny": "CNY"}


def recognise(path: Path, name: str) -> bool:
    """Whether the first record is a GACC header: a commodity code, a quantity and a value among its names."""
    return known(_first_record(path), _LAYOUT.names) >= {"commodity_code", "quantity"}


def complete(path: Path, name: str, manifest: Manifest) -> Manifest:
    """Fill in direction (file name rule) and currency (header); ask for what neither file nor user says.

    Raises:
        MissingOption: direction, layout, period or partner is not to be had.
        ManifestError: what is given contradicts the file.
    """
    columns = _columns(path, name, manifest)
    direction = manifest.direction or _direction_in(name)
    if direction is None:
        why = "the file does not say whether it holds exports or imports (a name with one of the words would)"
        raise MissingOption(name, "--direction export|import", why)
    if "period" not in columns and manifest.period is None:
        raise MissingOption(name, "--period YYYY-MM", "this file has no column with the month")
    if "partner_code" not in columns and manifest.partner is None:
        why = "this file has no partner column; world stands for all partners together"
        raise MissingOption(name, "--partner CODE|world", why)
    currencies = [_VALUES[column] for column in columns if column in _VALUES]
    if manifest.currency and manifest.currency not in currencies:
        found = " and ".join(currencies) or "no currency that we know"
        raise ManifestError(f"{name}: currency {manifest.currency} given, but the file is in {found}")
    currency = currencies[0] if len(currencies) == 1 else manifest.currency
    return manifest.model_copy(update={"direction": direction, "currency": currency})


def land(path: Path, manifest: Manifest) -> Iterator[Chunk]:
    """Decode one download into Arrow batches of the columns in source.yml.

    Raises:
        Refused: no known header and no layout named, or a header without commodity code or value.
    """
    if has_header(path, _LAYOUT):
        if not known(_first_record(path), _LAYOUT.names) & set(_VALUES):
            raise Refused("the header has no value column (US dollar or Renminbi Yuan)")
        return to_batches(delimited(path, _LAYOUT, _total), _SPEC.columns)
    if not _first_record(path):
        raise Refused("the first line is not a record of quoted, comma-separated fields")
    if manifest.layout is None:
        raise Refused("no known GACC header, and no layout is named (--layout)")
    layout = replace(_LAYOUT, columns=_LAYOUTS[manifest.layout], label=manifest.layout)
    return to_batches(delimited(path, layout, _total), _SPEC.columns)


def _total(values: Mapping[str, str | None]) -> str | None:
    code = (values["commodity_code"] or "").strip().lower()
    return "total row" if code in _TOTAL_WORDS else None


def _columns(path: Path, name: str, manifest: Manifest) -> list[str]:
    """Canonical columns of a file, from its header or the layout named."""
    fields = _first_record(path)
    named = known(fields, _LAYOUT.names)
    if "commodity_code" in named:
        return sorted(named)
    if manifest.layout is None:
        why = f"the first line is no known GACC header; name the columns' layout: {', '.join(_LAYOUTS)}"
        raise MissingOption(name, "--layout NAME", why)
    if manifest.layout not in _LAYOUTS:
        raise ManifestError(f"{name}: no GACC layout {manifest.layout!r}; there are: {', '.join(_LAYOUTS)}")
    width = len(_LAYOUTS[manifest.layout])
    if fit(fields, width) is None:
        found = f"layout {manifest.layout} has {width} columns, the first line {len(fields)}"
        raise ManifestError(f"{name}: {found}")
    return _LAYOUTS[manifest.layout]


def _first_record(path: Path) -> tuple[str, ...]:
    return first_fields(path, _LAYOUT.encodings, _LAYOUT.delimiter)[0]


def _direction_in(name: str) -> str | None:
    """`export` or `import` where exactly one of them stands in the file name as a whole word."""
    words = set(re.findall(r"[^\W\d_]+", name.lower()))  # runs of letters, in any script
    found = [direction for direction, known in _SPEC.details["direction_words"].items() if words & set(known)]
    return found[0] if len(found) == 1 else None
