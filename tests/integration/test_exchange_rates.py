"""Monthly rates as dbt makes them, set against the same means worked out from the daily file in decimals.

Belongs here: the way from a daily file to dim_exchange_rates, from the package and from a pulled file. Does
not belong here: cells (test_ecb_adapter), which rate a row takes (the models' own tests).
"""

import csv
import io
import os
import subprocess
import sys
import zipfile
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from currency_converter.currency_converter import CURRENCY_FILE

from orchestration import catalogue, collect, landing
from orchestration.ledger import Ledger
from orchestration.manifest import Manifest
from orchestration.settings import DBT_PROJECT, Settings

DATA = Path(__file__).parents[1] / "data"


def monthly_means(text):
    """Mean and days by currency and month: a day counts where both currency and dollar are quoted."""
    sums = defaultdict(list)
    for row in csv.DictReader(io.StringIO(text)):
        month = date.fromisoformat(row["Date"]).replace(day=1)
        rates = {c: Decimal(t) for c, t in row.items() if c not in ("", "Date") and t not in ("", "N/A")}
        dollar = rates.pop("USD", None)
        if dollar is not None:
            sums["EUR", month].append(dollar)
            for currency, rate in rates.items():
                sums[currency, month].append(dollar / rate)
    exact = Decimal("1e-10")
    return {key: ((sum(of) / len(of)).quantize(exact), len(of)) for key, of in sums.items()}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Build the rates of a fresh data folder with the files given; its rows by currency and month."""

    def build(*files):
        folder = tmp_path_factory.mktemp("rates")
        settings = Settings(data=folder / "data")
        settings.prepare()
        ledger = Ledger(settings.ledger_path)
        for path in files:
            collect.place(settings, ledger, path, Manifest(source="ecb", published=date(2024, 3, 4)))
        collect.collect(settings, ledger)
        for entry in landing.pending(ledger):
            landing.land(settings, ledger, entry)
        catalogue.build(settings, ledger)
        command = [str(Path(sys.executable).parent / "dbt"), "run", "--project-dir", str(DBT_PROJECT)]
        done = subprocess.run(
            [*command, "--select", "+dim_exchange_rates", "--target-path", str(folder / "target")],
            env={**os.environ, **settings.tool_environment()},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:]
        with duckdb.connect(str(settings.build_database), read_only=True) as db:
            cursor = db.execute("select * from main.dim_exchange_rates")
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        return {(row["currency"], row["month"]): row for row in rows}

    return build


@pytest.fixture(scope="module")
def from_package(built):
    return built()


def test_the_package_gives_the_same_means_to_the_last_digit(from_package):
    with zipfile.ZipFile(CURRENCY_FILE) as archive:
        expected = monthly_means(archive.read(archive.namelist()[0]).decode())
    found = {
        key: (row["usd_per_unit"], row["days_with_rate"])
        for key, row in from_package.items()
        if row["days_with_rate"]
    }
    assert len(expected) > 5_000
    assert found == expected
    assert {row["rate_source"].partition(", ")[2][:25] for row in from_package.values()} == {
        "copy in the package Curre"
    }


def test_after_the_last_rouble_rate_there_are_months_without_one(from_package):
    last = from_package["RUB", date(2022, 3, 1)]
    assert (last["days_with_rate"], last["first_day"], last["last_day"]) == (
        1,
        date(2022, 3, 1),
        date(2022, 3, 1),
    )
    later = [row for (c, month), row in from_package.items() if c == "RUB" and month > date(2022, 3, 1)]
    assert len(later) > 12
    assert {(row["usd_per_unit"], row["days_with_rate"], row["first_day"]) for row in later} == {
        (None, 0, None)
    }
    assert "USD" not in {currency for currency, _ in from_package}


def test_a_pulled_file_counts_alone(built):
    history = DATA / "ecb" / "history.csv"
    made = built(history)
    expected = monthly_means(history.read_text(encoding="utf-8"))
    quoted = {key: (row["usd_per_unit"], row["days_with_rate"]) for key, row in made.items()}
    assert {key: value for key, value in quoted.items() if value[1]} == expected
    assert made["CNY", date(2024, 3, 1)]["usd_per_unit"] == Decimal("0.1714285714")
    assert quoted["RUB", date(2023, 7, 1)] == (None, 0)
    assert {row["rate_source"] for row in made.values()} == {"ECB euro reference rates, file of 2024-03-04"}
