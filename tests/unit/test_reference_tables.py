"""Countries, and each source's country codes and units: keys, references, and what is easy to get wrong.

Belongs here: checks on the CSV files themselves, and that they know every code of real publishers' files.
Does not belong here: how dbt loads them (its own data tests say that).
"""

import csv
import json
import math
import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pycountry
import pytest

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "dbt_project" / "seeds"
SOURCES = ROOT / "orchestration" / "sources"
MISSING_UNITS = {"", "?", "-", "—"}


def read(path: Path, encoding: str = "utf-8") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


SYSTEMS = sorted(path.parent.name for path in SOURCES.glob("*/countries.csv"))
COUNTRIES = {row["iso2"]: row for row in read(SEEDS / "countries.csv")}
CODES = {
    (path.parent.name, row["code"]): row["iso2"]
    for path in sorted(SOURCES.glob("*/countries.csv"))
    for row in read(path)
}
UNITS = {
    (path.parent.name, row["published_unit"]): row
    for path in SOURCES.glob("*/units.csv")
    for row in read(path)
}


def by_code(row):
    return int(row["code"]) if row["code"].isdigit() else math.inf


def by_text(row):
    return row["code"]


def by_unit(row):
    return row["published_unit"]


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (SEEDS / "countries.csv", lambda row: row["iso2"]),
        (SOURCES / "census" / "countries.csv", lambda row: row["code"]),
        (SOURCES / "comtrade" / "countries.csv", by_code),
        (SOURCES / "fts" / "countries.csv", lambda row: row["code"]),
        (SOURCES / "gacc" / "countries.csv", by_code),
        (SOURCES / "comext_easy" / "countries.csv", by_text),
        (SOURCES / "eurostat_workbook" / "countries.csv", by_text),
        (SOURCES / "baci" / "countries.csv", by_code),
        (SOURCES / "comexstat" / "countries.csv", by_code),
        (SOURCES / "comexstat" / "units.csv", by_unit),
        (SOURCES / "comtrade" / "units.csv", by_unit),
        (SOURCES / "fts" / "units.csv", by_unit),
        (SOURCES / "gacc" / "units.csv", by_unit),
    ],
)
def test_keys_are_unique_and_sorted_and_cells_clean(path, key):
    assert b"\r" not in path.read_bytes()
    rows = read(path)
    keys = [key(row) for row in rows]
    assert keys == sorted(set(keys))
    cells = [cell for row in rows for cell in row.values()]
    assert [cell for cell in cells if cell != cell.strip() or not cell.isprintable()] == []


@pytest.mark.parametrize("column", ["iso3", "m49", "name"])
def test_other_names_of_a_country_are_unique(column):
    values = [row[column] for row in COUNTRIES.values() if row[column]]
    assert len(values) == len(set(values)) > 200


def test_a_digit_marks_the_codes_that_are_ours():
    for iso2, row in COUNTRIES.items():
        ours = re.fullmatch(r"[A-Z][0-9]", iso2)
        assert ours or re.fullmatch(r"[A-Z]{2}", iso2), iso2
        if row["kind"] in ("country", "territory"):
            assert not ours, iso2
        elif row["kind"] in ("area", "group", "world"):
            assert ours, iso2
        else:
            assert row["kind"] == "former", iso2


def test_iso_is_complete():
    current = {iso2: row for iso2, row in COUNTRIES.items() if row["kind"] in ("country", "territory")}
    expected = {c.alpha_2: (c.alpha_3, c.numeric) for c in pycountry.countries}
    assert set(current) == expected.keys() | {"XK"}
    assert {iso2: (row["iso3"], row["m49"]) for iso2, row in current.items() if iso2 != "XK"} == expected


def test_every_code_stands_for_a_country_we_know():
    assert set(CODES.values()) <= COUNTRIES.keys()
    assert all(re.fullmatch(r"0|[1-9]\d{0,2}", code) for system, code in CODES if system == "comtrade")
    assert all(re.fullmatch(r"\d{3}|world", code) for system, code in CODES if system == "gacc")


def test_every_row_of_ours_is_used_by_a_code():
    ours = {iso2 for iso2, row in COUNTRIES.items() if row["kind"] not in ("country", "territory")}
    assert ours <= set(CODES.values())


def test_comtrade_knows_every_m49_code_but_one():
    m49 = {str(int(row["m49"])): iso2 for iso2, row in COUNTRIES.items() if row["m49"] and iso2 != "W0"}
    ours = {code: CODES[("comtrade", code)] for code in m49}
    # 492 is Monaco in M49 and "Europe EU, nes" in Comtrade.
    assert ours == m49 | {"492": "Q7"}


EASY_TO_GET_WRONG = {
    "comtrade": "0 W0, 4 AF, 97 G1, 251 FR, 280 F2, 380 IT, 381 IT, 490 TW, 516 NA, 579 NO, 643 RU, 699 IN, "
    "757 CH, 810 SU, 841 US, 842 US, 890 YU, 899 N1",
    "gacc": "109 KP, 110 HK, 142 CN, 143 TW, 145 KZ, 146 KG, 234 NA, 344 RU, 347 UA, 502 US",
}


@pytest.mark.parametrize("system", ["comtrade", "gacc"])
def test_codes_that_are_easy_to_get_wrong(system):
    expected = dict(pair.split() for pair in EASY_TO_GET_WRONG[system].split(", "))
    assert {code: CODES[(system, code)] for code in expected} == expected


def test_namibia_is_text():
    assert COUNTRIES["NA"]["name"] == "Namibia"


def test_units_convert_by_plain_positive_decimals():
    for (system, published), row in UNITS.items():
        assert published == published.strip().lower(), published
        assert published not in MISSING_UNITS
        if (system, published) in {("comtrade", "-1"), ("comtrade", "1"), ("comext", "no_su")}:
            assert row["unit"] == row["factor"] == ""
        else:
            assert re.fullmatch(r"[a-z0-9_]+", row["unit"]), published
            assert re.fullmatch(r"\d+(\.\d{1,10})?", row["factor"]), published
            assert Decimal(row["factor"]) > 0


@pytest.mark.parametrize(
    ("system", "published", "unit", "factor"),
    [
        ("gacc", "gram", "kg", "0.001"),
        ("gacc", "ton", "kg", "1000"),
        ("gacc", "in thousands", "u", "1000"),
        ("gacc", "kilolitre", "l", "1000"),
        ("gacc", "pair", "2u", "1"),
        ("gacc", "million bq", "gbq", "0.001"),
        ("gacc", "架", "u", "1"),
        ("gacc", "千支", "u", "1000"),
        ("comtrade", "5", "u", "1"),
        ("comtrade", "8", "kg", "1"),
        ("comtrade", "22", "1000kwh", "0.001"),
        ("comtrade", "37", "gbq", "0.000000001"),
    ],
)
def test_units_that_are_easy_to_get_wrong(system, published, unit, factor):
    row = UNITS[(system, published)]
    assert (row["unit"], row["factor"]) == (unit, factor)


def unknown(system: str, codes: Iterable[str]) -> set[str]:
    """The codes that `system` does not map; fails on an empty list, which would prove nothing."""
    found = {code for code in codes if code}
    assert found
    return {code for code in found if (system, code) not in CODES}


def test_real_comtrade_codes_all_map(real_data):
    folder = real_data / "comtrade"
    for name in ("partnerAreas.csv", "reporterAreas.csv"):
        assert unknown("comtrade", (row["id"] for row in read(folder / name, "utf-8-sig"))) == {"all"}
    rows = read(folder / "TradeData_THA_8542.csv", "latin-1")
    for path in folder.glob("*_response*.json"):
        rows += json.loads(path.read_text(encoding="utf-8"))["data"]
    for column in ("reporterCode", "partnerCode", "partner2Code"):
        assert unknown("comtrade", (str(row[column]) for row in rows)) == set()
    assert {("comtrade", str(row["qtyUnitCode"])) for row in rows} <= UNITS.keys()
    # Comtrade prints an ISO3 beside its code: where ISO knows it, it must be ours.
    iso3 = {row["iso3"] for row in COUNTRIES.values() if row["iso3"]}
    pairs = {(str(row["partnerCode"]), row["partnerISO"]) for row in rows if row["partnerISO"] in iso3}
    assert len(pairs) > 100
    assert {p for p in pairs if COUNTRIES[CODES[("comtrade", p[0])]]["iso3"] != p[1]} == set()


def test_real_comtrade_legacy_codes_all_map(real_data):
    rows = read(real_data / "comtrade_legacy" / "comtrade 2021-08-16.csv", "utf-8-sig")
    rows += read(real_data / "comtrade_legacy" / "comtrade (sitc).csv", "utf-8-sig")
    assert unknown("comtrade", (row["Reporter Code"] for row in rows)) == set()
    assert unknown("comtrade", (row["Partner Code"] for row in rows)) == set()
    assert {("comtrade", row["Qty Unit Code"]) for row in rows} <= UNITS.keys()


def test_real_gacc_codes_all_map(real_data):
    folder = real_data / "gacc"
    for name in ("en", "zh"):
        partners = read(folder / "codes" / f"{name}-TradingPartner-cleaned-manually.csv", "utf-8-sig")
        assert unknown("gacc", (row["code"] for row in partners)) == set()
    for name, column in (
        ("english-full.csv", "Trading partner code"),
        ("e210201810.csv", "Trading partner code"),
        ("chinese-full.csv", "贸易伙伴编码"),
    ):
        assert unknown("gacc", (row[column] for row in read(folder / name, "gb18030"))) == set()


def test_real_gacc_units_all_map(real_data):
    folder = real_data / "gacc"
    # Quotes and line breaks inside names break the English lists for `csv`: read the units at a record's end.
    two_units = re.compile(r'"([^"\n]*)",[0-9?"]+,"([^"\n]*)",\s*$', re.MULTILINE)
    names: set[str] = set()
    for path in (folder / "codes").glob("*-hs8-*.csv"):
        text = path.read_text(encoding="gb18030")
        pairs = two_units.findall(text.split("\n", 1)[1])
        assert len(pairs) == len(re.findall(r"^\d{8},", text, re.MULTILINE))
        names.update(*pairs)
    with (folder / "cnusa_import_201901.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            names |= {row[8], row[10]}
    published = {name.strip().lower() for name in names} - MISSING_UNITS
    assert len(published) > 40
    assert {name for name in published if ("gacc", name) not in UNITS} == set()
