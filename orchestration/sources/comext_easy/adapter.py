"""Easy Comext exports: one header, cells of labels, codes, or codes and labels, in English or French.

Belongs here: naming the columns, splitting records, telling these files from look-alikes. Does not belong
here: taking codes out of cells, months and places (staging), bounds (source.yml).

A record is a line after the header. Known defects of the source: sums over members stand beside the members;
a label without its code names a product only where it is the total; other people's tables borrow the header.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from orchestration.manifest import Manifest
from orchestration.sources import load_source
from orchestration.sources.contract import Chunk, Refused, to_batches
from orchestration.sources.tabular import Layout, delimited, first_fields, has_header, inverted, known

VERSION = "1"

_SPEC = load_source("comext_easy")
_LAYOUT = Layout(
    names=inverted(_SPEC.details["headers"]),
    required=frozenset({"reporter", "partner", "product", "flow", "period"}),
    encodings=("utf-8", "latin-1"),
    delimiter=",",
    refuse_replacement=True,
)
_VALUE = "value_eur"
_PRODUCT = re.compile(_SPEC.details["product"], re.IGNORECASE)
_PERIOD = re.compile(_SPEC.details["period"])
_CODE = re.compile(r"[0-9]+")
_EXTRACTED = re.compile(r"Relational_View_(\d{4}-\d{2}-\d{2})T")


def recognise(path: Path, name: str) -> bool:
    """Whether the first record is the header of an Easy Comext export."""
    return has_header(path, _LAYOUT)


def complete(path: Path, name: str, manifest: Manifest) -> Manifest:
    """The file says everything itself; the name that the page gives it says the day it was asked for.

    That day stands as the day of publication: the page answers with what is published then.
    """
    asked = _EXTRACTED.match(name)
    if asked is None or manifest.published:
        return manifest
    return manifest.model_copy(update={"published": date.fromisoformat(asked[1])})


def land(path: Path, manifest: Manifest) -> Iterator[Chunk]:
    """Decode one export into Arrow batches of the columns in source.yml.

    Raises:
        Refused: no header of this page, no value in euro, or products and periods that the page never writes.
    """
    fields, _ = first_fields(path, _LAYOUT.encodings, _LAYOUT.delimiter)
    if has_header(path, _LAYOUT) and _VALUE not in known(fields, _LAYOUT.names):
        raise Refused("the header has no column with the value in euro (VALUE_IN_EUR)")
    return to_batches(delimited(path, _LAYOUT, _judge), _SPEC.columns)


def _judge(values: Mapping[str, str | None]) -> None:
    """Refuse the file at the first record that Easy Comext cannot have written; set none aside."""
    period, product = (values["period"] or "").strip(), (values["product"] or "").strip()
    if not _PERIOD.fullmatch(period):
        raise Refused(
            f"PERIOD {period!r} is none that Easy Comext writes (Feb. 2019, Jan.-Dec. 2018,"
            " 201902-Feb. 2019): the table only borrows its header"
        )
    if not _PRODUCT.fullmatch(product):
        raise Refused(
            f"PRODUCT {product[:60]!r} is a label without its code: export codes, or codes and labels"
        )
    code = _CODE.match(product)
    if code and len(code[0]) % 2 and "X" not in product.upper().split("-")[0]:
        raise Refused(f"PRODUCT code {code[0]} has an odd number of digits: SITC, not HS or CN")
