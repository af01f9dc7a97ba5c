"""Lists, product sets and growth on real files: what is sure, what is possible, and what cannot be compared.

Belongs here: figures of the goods side known from the files. Does not belong here: figures of the files
themselves (test_real_files, test_real_publishers), made-up files, tables of editions.
"""

from decimal import Decimal
from pathlib import Path

import pytest
from support import Root

pytestmark = pytest.mark.e2e

CHIPS_USD = 1_897_762
THAILAND_USD = "select sum(value_usd) from fct_trade_flows where reporter_iso2 = 'TH'"


@pytest.fixture(scope="module")
def trade(published_real_trade: Path) -> Root:
    return Root(published_real_trade)


@pytest.fixture(scope="module")
def publishers(published_real_publishers: Path) -> Root:
    return Root(published_real_publishers)


class TestChinaFromRussia:
    """A year of China's imports in the HS of 2017."""

    WHERE = "source = 'comtrade' and reporter_iso2 = 'CN' and partner_iso2 = 'RU'"

    def test_chips_are_near_the_listed_ones(self, trade: Root) -> None:
        chosen = "definition_id = 'CHPL' and version_basis = 'chosen' and hs_code = '854231'"
        sql = (
            "select tier, certainty, value_usd, hs_revision, reason from fct_dual_use_trade"
            f" where {self.WHERE} and {chosen}"
        )
        [(*found, reason)] = trade.rows(sql)
        assert found == ["1", "near", CHIPS_USD, "HS2017"]
        assert "HS2022 and HS2017" in reason
        assert "part of the goods moved" in reason

    def test_the_list_of_then_is_unknown(self, trade: Root) -> None:
        sql = (
            f"select distinct certainty from fct_dual_use_trade where {self.WHERE}"
            " and definition_id = 'CHPL' and version_basis = 'valid'"
        )
        assert trade.rows(sql) == [("unknown",)]

    def test_drones_are_possible_at_best(self, trade: Root) -> None:
        drones = f"from fct_dual_use_trade where {self.WHERE} and definition_id = 'drones'"
        assert trade.rows(f"select distinct certainty {drones}") == [("possible",)]
        by_code = dict(trade.rows(f"select hs_code, value_usd {drones}"))
        assert by_code["852580"] == 930_075, "cameras, of which the goods may be a part"
        sql = (
            "select value_usd_low, value_usd_high from mart_dual_use_monthly"
            f" where {self.WHERE} and definition_id = 'drones'"
        )
        assert trade.rows(sql) == [(0, sum(by_code.values()))]


class TestThailand:
    """Integrated circuits by heading only: 8542 and no code below it."""

    @pytest.mark.parametrize("definition", ["CHPL", "chips_tier1"])
    def test_all_of_it_is_possible_and_nothing_is_lost(self, trade: Root, definition: str) -> None:
        where = f"reporter_iso2 = 'TH' and definition_id = '{definition}' and version_basis <> 'valid'"
        sql = (
            "select certainty, count(distinct reason), min(reason), sum(value_usd) from fct_dual_use_trade"
            f" where {where} group by all"
        )
        reason = "reported by heading: 4 of 5 codes below 8542 are touched"
        total = trade.value(THAILAND_USD)
        assert total > 10**11
        assert trade.rows(sql) == [("possible", 1, reason, total)]
        sql = f"select sum(value_usd_low), sum(value_usd_high) from mart_dual_use_monthly where {where}"
        assert trade.rows(sql) == [(0, total)]


class TestEuropeanUnion:
    """Workbooks of 2021 and 2022, in which December 2022 is empty."""

    WHERE = "source = 'eurostat_workbook'"

    def test_growth_leaves_the_empty_month_out_of_both_years(self, publishers: Root) -> None:
        sql = (
            f"select months_compared from mart_growth where {self.WHERE} and year = 2022"
            " and definition_kind = 'set' and periods_compared > 0"
        )
        months = [found for (found,) in publishers.rows(sql)]
        assert max(months, key=len) == "01,02,03,04,05,06,07,08,09,10,11"
        assert not any("12" in found for found in months)
        december = f"select count(*) from mart_growth where {self.WHERE} and months_compared like '%12'"
        assert publishers.value(f"{december} and year = 2021") > 0, "where both Decembers are full"

    def test_ceramics_are_the_same_chapter_in_both_editions(self, publishers: Root) -> None:
        """Germany to Russia: the flows of the same eleven months, summed beside the mart."""
        pair = f"{self.WHERE} and reporter_iso2 = 'DE' and partner_iso2 = 'RU'"
        flows = f"select sum(value_usd) from fct_trade_flows where {pair} and hs_code like '69%'"
        months = "month(period_start) <= 11 and year(period_start) ="
        base, later = (publishers.value(f"{flows} and {months} {year}") for year in (2021, 2022))
        assert base < publishers.value(f"{flows} and year(period_start) = 2021"), "December is not nothing"
        sql = (
            "select growth_kind, comparable, base_hs_revision, hs_revision, base_usd_low, base_usd_high,"
            " value_usd_low, value_usd_high, growth_pct_min, growth_pct_max from mart_growth"
            f" where {pair} and definition_id = 'ceramics_wide' and year = 2022"
        )
        [(*found, least, most)] = publishers.rows(sql)
        assert found == ["plain", True, "HS2017", "HS2022", base, base, later, later]
        assert least == most == (100 * (later - base) / base).quantize(Decimal("0.0001"))

    def test_drones_are_a_heading_in_2022_and_no_code_before(self, publishers: Root) -> None:
        sql = (
            "select year(period_start), certainty, hs_code, sum(value_usd) from fct_dual_use_trade"
            f" where {self.WHERE} and definition_id = 'drones' group by all"
        )
        found = publishers.rows(sql)
        assert {certainty for _, certainty, *_ in found} == {"possible"}, "8806 holds 8806.10 as well"
        heading = f"from fct_trade_flows where {self.WHERE} and hs_code like '8806%'"
        assert [row for row in found if row[0] == 2022] == [
            (2022, "possible", "8806", publishers.value(f"select sum(value_usd) {heading}"))
        ]
        assert {code for year, _, code, _ in found if year < 2022} <= {"8525", "8802"}

    def test_drones_of_2022_cannot_be_set_against_2021(self, publishers: Root) -> None:
        sql = (
            "select distinct growth_kind, comparable from mart_growth"
            f" where {self.WHERE} and definition_id = 'drones' and year = 2022 and periods_compared > 0"
        )
        assert publishers.rows(sql) == [("banded", False)]


@pytest.mark.parametrize("name", ["trade", "publishers"])
def test_the_sums_of_every_band_were_checked(name: str, request: pytest.FixtureRequest) -> None:
    root: Root = request.getfixturevalue(name)
    sql = (
        "select check_name, is_passed from ops_gate_results where gate = 'dbt' and run_id ="
        " (select run_id from ops_gate_results order by checked_at desc limit 1)"
        " and (check_name like '%band_is_sound' or check_name like '%high_end_counts_each_flow_once')"
    )
    assert dict(root.rows(sql)) == dict.fromkeys(
        (
            "mart_dual_use_monthly_high_end_counts_each_flow_once", "mart_dual_use_monthly_band_is_sound",
            "mart_dual_use_quantities_band_is_sound", "mart_growth_band_is_sound",
            "mart_comparison_band_is_sound",
        ),
        True,
    )  # fmt: skip
    assert root.value("select count(*) from mart_dual_use_monthly") > 0, "and there was something to check"
