"""GACC downloads: any column order, English or Chinese, GB18030 or UTF-8, with or without a header row.

Belongs here: telling the layout, naming the columns, splitting records. Does not belong here: typing,
directions and periods of rows (staging), bounds (source.yml).

Known defects of the source: no direction column; sometimes no period or partner column; a trailing comma on
every line; missing units written `?`, `-` or an em dash.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from orchestration.manifest import Manifest, ManifestError, MissingOption
from orchestration.reading.delimited import BadRecord, Record, fit, read_records, strip_trailing_empty
from orchestration.reading.text import detect_encoding, open_text
from orchestration.sources import load_source
from orchestration.sources.contract import Bad, Chunk, Event, Facts, Refused, Row, to_batches

VERSION = "1"
ENCODINGS = ("utf-8", "gb18030")

_SPEC = load_source("gacc")
_HEADERS: dict[str, str] = {
    alias.lower(): name for name, aliases in _SPEC.details["headers"].items() for alias in aliases
}
_LAYOUTS: dict[str, list[str]] = _SPEC.details["layouts"]
_TOTAL_WORDS = frozenset(_SPEC.details["total_words"])
_VALUES = {"value_usd": "USD", "value_cny": "CNY"}


def recognise(path: Path, name: str) -> bool:
    """Whether the first record is a GACC header: a commodity code, a quantity and a value among its names."""
    return "commodity_code" in (known := _known(_first_record(path))) and "quantity" in known


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
    return to_batches(_events(path, manifest), _SPEC.columns)


def _events(path: Path, manifest: Manifest) -> Iterator[Event]:
    encoding = detect_encoding(path, ENCODINGS)
    header, names = _header(_first_record(path), manifest)
    count = 0
    with open_text(path, encoding) as stream:
        for record in read_records(stream, width=len(names)):
            if header is None or record.number > 1:
                count += 1
                yield _event(record, names, header)
    layout = "header" if header else str(manifest.layout)
    yield Facts(f"{layout}, {encoding.name}", ", ".join(header or names), count)


def _header(first: Sequence[str], manifest: Manifest) -> tuple[tuple[str, ...] | None, list[str]]:
    """Published header (None where the file has none) and the name of each field."""
    if not first:
        raise Refused("the first line is not a record of quoted, comma-separated fields")
    if "commodity_code" in _known(first):
        published = strip_trailing_empty(first)
        names = [_HEADERS.get(text.strip().lower(), text.strip()) for text in published]
        doubled = {name for name in names if names.count(name) > 1}
        if doubled:
            raise Refused(
                f"the header names {', '.join(sorted(doubled)) or 'an empty column'} more than once"
            )
        if not set(names) & set(_VALUES):
            raise Refused("the header has no value column (US dollar or Renminbi Yuan)")
        return published, names
    if manifest.layout is None:
        raise Refused("no known GACC header, and no layout is named (--layout)")
    return None, _LAYOUTS[manifest.layout]


def _event(record: Record | BadRecord, names: Sequence[str], header: Sequence[str] | None) -> Event:
    if isinstance(record, BadRecord):
        return Bad(record.number, record.raw, record.reason)
    fields = fit(record.fields, len(names))
    if fields is None:
        reason = f"{len(record.fields)} fields where the header has {len(names)}"
        return Bad(record.number, record.raw, reason)
    if header is not None and fields == tuple(header):
        return Bad(record.number, record.raw, "repeated header")
    values = dict(zip(names, fields, strict=True))
    if values["commodity_code"].strip().lower() in _TOTAL_WORDS:
        return Bad(record.number, record.raw, "total row")
    unknown = {name: text for name, text in values.items() if name not in _SPEC.columns}
    return Row(record.number, {k: v for k, v in values.items() if k not in unknown}, unknown or None)


def _columns(path: Path, name: str, manifest: Manifest) -> list[str]:
    """Canonical columns of a file, from its header or the layout named."""
    fields = _first_record(path)
    known = _known(fields)
    if "commodity_code" in known:
        return known
    if manifest.layout is None:
        why = f"the first line is no known GACC header; name the columns' layout: {', '.join(_LAYOUTS)}"
        raise MissingOption(name, "--layout NAME", why)
    if manifest.layout not in _LAYOUTS:
        raise ManifestError(f"{name}: no GACC layout {manifest.layout!r}; there are: {', '.join(_LAYOUTS)}")
    width = len(_LAYOUTS[manifest.layout])
    if fit(tuple(fields), width) is None:
        found = f"layout {manifest.layout} has {width} columns, the first line {len(fields)}"
        raise ManifestError(f"{name}: {found}")
    return _LAYOUTS[manifest.layout]


def _first_record(path: Path) -> tuple[str, ...]:
    with open_text(path, detect_encoding(path, ENCODINGS)) as stream:
        first = next(read_records(stream), None)
    return first.fields if isinstance(first, Record) else ()


def _known(fields: Sequence[str]) -> list[str]:
    return [_HEADERS[text.strip().lower()] for text in fields if text.strip().lower() in _HEADERS]


def _direction_in(name: str) -> str | None:
    """`export` or `import` where exactly one of them stands in the file name as a whole word."""
    words = set(re.findall(r"[^\W\d_]+", name.lower()))  # runs of letters, in any script
    found = [direction for direction, known in _SPEC.details["direction_words"].items() if words & set(known)]
    return found[0] if len(found) == 1 else None
