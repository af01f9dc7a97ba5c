"""Real files of the other publishers, all loaded at once: their control figures, read from what is published.

Belongs here: figures known from outside the project. Does not belong here: GACC and Comtrade
(test_real_files), made-up files.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from real_roots import DAMAGED, MAPPING, refreshed
from support import Ran, Root

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Loaded:
    """One data root with all of them, published."""

    root: Root
    refreshed: Ran


@pytest.fixture(scope="module")
def loaded(published_real_publishers: Path) -> Loaded:
    root = Root(published_real_publishers)
    return Loaded(root, refreshed(root))


def total(loaded: Loaded, where: str, column: str = "value_usd") -> Decimal:
    found: Decimal = loaded.root.value(f"select sum({column}) from fct_trade_flows where {where}")
    return found


@pytest.mark.parametrize(
    ("exporter", "rows", "usd"), [("AF", 2_331, 1_089_594_814), ("ZA", 68_589, 45_435_880_853)]
)
def test_baci(loaded: Loaded, exporter: str, rows: int, usd: int) -> None:
    where = f"source = 'baci' and reporter_iso2 = '{exporter}'"
    assert loaded.root.value(f"select count(*) from fct_trade_flows where {where}") == rows
    assert total(loaded, where) == usd
    assert loaded.root.rows(
        f"select distinct evidence_type, value_basis from fct_trade_flows where {where}"
    ) == [("reconciled", "fob")]


def test_baci_codes_have_their_zero_back(loaded: Loaded) -> None:
    sql = "select count(*) from fct_trade_flows where source = 'baci' and hs_code like '0%' and hs_level = 6"
    assert loaded.root.value(sql) == 5_040


@pytest.mark.parametrize(
    ("heading", "partner", "by_year"),
    [
        ("8542", "KG", {2020: 43_849, 2021: 61_674, 2022: 1_682_167}),
        ("8542", "RU", {2020: 560_461_801, 2021: 622_191_497, 2022: 119_388_632}),
        ("8542", "AM", {2020: 145_844, 2021: 422_703, 2022: 4_481_770}),
        ("8806", "RU", {2022: 3_100_747}),
        ("8806", "KG", {2022: 640_455}),
    ],
)
def test_eurostat_workbooks(loaded: Loaded, heading: str, partner: str, by_year: dict[int, int]) -> None:
    where = f"source = 'eurostat_workbook' and partner_iso2 = '{partner}' and hs_code like '{heading}%'"
    sql = f"select year(period_start), sum(value_original) from fct_trade_flows where {where} group by all"
    found = {year: value for year, value in loaded.root.rows(sql) if year in by_year}
    assert found == by_year


def test_december_2022_is_empty_in_every_workbook(loaded: Loaded) -> None:
    sql = (
        "select coverage_status, count(*) from ops_coverage where source = 'eurostat_workbook'"
        " and period_start = date '2022-12-01' group by all"
    )
    assert loaded.root.rows(sql) == [("empty", 27)]


def test_no_aggregate_stands_beside_its_members(loaded: Loaded) -> None:
    sql = (
        "select count(*) from fct_trade_flows f join dim_countries c"
        " on c.iso2 in (f.reporter_iso2, f.partner_iso2) where c.kind in ('group', 'world')"
    )
    assert loaded.root.value(sql) == 0
    sql = "select distinct total_kind from fct_trade_totals where source = 'comext_easy'"
    assert loaded.root.rows(sql) == [("reporter_group",)]
    reporters = (
        "select count(distinct reporter_iso2) from"
        " (select reporter_iso2, source, partner_iso2 from fct_trade_flows"
        " union select reporter_iso2, source, partner_iso2 from fct_trade_totals)"
        " where source = 'comext_easy' and partner_iso2 = 'KG'"
    )
    assert loaded.root.value(reporters) == 32


def test_region_of_russia(loaded: Loaded) -> None:
    fts = "source = 'fts' and reporter_area = 'Adygea'"
    assert total(loaded, f"{fts} and flow = 'import'") == 181_960_024
    assert total(loaded, f"{fts} and flow = 'export'") == 116_320_176
    assert total(loaded, f"{fts} and flow = 'import' and partner_iso2 = 'CN'") == 44_237_524
    assert (
        loaded.root.value(
            "select count(*) from fct_trade_flows where source = 'fts' and reporter_area is null"
        )
        == 0
    )
    partial = "select distinct year(period_start) from fct_trade_flows where source = 'fts' and is_partial"
    assert loaded.root.rows(partial) == [(2018,)]


def test_file_that_lost_its_letters_is_refused(loaded: Loaded) -> None:
    assert f"Refused: {DAMAGED}" in loaded.refreshed.out
    assert "U+FFFD" in loaded.refreshed.out


def test_users_table(loaded: Loaded) -> None:
    assert len(MAPPING.splitlines()) < 20
    to_russia = "source = 'table' and partner_iso2 = 'RU'"
    assert total(loaded, f"{to_russia} and hs_code = '380110' and year(period_start) = 2023") == 5_252_997
    assert total(loaded, f"{to_russia} and hs_code = '250410'") == 12_906_455


def test_masked_code_keeps_its_value_at_the_chapter(loaded: Loaded, real_data: Path) -> None:
    path = real_data / "comext/comext_at_ad_202402_sample.csv"
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    value, code = header.split(",").index("VALUE_EUR"), header.split(",").index("PRODUCT_NC")
    cells = [line.split(",") for line in lines]
    chapters = {row[code][:2] for row in cells}
    assert any("X" in row[code] for row in cells)
    for chapter in chapters:
        in_file = sum(int(row[value]) for row in cells if row[code][:2] == chapter)
        assert total(loaded, f"source = 'comext' and hs_code like '{chapter}%'", "value_original") == in_file
    confidential = "source = 'comext' and row_kind = 'confidential' and hs_level = 2"
    assert total(loaded, confidential, "value_original") > 0


def test_rows_and_money_are_conserved(loaded: Loaded) -> None:
    assert loaded.root.value("select bool_and(is_rows_balanced and is_value_balanced) from ops_conservation")
    sources = loaded.root.value("select list(distinct source order by source) from ops_conservation")
    assert sources == ["baci", "comext", "comext_easy", "eurostat_workbook", "fts", "table"]
