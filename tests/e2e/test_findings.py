"""What the published sample says of lists and flows that meet them, each answer set against a known one.

Belongs here: figures of the acts, sums of a list, what growth says of codes that changed. Does not belong
here: planted totals (test_mart_examples, tests/integration/test_planted_findings), the user's own lists and
choices (test_own_choices), real files (test_real_goods).
"""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support import Root

pytestmark = pytest.mark.e2e

DRONE = "880622"
VII_B = [29, 53, 73, 74, 82, 88, 99, 101, 112]
NOT_IN_HS2017 = ["852589", "854149", "854151", "854159", "854800", "880730"]
TIERS_IN_SAMPLE = {"1", "2", "3.A", "3.B", "4.B"}  # no good of 4.A is in it
ON = "between valid_from and coalesce(valid_to, date '9999-12-31')"
RUSSIA = "source = 'gacc' and flow = 'export' and partner_iso2 = 'RU'"


@pytest.fixture(scope="module")
def root(published_sample: Path) -> Root:
    return Root(published_sample)


def one(root: Root, sql: str) -> dict[str, Any]:
    [row] = root.records(sql)
    return row


def answers(root: Root, code: str, day: date | str) -> dict[str, str]:
    return dict(root.rows(f"select list_id, answer from listed_on('{code}', date '{day}')"))


class TestLists:
    def test_common_high_priority_list_of_a_day(self, root: Root) -> None:
        of_the_day = f"from dim_control_list_entries where list_id = 'CHPL' and date '2024-03-01' {ON}"
        assert root.value(f"select count(distinct hs_code) {of_the_day}") == 50
        tiers = dict(root.rows(f"select tier, count(distinct hs_code) {of_the_day} group by all"))
        assert tiers == {"1": 4, "2": 5, "3.A": 16, "3.B": 9, "4.A": 11, "4.B": 5}

    @pytest.mark.parametrize(("day", "codes"), [("2024-01-01", 45), ("2024-07-01", 50)])
    def test_annex_xl_of_two_days(self, root: Root, day: str, codes: int) -> None:
        sql = f"from dim_control_list_entries where list_id = 'EU833_XL' and date '{day}' {ON}"
        assert root.value(f"select count(distinct hs_code) {sql}") == codes

    def test_nine_versions_of_annex_vii_b(self, root: Root) -> None:
        sql = (
            "select v.entry_count, count(distinct e.hs_code) from dim_control_list_versions v"
            " join dim_control_list_entries e on e.list_id = v.list_id and e.valid_from = v.valid_from"
            " where v.list_id = 'EU833_VII_B' group by v.valid_from, v.entry_count order by v.valid_from"
        )
        assert root.rows(sql) == [(count, count) for count in VII_B]

    def test_a_list_known_on_one_day_says_nothing_of_the_next(self, root: Root) -> None:
        on_the_day, after = answers(root, DRONE, "2023-04-27"), answers(root, DRONE, "2023-04-28")
        assert (on_the_day["EU833_XI"], on_the_day["EU833_VII_B"]) == ("listed", "not listed")
        assert (after["EU833_XI"], after["EU833_VII_B"]) == ("unknown", "not listed")

    @pytest.mark.parametrize("name", ["EU833_VII_B", "EU833_XL"])
    def test_drones_are_on_no_version_of_the_annexes_of_parts(self, root: Root, name: str) -> None:
        versions = root.rows(
            f"select valid_from, known_until from dim_control_list_versions where list_id = '{name}'"
        )
        days = {day for first, last in versions for day in (first, last, first + (last - first) / 2)}
        assert len(versions) == {"EU833_VII_B": 9, "EU833_XL": 2}[name]
        assert {day: answers(root, DRONE, day)[name] for day in days} == dict.fromkeys(days, "not listed")

    def test_days_of_a_version_not_held_are_unknown(self, root: Root) -> None:
        days = ["2023-05-18", "2023-05-19", "2023-05-31", "2023-06-01", "2023-09-13", "2023-09-14"]
        said = [answers(root, "854231", day)["CHPL"] for day in days]
        assert said == ["unknown", "listed", "listed", "unknown", "unknown", "listed"]
        last = root.value("select verified_through from dim_control_lists where list_id = 'CHPL'")
        after = date.fromordinal(last.toordinal() + 1)
        assert [answers(root, "854231", day)["CHPL"] for day in (last, after)] == ["listed", "unknown"]

    def test_six_listed_codes_are_younger_than_hs2017(self, root: Root) -> None:
        sql = (
            "select e.hs_code from dim_control_list_entries e left join dim_goods g on g.hs_code = e.hs_code"
            " and g.hs_revision = 'HS2017' and g.is_in_edition where e.list_id = 'CHPL'"
            " and date '2024-03-01' between e.valid_from and coalesce(e.valid_to, date '9999-12-31')"
            " and g.hs_code is null order by 1"
        )
        assert [code for (code,) in root.rows(sql)] == NOT_IN_HS2017
        codes = ", ".join(f"'{code}'" for code in NOT_IN_HS2017)
        now = f"from dim_goods where hs_revision = 'HS2022' and is_in_edition and hs_code in ({codes})"
        assert root.value(f"select count(*) {now}") == 6, "and HS2022 has them"


class TestFlowsOfAList:
    def test_the_list_of_then_and_the_chosen_one_differ_in_one_query(self, root: Root) -> None:
        sql = (
            "select version_basis, sum(value_usd_low) as low, sum(value_usd_high) as high,"
            " sum(value_usd_unknown) as unknown from mart_dual_use_monthly where definition_id = 'CHPL'"
            f" and year(period_start) = 2022 and {RUSSIA} group by all"
        )
        found = {basis: figures for basis, *figures in root.rows(sql)}
        assert found.keys() == {"valid", "chosen"}
        chosen = found["chosen"][1]
        assert found["chosen"] == [chosen, chosen, 0]
        assert chosen > 0
        assert found["valid"] == [0, 0, chosen], "no version is known of 2022: unknown, neither in nor out"

    def test_a_month_that_a_version_covers_in_part_is_possible_at_best(self, root: Root) -> None:
        sql = (
            "select distinct certainty, reason, hs_code in (select hs_code from dim_control_list_entries"
            " where list_id = 'CHPL' and valid_from = date '2023-05-19') from fct_dual_use_trade"
            " where definition_id = 'CHPL' and version_basis = 'valid' and source = 'gacc'"
            " and period_start = date '2023-05-01' order by all"
        )
        assert root.rows(sql) == [
            ("possible", "listed on 13 of the 31 days", True),
            ("unknown", "the list is known on 13 of the 31 days", False),
        ]

    def test_rows_of_one_list_add_up_and_lists_do_not(self, root: Root) -> None:
        chosen = "from fct_dual_use_trade where version_basis = 'chosen' and definition_id in"
        distinct = (
            "select sum(value_usd) from intermediate.int_trade__national_flows"
            " where national_flow_id in (select national_flow_id {} ({}))"
        )
        by_tier = f"select tier, sum(value_usd) {chosen} ('CHPL') group by all"
        tiers = dict(root.rows(by_tier))
        once = root.value(distinct.format(chosen, "'CHPL'"))
        assert set(tiers) == TIERS_IN_SAMPLE
        assert sum(tiers.values()) == once > 0
        two = "'CHPL', 'EU833_XL'"
        assert root.value(distinct.format(chosen, two)) == once, "the annex repeats the list"
        assert root.value(f"select sum(value_usd) {chosen} ({two})") == 2 * once, "never across lists"

    def test_months_add_up_to_the_flows(self, root: Root) -> None:
        """Every row of the flows is in the months: nothing of a definition, source or period is lost."""
        flows = "count(*), sum(value_usd) filter (where certainty <> 'unknown' and value_usd >= 0)"
        months = "sum(flow_count)::bigint, sum(value_usd_high)"
        by = "definition_id, version_basis, source, period_start, partner_iso2, flow"
        found, shown = (
            {tuple(row[:6]): row[6:] for row in root.rows(f"select {by}, {what} from {table} group by all")}
            for what, table in ((flows, "fct_dual_use_trade"), (months, "mart_dual_use_monthly"))
        )
        assert {key: (count, usd or 0) for key, (count, usd) in found.items()} == shown


class TestGrowth:
    def growth(self, root: Root, definition: str, year: int) -> dict[str, Any]:
        where = f"definition_id = '{definition}' and year = {year} and {RUSSIA}"
        return one(root, f"select * from mart_growth where {where}")

    def test_drones_grow_within_a_band_since_their_codes_are_new(self, root: Root) -> None:
        drones = self.growth(root, "drones", 2022)
        assert (drones["growth_kind"], drones["comparable"]) == ("banded", False)
        assert drones["base_usd_low"] == 0 < drones["base_usd_high"]
        assert "HS2017" in drones["reason"]
        assert "HS2022" in drones["reason"]
        assert drones["growth_pct_max"] is None
        assert drones["growth_pct_min"] > 0

    @pytest.mark.parametrize("year", [2022, 2023])
    def test_technical_ceramics_are_the_same_codes_in_both_editions(self, root: Root, year: int) -> None:
        ceramics = self.growth(root, "ceramics_technical", year)
        assert (ceramics["growth_kind"], ceramics["comparable"]) == ("plain", True)
        assert ceramics["reason"] is None
        assert ceramics["base_usd_low"] > 0
