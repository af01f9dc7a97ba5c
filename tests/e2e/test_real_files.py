"""Real publishers' files, all loaded at once: the figures published are those in the bytes.

Belongs here: figures read with `dualuse query` and set against sums that this module makes with other readers
than the adapters use. Does not belong here: made-up files.
"""

import csv
import io
import json
import zipfile
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from currency_converter.currency_converter import CURRENCY_FILE
from real_roots import (
    CEUTA,
    LEGACY,
    MESSAGE,
    RUSSIA,
    SITC,
    THAILAND,
    USA,
    WORLD,
    YUAN,
    comtrade_answers,
    refreshed,
)
from support import Ran, Root, records

pytestmark = pytest.mark.e2e

RUSSIA_USD, USA_USD = 61_190_631_855, 9_211_213_264
LEGACY_USD = 490_783_569_891
Cells = list[dict[str, Any]]


@dataclass(frozen=True)
class Loaded:
    """All real files in one data root, published, and their records as other readers see them."""

    root: Root
    refreshed: Ran
    read: dict[str, Cells]


def independently(path: Path) -> Cells:
    """Every data record by the csv module, json or openpyxl; by position where there is no header."""
    if path.suffix == ".xlsx":
        names, *rows = openpyxl.load_workbook(path, read_only=True).active.iter_rows(values_only=True)
        return [dict(zip(names, row, strict=True)) for row in rows]
    if path.suffix == ".json":
        data: Cells = json.loads(path.read_text(encoding="utf-8"))["data"]
        return data
    encoding = "gb18030" if path.parent.name == "gacc" and path.name != Path(USA).name else "utf-8"
    header, *texts = records(path, "latin-1" if path.name == Path(THAILAND).name else encoding)
    if path.name == Path(USA).name:
        header, texts = [str(n) for n in range(len(header))], [header, *texts]
    return [dict(zip(header, text, strict=False)) for text in texts]


def usd(rows: Cells, column: str) -> Decimal:
    return sum((Decimal(str(row[column]).replace(",", "")) for row in rows), Decimal(0))


@pytest.fixture(scope="module")
def loaded(real_data: Path, published_real_trade: Path) -> Loaded:
    named = (THAILAND, RUSSIA, LEGACY, USA, YUAN, CEUTA, WORLD)
    used = [*comtrade_answers(real_data), *(real_data / name for name in named)]
    root = Root(published_real_trade)
    return Loaded(root, refreshed(root), {path.name: independently(path) for path in used})


def one(loaded: Loaded, sql: str) -> dict[str, Any]:
    [row] = loaded.root.query(sql)
    return row


def test_gacc_file_without_a_month_is_not_taken_without_one(real_data: Path, tmp_path: Path) -> None:
    root = Root(tmp_path / "data")
    yuan = root.run("add", real_data / YUAN, "--direction", "export")
    assert yuan.code == 2
    assert "--period" in yuan.out
    bare = root.run("add", real_data / "gacc/english-full.csv")
    assert bare.code == 2
    assert "--direction" in bare.out
    assert list((root.data / "inbox").glob("*/*")) == []


def test_every_record_in_the_bytes_is_landed_or_quarantined(loaded: Loaded) -> None:
    listed = {
        row["file_name"]: row for row in loaded.root.query("select * from ops_files where state = 'landed'")
    }
    assert listed.keys() == loaded.read.keys()
    for name, rows in loaded.read.items():
        found = listed[name]
        assert len(rows) == found["rows_in"] == found["rows_landed"] + found["rows_quarantined"], name
    assert listed[Path(USA).name]["rows_landed"] == 11_419


def test_conservation_is_that_of_the_bytes(loaded: Loaded) -> None:
    answers = [row for name, rows in loaded.read.items() if name.endswith(".json") for row in rows]
    once = {
        (r["reporterCode"], r["partnerCode"], r["flowCode"], r["cmdCode"]): r
        for r in answers
        if r["motCode"] == 0
    }
    thailand = loaded.read[Path(THAILAND).name]
    members = [row for row in thailand if row["partnerCode"] != "0"]
    legacy = usd(loaded.read[Path(LEGACY).name], "Trade Value (US$)")
    russia = usd(loaded.read[Path(RUSSIA).name], "Номинальная стоимость, $")
    assert (legacy, russia) == (LEGACY_USD, 4 * RUSSIA_USD), "TOTAL, chapters, headings and subheadings"
    usa, ceuta = usd(loaded.read[Path(USA).name], "11"), usd(loaded.read[Path(CEUTA).name], "US dollar")
    landed = {
        "comtrade": usd(thailand, "primaryValue") + russia + legacy + usd(answers, "primaryValue"),
        "gacc": usa + ceuta + usd(loaded.read[Path(WORLD).name], "US dollar"),
    }
    additive = {
        "comtrade": usd(members, "primaryValue") + RUSSIA_USD + usd(list(once.values()), "primaryValue"),
        "gacc": usa + ceuta,
    }
    money = loaded.root.query("select * from ops_value_conservation where currency = 'USD'")
    assert {row["source"]: Decimal(row["value_landed"]) for row in money} == landed
    assert {row["source"]: Decimal(row["value_in_flows"]) for row in money} == additive
    found = loaded.root.query("select * from ops_conservation")
    assert len(found) == len(money)
    assert all(
        row["is_rows_balanced"] and row["is_value_balanced"] and row["rows_quarantined"] == 0 for row in found
    )


def test_thailand(loaded: Loaded) -> None:
    sql = "select sum(value_usd) as usd from fct_trade_flows where reporter_iso2 = 'TH' and "
    year = "year(period_start) = 2023"
    assert one(loaded, f"{sql} partner_iso2 = 'CN' and year(period_start) = 2024") == {
        "usd": "2538341745.020000"
    }
    partners = Decimal(one(loaded, sql + year)["usd"])
    assert partners == Decimal("19588059644.309")
    world = f"select * from fct_trade_totals where reporter_iso2 = 'TH' and {year}"
    assert abs(Decimal(one(loaded, world)["value_usd"]) - partners) <= Decimal("0.01")
    kinds = "select distinct kind from fct_trade_flows join dim_countries on iso2 = partner_iso2"
    assert "world" not in {row["kind"] for row in loaded.root.query(kinds)}


def test_china_from_the_united_states(loaded: Loaded) -> None:
    where = "source = 'gacc' and flow = 'import' and partner_iso2 = 'US' and period_start = '2019-01-01'"
    sums = "sum(value_usd)::bigint as usd, count(distinct hs_code) as codes"
    parts = "sum(value_usd) filter (where hs_code like '8542%')::bigint as circuits"
    flows = one(loaded, f"select {sums}, {parts} from fct_trade_flows where {where}")
    assert flows == {"usd": USA_USD, "codes": 3429, "circuits": 1_092_738_441}
    table = "intermediate.int_trade__national_flows"
    eight = one(
        loaded, f"select {sums}, {parts}, min(length(national_code)) as digits from {table} where {where}"
    )
    assert eight == flows | {"digits": 8}


def test_china_from_russia_is_counted_once(loaded: Loaded) -> None:
    sql = """select sum(value_usd)::bigint as usd,
        sum(value_usd) filter (where hs_code = '854231')::bigint as chips
        from fct_trade_flows where reporter_iso2 = 'CN' and partner_iso2 = 'RU' and flow = 'import'"""
    assert one(loaded, sql) == {"usd": RUSSIA_USD, "chips": 1_897_762}


def test_old_download_holds_totals_only(loaded: Loaded) -> None:
    name = Path(LEGACY).name
    sql = f"""select count(*) as n, sum(value_original)::bigint as usd, min(outcome) as a, max(outcome) as b
        from intermediate.int_ops__row_outcomes join ops_files on sha256 = _file_sha256
        where file_name = '{name}'"""
    rows = len(loaded.read[name])
    assert one(loaded, sql) == {"n": rows, "usd": LEGACY_USD, "a": "total", "b": "total"}
    sql = """select year(period_start) as year, sum(value_usd)::bigint as usd from fct_trade_totals
        where reporter_iso2 = 'RU' and flow = 'import' and year(period_start) in (2018, 2019)
        group by 1 order by 1"""
    assert [row["usd"] for row in loaded.root.query(sql)] == [57_462_391, 62_358_615]
    [line] = [x for x in loaded.root.run("status", "--files").out.splitlines() if f" {name}: " in x]
    assert "world totals: in fct_trade_totals, none in fct_trade_flows" in line
    assert f"(0 rows in flows, {rows} in totals" in line


def test_what_is_no_hs_data_is_refused_and_the_rest_goes_on(loaded: Loaded) -> None:
    lines = loaded.root.run("status", "--files").out.splitlines()
    for name, reason in ((SITC, "is SITC, not HS"), (MESSAGE, "the file holds an error message, not data")):
        [line] = [x for x in lines if f" refused comtrade {Path(name).name}: " in x]
        assert reason in line
        assert f"Refused: {Path(name).name}" in loaded.refreshed.out


def test_yuan_are_converted_at_the_mean_rate_of_the_month(loaded: Loaded) -> None:
    with zipfile.ZipFile(CURRENCY_FILE) as archive, archive.open(archive.namelist()[0]) as stream:
        days = [
            day
            for day in csv.DictReader(io.TextIOWrapper(stream, "utf-8"))
            if day["Date"].startswith("2025-12")
        ]
    rates = [
        Fraction(day["USD"]) / Fraction(day["CNY"]) for day in days if "N/A" not in (day["USD"], day["CNY"])
    ]
    assert len(rates) >= 19
    mean = sum(rates) / len(rates)
    sql = "select * from fct_trade_flows where period_start = '2025-12-01'"
    flows = loaded.root.query(sql)
    assert {row["currency"] for row in flows} == {"CNY"}
    assert usd(flows, "value_original") == usd(loaded.read[Path(YUAN).name], "人民币")
    for row in flows:
        assert abs(Fraction(row["fx_rate"]) - mean) <= Fraction(1, 10**10)
        assert abs(
            Decimal(row["value_original"]) * Decimal(row["fx_rate"]) - Decimal(row["value_usd"])
        ) < Decimal("1e-5")


def test_transport_modes_are_not_added_to_their_total(loaded: Loaded) -> None:
    assert sum(row["motCode"] != 0 for row in loaded.read["mirror_sample_response_reporter.json"]) == 3
    sql = (
        "select value_usd::bigint as usd from fct_trade_flows where reporter_iso2 = 'BR' and hs_code = '1201'"
    )
    assert loaded.root.query(sql) == [{"usd": 31_499_887_711}]


def test_no_table_holds_a_synthetic_row(loaded: Loaded) -> None:
    columns = "select table_name from information_schema.columns where table_schema = 'main'"
    tables = [name for (name,) in loaded.root.rows(f"{columns} and column_name = 'is_synthetic'")]
    assert {"fct_trade_flows", "fct_trade_totals", "ops_files"} <= set(tables)
    assert {
        name: loaded.root.value(f"select count(*) from {name} where is_synthetic") for name in tables
    } == dict.fromkeys(tables, 0)


def test_one_changed_value_moves_one_figure_by_as_much(
    loaded: Loaded, real_data: Path, tmp_path: Path
) -> None:
    text = (real_data / THAILAND).read_text(encoding="latin-1")
    old, new = '"2538341745.02","4"', '"2538342745.52","4"'
    assert text.count(old) == 1
    changed = tmp_path / Path(THAILAND).name
    changed.write_text(text.replace(old, new), encoding="latin-1")
    control = Root(tmp_path / "data")
    control.add(changed)
    assert control.refresh_here().outcome == "published"
    sql = """select partner_iso2, period_start, hs_code, hs_revision, value_usd from fct_trade_flows
        where reporter_iso2 = 'TH'"""
    before, after = ({row[:4]: row[4] for row in root.rows(sql)} for root in (loaded.root, control))
    assert before.keys() == after.keys()
    moved = {(key[0], key[1].year): after[key] - before[key] for key in before if after[key] != before[key]}
    assert moved == {("CN", 2024): Decimal("1000.5")}
