"""A red gate changes nothing that users read, says what to do, and is the only thing that stops the file.

Belongs here: files that dbt would accept and a gate does not, from the drop to the way out. Does not belong
here: the gate engine (integration), each entry's own rule (unit).
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from support import Ran, Root, gacc

from orchestration.gates import entries
from orchestration.refresh import Outcome

pytestmark = pytest.mark.e2e

COLUMN, CUT, PARTNER = "gacc_export_column.csv", "gacc_export_cut.csv", "gacc_export_partner.csv"
CHECKS = {COLUMN: "columns_are_known", CUT: "below_download_cap", PARTNER: "countries_are_known"}
ASSET = "raw/gacc/trade_rows"
COLUMN_USD = 4_321


@dataclass(frozen=True)
class Red:
    """A published root, a refresh on three bad files, and what was to be seen at once after it."""

    root: Root
    before: tuple[str, str]
    ran: Ran
    after: tuple[str, str]
    status: str
    run_id: str


def last_run(root: Root) -> dict[str, Any]:
    [run] = root.ledger().rows("select * from runs order by started_at desc limit 1")
    return run


@pytest.fixture(scope="module")
def red(published_small: Path, tmp_path_factory: pytest.TempPathFactory) -> Red:
    folder = tmp_path_factory.mktemp("gates")
    root = Root(published_small).copy_to(folder / "data")
    column = gacc(folder / COLUMN, ("202404", "344", "88062110", "10", COLUMN_USD, "red"), extra="Colour")
    rows = [("202404", "347", f"{85000000 + n}", "10", n + 1) for n in range(10_000)]
    partner = gacc(folder / PARTNER, ("202404", "888", "88062110", "10", 7))
    root.add(column, gacc(folder / CUT, *rows), partner)
    before = root.digests()
    ran = root.run("refresh")
    return Red(root, before, ran, root.digests(), root.run("status").out, last_run(root)["run_id"])


@pytest.fixture(scope="module")
def rejected(red: Red) -> Root:
    """The three files set aside, the rest published."""
    for name in CHECKS:
        ran = red.root.run("reject", red.root.sha(name)[:12], "--why", f"bad: {CHECKS[name]}")
        assert ran.code == 0, ran.text
    ran = red.root.run("refresh")
    assert ran.code == 0, ran.text
    return red.root


def test_red_refresh_changes_no_byte_that_users_read(red: Red) -> None:
    assert red.ran.code == 1, red.ran.text
    assert red.after == red.before
    assert "Not published" in red.ran.out


@pytest.mark.parametrize("name", CHECKS)
def test_status_says_why_and_the_way_out(red: Red, name: str) -> None:
    reason = next(check.reason for check in entries.raw_checks("gacc") if check.name == CHECKS[name])
    assert f"RED: {ASSET} {CHECKS[name]}" in red.status
    said = red.status.split(f"RED: {ASSET} {CHECKS[name]}")[1].split("RED: ")[0]
    assert reason in said
    assert f"file_name={name}" in said
    assert f"to set {name} aside: dualuse reject {red.root.sha(name)[:12]}" in said


def test_only_the_three_checks_are_red_and_dbt_did_not_start(red: Red) -> None:
    failed = red.root.ledger().rows(
        "select name from gate_results where run_id = ? and not passed", (red.run_id,)
    )
    assert {row["name"] for row in failed} == set(CHECKS.values())
    gates = red.root.ledger().rows("select distinct gate from gate_results where run_id = ?", (red.run_id,))
    assert [row["gate"] for row in gates] == ["raw"]
    assert last_run(red.root)["outcome"] == "red" or last_run(red.root)["run_id"] != red.run_id


def test_red_checks_are_red_in_dagster_too(red: Red) -> None:
    with dg.DagsterInstance.from_config(str(red.root.settings.dagster_home)) as instance:
        logged = instance.all_logs(red.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    seen = [entry.dagster_event.asset_check_evaluation_data for entry in logged if entry.dagster_event]
    failed = {(e.asset_key.to_user_string(), e.check_name) for e in seen if not e.passed}
    assert failed == {(ASSET, name) for name in CHECKS.values()}
    [cut] = [e for e in seen if e.check_name == CHECKS[CUT]]
    assert cut.severity is dg.AssetCheckSeverity.ERROR
    assert json.dumps(cut.metadata["offending_rows"].value).count(CUT) == 1


def test_rejecting_them_publishes_the_rest(rejected: Root, red: Red) -> None:
    assert rejected.digests() != red.before
    assert rejected.value("select count(*) from fct_trade_flows where period_start = '2024-04-01'") == 0
    assert rejected.value("select sum(value_usd) from fct_trade_flows where source = 'gacc'") == 220_000
    listed = rejected.rows(
        "select file_name, explanation, rows_in_flows from ops_files where state = 'rejected'"
    )
    assert set(listed) == {(name, f"bad: {check}", 0) for name, check in CHECKS.items()}


def test_results_of_the_red_run_are_in_the_published_file(rejected: Root, red: Red) -> None:
    sql = "select check_name, offending_count from ops_gate_results where not is_passed and run_id = '{}'"
    assert dict(rejected.rows(sql.format(red.run_id))) == {
        CHECKS[COLUMN]: 1,
        CHECKS[CUT]: 1,
        CHECKS[PARTNER]: 1,
    }


def patched_mart_checks() -> tuple[entries.Check, ...]:
    """The mart gate with no rounding allowed, so that the half dollar below zero is beyond it."""
    allowed = "-s.remainder_rounding * greatest(f.source_row_count, 1)"
    checks = []
    for check in entries.mart_checks():
        if check.name == "remainders_are_not_negative_beyond_rounding":
            assert allowed in check.kwargs["sql"]
            check = replace(check, kwargs={**check.kwargs, "sql": check.kwargs["sql"].replace(allowed, "0")})
        checks.append(check)
    return tuple(checks)


@dataclass(frozen=True)
class Ungated:
    """The file with one column too many, taken back: refreshed under three sets of rules."""

    root: Root
    before: tuple[str, str]
    as_it_is: Ran
    mart_gate_red: Outcome
    kept: tuple[str, str]
    raw_gate_gone: Outcome


@pytest.fixture(scope="module")
def ungated(rejected: Root) -> Ungated:
    assert rejected.run("unreject", rejected.sha(COLUMN)[:12]).code == 0
    before = rejected.digests()
    as_it_is = rejected.run("refresh")
    shared = entries._shared

    def without_gate(name: str, source: str) -> list[dict[str, Any]]:
        found = shared(name, source)
        return [{**e, "severity": "warn"} if e["name"] == CHECKS[COLUMN] else e for e in found]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entries, "_shared", without_gate)
        entries.raw_checks.cache_clear()
        try:
            checks = patched_mart_checks()
            with pytest.MonkeyPatch.context() as stricter:
                stricter.setattr(entries, "mart_checks", lambda: checks)
                mart_gate_red = rejected.refresh_here()
            kept = rejected.digests()
            raw_gate_gone = rejected.refresh_here()
        finally:
            entries.raw_checks.cache_clear()
    return Ungated(rejected, before, as_it_is, mart_gate_red, kept, raw_gate_gone)


def test_file_taken_back_is_red_again(ungated: Ungated) -> None:
    assert ungated.as_it_is.code == 1
    assert CHECKS[COLUMN] in ungated.as_it_is.out
    assert CHECKS[CUT] not in ungated.as_it_is.out


def test_red_mart_gate_changes_no_byte_either(ungated: Ungated) -> None:
    assert ungated.mart_gate_red.outcome == "red"
    assert [gate["name"] for gate in ungated.mart_gate_red.red] == [
        "remainders_are_not_negative_beyond_rounding"
    ]
    assert {gate["gate"] for gate in ungated.mart_gate_red.gates} == {"raw", "dbt", "mart"}, (
        "dbt itself was green"
    )
    assert ungated.kept == ungated.before


def test_without_its_gate_the_bad_file_would_be_published(ungated: Ungated) -> None:
    assert ungated.raw_gate_gone.outcome == "published"
    sql = "select sum(value_usd) from fct_trade_flows where period_start = '2024-04-01'"
    assert ungated.root.value(sql) == COLUMN_USD
