"""Russian customs open statistics: Russian or English headers, UTF-8 or cp1251, tab, comma or semicolon.

Belongs here: telling the layout, naming the columns, what the manifest must say. Does not belong here: what a
whole file covers (scope.py), typing and periods of rows (staging), bounds (source.yml).

Known defects of the source: the month may stand in the file name only; headers may be dBASE field
descriptions (`TNVED,C,10`); in some copies every Cyrillic letter is lost.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from orchestration.manifest import Manifest, ManifestError, MissingOption
from orchestration.sources import load_source
from orchestration.sources.contract import Chunk, Event, Refused, Row, to_batches
from orchestration.sources.fts.scope import Scope, month_in, scope_of
from orchestration.sources.tabular import Layout, delimited, has_header, inverted

NATIONAL = "national"

_SPEC = load_source("fts")
_VALUES = _SPEC.details["values"]
VERSION = f"1-{_VALUES['currency']}-{_VALUES['scale']}"  # landed rows hold the unit of their values
_LAYOUT = Layout(
    names=inverted(_SPEC.details["headers"]),
    required=frozenset({"direction", "partner_code", "commodity_code", "value", "net_weight", "quantity"}),
    encodings=("utf-8", "cp1251"),
    refuse_replacement=True,
)
_TOTAL_WORDS = frozenset(_SPEC.details["total_words"])


def recognise(path: Path, name: str) -> bool:
    """Whether the first record names the columns of the open statistics, in either language."""
    return _layout(path) is not None


def complete(path: Path, name: str, manifest: Manifest) -> Manifest:
    """Fill in the area and the month from the whole file and its name; ask for what neither says.

    Raises:
        MissingOption: the area or the period is not to be had.
        ManifestError: what is given contradicts the file.
    """
    layout = _layout(path)
    try:
        scope = scope_of(delimited(path, layout, _total)) if layout else None
    except Refused:  # landing says the same of the file, in the words of the fault
        scope = None
    if scope is None:
        return manifest
    area = _area(name, manifest, scope)
    period = manifest.period or month_in(name, scope)
    if period is None and not scope.all_dated:
        raise MissingOption(
            name, "--period YYYY-MM", "there are rows without a period, and no month in the name"
        )
    is_monthly = bool(scope.months or period)
    whole = is_monthly and area == NATIONAL and scope.is_whole(_SPEC.details["whole_month"])
    told = {"area": area, "period": period, "complete": manifest.complete or whole}
    return manifest.model_copy(update=told)


def land(path: Path, manifest: Manifest) -> Iterator[Chunk]:
    """Decode one file into Arrow batches of the columns in source.yml.

    Raises:
        Refused: no known header, or characters that were lost before the file reached us.
    """
    layout = _layout(path)
    if layout is None:
        raise Refused(f"the first line is no header of this source: {', '.join(sorted(_LAYOUT.required))}")
    return to_batches(map(_with_values_unit, delimited(path, layout, _total)), _SPEC.columns)


def _layout(path: Path) -> Layout | None:
    """The layout with the delimiter that finds the columns; dBASE headers hold commas of their own."""
    layouts = [replace(_LAYOUT, delimiter=delimiter) for delimiter in "\t;,"]
    return next((layout for layout in layouts if has_header(path, layout)), None)


def _with_values_unit(event: Event) -> Event:
    if not isinstance(event, Row):
        return event
    unit = {"value_currency": _VALUES["currency"], "value_scale": str(_VALUES["scale"])}
    return replace(event, values={**event.values, **unit})


def _total(values: Mapping[str, str | None]) -> str | None:
    word = (values["direction"] or "").strip(" :").lower()
    return "total row" if word in _TOTAL_WORDS else None


def _area(name: str, manifest: Manifest, scope: Scope) -> str:
    if scope.only_region is not None:
        if manifest.area == NATIONAL:
            raise ManifestError(f"{name}: --area national given, but every row is of {scope.only_region}")
        return manifest.area or scope.only_region
    if manifest.area is None and len(scope.regions) < 2:
        why = "no column says of every row which region it is of; a region's file must not pass for Russia's"
        raise MissingOption(name, "--area NAME|national", why)
    return manifest.area or NATIONAL
