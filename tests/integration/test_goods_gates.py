"""The mart checks of editions and list versions: silent where all is well, naming rows where it is not.

Belongs here: the SQL of these entries on small tables. Does not belong here: the engine, the models.
"""

from pathlib import Path

import duckdb
import pytest

from orchestration.gates import GateResult, run_checks
from orchestration.gates.entries import mart_checks


@pytest.fixture
def build(tmp_path: Path) -> Path:
    path = tmp_path / "build.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute("create table ops_sources as select 'gacc' as source, 0.01 as edition_bound")
        db.execute(
            "create table ops_code_editions (source text, reporter_iso2 text, hs_revision text, year integer,"
            " is_synthetic boolean, value_usd decimal(28, 6), value_usd_not_in_edition decimal(28, 6),"
            " codes_not_in_edition text)"
        )
        db.execute(
            "create table dim_control_list_versions (list_id text, valid_from date, is_known boolean,"
            " is_chosen boolean)"
        )
        db.execute("create schema staging")
        db.execute("create table staging.stg_reference__chosen_lists (list_id text, version_from date)")
    return path


def add(build: Path, table: str, *rows: tuple[object, ...]) -> None:
    with duckdb.connect(str(build)) as db:
        for row in rows:
            db.execute(f"insert into {table} values ({', '.join('?' for _ in row)})", row)


def judged(build: Path, name: str) -> GateResult:
    [check] = [check for check in mart_checks() if check.name == name]
    [result] = run_checks(build, [check])
    assert result.error is None
    return result


@pytest.mark.parametrize(("strange", "passed"), [(10, True), (11, False)])
def test_a_year_under_codes_of_another_edition_is_red(build: Path, strange: int, passed: bool) -> None:
    add(
        build,
        "ops_code_editions",
        ("gacc", "CN", "HS2022", 2023, False, 1000, strange, "852580"),
        ("gacc", "CN", "HS2017", 2021, False, 1000, 0, None),
    )
    result = judged(build, "codes_belong_to_their_edition")
    assert result.passed is passed
    if not passed:
        [row] = result.offending
        assert (row["hs_revision"], row["year"], row["codes_not_in_edition"]) == ("HS2022", 2023, "852580")


def test_a_slip_of_one_reporter_is_measured_against_the_whole_source(build: Path) -> None:
    add(
        build,
        "ops_code_editions",
        ("gacc", "CN", "HS2022", 2023, False, 1000, 0, None),
        ("gacc", "HK", "HS2022", 2023, False, 10, 5, "852580"),
    )
    assert judged(build, "codes_belong_to_their_edition").passed


@pytest.mark.parametrize(
    ("chosen", "passed"), [((True, False), True), ((False, False), False), ((True, True), False)]
)
def test_each_list_has_one_chosen_version(build: Path, chosen: tuple[bool, bool], passed: bool) -> None:
    add(
        build,
        "dim_control_list_versions",
        ("CHPL", "2023-05-19", True, chosen[0]),
        ("CHPL", "2023-06-01", False, False),
        ("CHPL", "2024-02-23", True, chosen[1]),
    )
    result = judged(build, "one_version_is_chosen")
    assert result.passed is passed
    if not passed:
        [row] = result.offending
        assert row["list_id"] == "CHPL"
        assert row["versions_known"] == "2023-05-19, 2024-02-23"


def test_a_choice_of_a_list_that_is_not_there_is_named(build: Path) -> None:
    add(build, "dim_control_list_versions", ("CHPL", "2024-02-23", True, True))
    add(build, "staging.stg_reference__chosen_lists", ("CHLP", "2024-02-23"))
    result = judged(build, "one_version_is_chosen")
    assert not result.passed
    assert [row["list_id"] for row in result.offending] == ["CHLP"]
