"""The mart checks that look at what changed: silent on a quiet table, naming the rows on a loud one.

Belongs here: the SQL of these entries on small tables. Does not belong here: the engine, the models.
"""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.gates import GateResult, run_checks
from orchestration.gates.entries import mart_checks

JANUARY = ("gacc", "CN", "export", date(2024, 1, 1), date(2024, 1, 31), "USD", False)


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A build database whose one month of flows comes to 1,000 dollars, all of them at six digits."""
    path = tmp_path / "build.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute("create table ops_sources as select 'gacc' as source, 0.05 as revision_bound")
        db.execute(
            "create table dim_countries as select * from"
            " (values ('RU', true), ('KZ', true), ('W0', false)) v (iso2, is_additive_partner)"
        )
        columns = "source text, reporter_iso2 text, flow text, period_start date, period_end date"
        columns += ", currency text, is_synthetic boolean"
        db.execute(f"create table fct_trade_flows ({columns}, value_original decimal(28, 6))")
        db.execute("insert into fct_trade_flows values (?, ?, ?, ?, ?, ?, ?, 1000)", JANUARY)
        db.execute(
            f"create table ops_revisions ({columns}, partner_iso2 text, commodity_code text,"
            " value_change decimal(28, 6), vintage_date_after date, file_sha256_after text)"
        )
        db.execute(
            "create table ops_coverage (source text, reporter_iso2 text, reporter_area text, flow text,"
            " frequency text, period_start date, is_synthetic boolean, flow_count bigint,"
            " value_usd decimal(28, 6), share_without_hs6 decimal(9, 6))"
        )
    return path


def revise(build: Path, *changes: tuple[str, str, int]) -> None:
    with duckdb.connect(str(build)) as db:
        for partner, code, change in changes:
            row = [*JANUARY, partner, code, change, date(2024, 6, 1), "newer"]
            db.execute(f"insert into ops_revisions values ({', '.join('?' for _ in row)})", row)


def cover(build: Path, *shares: float) -> None:
    with duckdb.connect(str(build)) as db:
        for number, share in enumerate(shares):
            month = date(2022 + number // 12, number % 12 + 1, 1)
            row = ["gacc", "CN", None, "export", "monthly", month, False, 10, 100, share]
            db.execute(f"insert into ops_coverage values ({', '.join('?' for _ in row)})", row)


def judged(build: Path, name: str) -> GateResult:
    [check] = [check for check in mart_checks() if check.name == name]
    [result] = run_checks(build, [check])
    assert result.error is None
    return result


@pytest.mark.parametrize(
    ("changes", "passed"),
    [
        ([("RU", "880621", 40)], True),
        ([("RU", "880621", 60)], False),
        ([("RU", "880621", -60)], False),
        ([("RU", "880621", 60), ("KZ", "880621", -60)], True),
        ([("RU", "880621", 30), ("RU", "8806", 30), ("RU", "88", 30)], True),
        ([("RU", "880621", 30), ("W0", "880621", 30)], True),
    ],
    ids=["small", "up", "down", "moved between partners", "the same at three levels", "the world again"],
)
def test_revision_beyond_the_bound_is_named(
    build: Path, changes: list[tuple[str, str, int]], passed: bool
) -> None:
    revise(build, *changes)
    result = judged(build, "revisions_are_small")
    assert result.passed is passed
    assert result.check.severity == "warn"
    if not passed:
        [row] = result.offending
        assert (row["reporter_iso2"], row["file_sha256_after"], row["changes"]) == ("CN", "newer", 1)


@pytest.mark.parametrize(
    ("shares", "passed"),
    [([0.1] * 14, True), ([0.1] * 13 + [0.2], True), ([0.1] * 13 + [0.9], False), ([0.9] * 14, True)],
    ids=["as ever", "a little more", "stopped at chapters", "always so"],
)
def test_publisher_that_stops_naming_goods_is_named(build: Path, shares: list[float], passed: bool) -> None:
    cover(build, *shares)
    result = judged(build, "detail_is_not_lost")
    assert result.passed is passed
    if not passed:
        [row] = result.offending
        assert row["period_start"] == "2023-02-01"
