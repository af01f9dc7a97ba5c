"""The gate engine on real DuckDB files: every expectation passes on a good table and fails on a bad one.

Each bad table is bad in one way, and the figure and the rows handed back must be the right ones: a gate that
fails for a wrong reason would fail on good data too, and one that never looks would pass on bad data.
"""

import datetime as dt
import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.gates import GateResult, parse_checks, run_checks
from orchestration.gates.catalogue import EXPECTATIONS

COLUMNS = ["_file_sha256", "_row_number", "hs", "flow", "order", "Value (US$)", "qty", "day"]
GOOD = [
    ("f1", 1, "854231", "M", "a", "10.50", 1, dt.date(2024, 1, 1)),
    ("f1", 2, "010121", "X", "b", "20.00", 2, dt.date(2024, 2, 1)),
    ("f2", 1, "854239", "M", "c", "30.25", 3, dt.date(2024, 3, 1)),
]
BAD = [
    ("f1", 1, "854231", "M", "a", "10.50", 1, dt.date(2024, 1, 1)),
    ("f1", 2, "10121", "Q", "b", "-20.00", 2, dt.date(2023, 12, 31)),
    ("f2", 1, None, "M", None, "30.25", 40, dt.date(2024, 3, 1)),
    ("f1", 1, "854231", "M", None, "0.25", 0, dt.date(2024, 3, 1)),
]
DDL = """(
    _file_sha256 text, _row_number int, hs text, flow text, "order" text, "Value (US$)" decimal(18, 2),
    qty int, day date
)"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # A path with all that a URL or a template would misread.
    path = tmp_path_factory.mktemp("таможня $x ${HOME} #1%41") / "build.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema raw")
        connection.execute("create table t (hs text)")  # the name of raw.t in the default schema
        for name, rows in [("raw.good", GOOD), ("raw.bad", BAD), ("raw.t", BAD), ("plain_good", GOOD)]:
            connection.execute(f"create table {name} {DDL}")
            connection.executemany(f"insert into {name} values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute(f"create table hollow {DDL}")
        connection.execute("create table huge as select 12345678901234567.89::decimal(28, 2) as qty")
    return path


def run(
    database: Path, *entries: dict[str, Any], table: str = "raw.bad", limit: int = 20
) -> list[GateResult]:
    filled = [
        {"name": f"c{i}", "severity": "block", "reason": "test", **entry} for i, entry in enumerate(entries)
    ]
    checks = parse_checks(filled, gate="raw", asset="a", table=table, source=None, origin="test")
    return run_checks(database, checks, limit)


def one(database: Path, expectation: str, table: str, limit: int = 20, **kwargs: Any) -> GateResult:
    (result,) = run(database, {"expectation": expectation, "kwargs": kwargs}, table=table, limit=limit)
    return result


def rows(*numbers: int) -> list[dict[str, Any]]:
    """Rows of the bad table by index, as a result hands them back."""
    found = [dict(zip(COLUMNS, BAD[number], strict=True)) for number in numbers]
    return [{**row, "day": str(row["day"])} for row in found]


def ordered(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda row: json.dumps(row, sort_keys=True))


# expectation, arguments, figure on the good table, figure on the bad one, indices of the bad rows
BY_ROW = [
    ("expect_column_values_to_not_be_null", {"column": "hs"}, "0 of 3 rows", "1 of 4 rows", [2]),
    ("expect_column_values_to_be_unique", {"column": "hs"}, "0 of 3 rows", "2 of 4 rows", [0, 3]),
    (
        "expect_compound_columns_to_be_unique",
        {"column_list": ["_file_sha256", "_row_number"]},
        "0 rows",
        "2 rows",
        [0, 3],
    ),
    (
        "expect_column_values_to_be_in_set",
        {"column": "flow", "value_set": ["M", "X"]},
        "0 of 3 rows",
        "1 of 4 rows",
        [1],
    ),
    (
        "expect_column_values_to_not_be_in_set",
        {"column": "hs", "value_set": ["10121"]},
        "0 of 3 rows",
        "1 of 4 rows",
        [1],
    ),
    (
        "expect_column_values_to_be_between",
        {"column": "Value (US$)", "min_value": 0},
        "0 of 3 rows",
        "1 of 4 rows",
        [1],
    ),
    (
        "expect_column_values_to_be_between",
        {"column": "day", "min_value": dt.date(2024, 1, 1), "max_value": dt.date(2024, 12, 31)},
        "0 of 3 rows",
        "1 of 4 rows",
        [1],
    ),
    (
        "expect_column_values_to_be_between",
        {"column": "qty", "min_value": 0, "strict_min": True, "max_value": 39},
        "0 of 3 rows",
        "2 of 4 rows",
        [2, 3],
    ),
    ("expect_column_value_lengths_to_equal", {"column": "hs", "value": 6}, "0 of 3 rows", "1 of 4 rows", [1]),
    (
        "expect_column_value_lengths_to_be_between",
        {"column": "hs", "min_value": 6, "max_value": 10},
        "0 of 3 rows",
        "1 of 4 rows",
        [1],
    ),
    (
        "expect_column_pair_values_a_to_be_greater_than_b",
        {"column_A": "qty", "column_B": "_row_number", "or_equal": True},
        "0 of 3 rows",
        "1 of 4 rows",
        [3],
    ),
    (
        "unexpected_rows",
        {
            "sql": "select b.* from {table} b join {table} o using (_file_sha256) where o.qty >= {cap} --\n;",
            "params": {"cap": 40},
        },
        "0 rows",
        "1 row",
        [2],
    ),
    (
        "unexpected_rows",
        {"sql": "from {table} as r where not regexp_full_match(r.hs, '[0-9]{6}')"},
        "0 rows",
        "1 row",
        [1],
    ),
    (
        "unexpected_rows",
        {
            "sql": "from {table} where flow not in {flows} and 'p:q %' like '%:q %' and day < {day}",
            "params": {"flows": ["M", "X"], "day": dt.date(2024, 1, 1)},
        },
        "0 rows",
        "1 row",
        [1],
    ),
]


@pytest.mark.parametrize(("expectation", "kwargs", "good", "bad", "offenders"), BY_ROW)
def test_rows_are_judged(
    database: Path, expectation: str, kwargs: dict[str, Any], good: str, bad: str, offenders: list[int]
) -> None:
    passing = one(database, expectation, "raw.good", **kwargs)
    assert (passing.passed, passing.value, passing.offending, passing.error) == (True, good, [], None)
    assert passing.offending_count == 0

    failing = one(database, expectation, "raw.bad", **kwargs)
    assert (failing.passed, failing.value, failing.error) == (False, bad, None)
    assert ordered(failing.offending) == ordered(rows(*offenders))
    assert failing.offending_count == len(offenders)
    assert failing.blocks


BY_FIGURE = [
    ("expect_column_sum_to_be_between", {"column": "Value (US$)", "min_value": 60}, "60.75", "21"),
    ("expect_column_min_to_be_between", {"column": "qty", "min_value": 1}, "1", "0"),
    ("expect_column_max_to_be_between", {"column": "qty", "max_value": 39}, "3", "40"),
    (
        "expect_column_min_to_be_between",
        {"column": "day", "min_value": dt.date(2024, 1, 1)},
        "2024-01-01",
        "2023-12-31",
    ),
    ("expect_column_mean_to_be_between", {"column": "qty", "max_value": 5}, "2", "10.75"),
    ("expect_column_unique_value_count_to_be_between", {"column": "hs", "min_value": 3}, "3", "2"),
    ("expect_table_row_count_to_be_between", {"min_value": 1, "max_value": 3}, "3", "4"),
    ("expect_table_row_count_to_equal", {"value": 3}, "3", "4"),
]


@pytest.mark.parametrize(("expectation", "kwargs", "good", "bad"), BY_FIGURE)
def test_a_figure_is_judged(
    database: Path, expectation: str, kwargs: dict[str, Any], good: str, bad: str
) -> None:
    passing = one(database, expectation, "raw.good", **kwargs)
    assert (passing.passed, passing.value, passing.error) == (True, good, None)
    failing = one(database, expectation, "raw.bad", **kwargs)
    assert (failing.passed, failing.value, failing.error) == (False, bad, None)
    assert (failing.offending, failing.offending_count) == ([], None)


def test_the_set_of_columns_is_judged(database: Path) -> None:
    name = "expect_table_columns_to_match_set"
    passing = one(database, name, "raw.good", column_set=COLUMNS)
    assert (passing.passed, passing.value) == (True, "8 columns")
    failing = one(database, name, "raw.good", column_set=["unit", *COLUMNS[1:]])
    assert (failing.passed, failing.value) == (False, "8 columns; missing: unit; unexpected: _file_sha256")
    assert failing.error is None
    assert one(database, name, "raw.good", column_set=["hs"], exact_match=False).passed
    assert not one(database, name, "raw.good", column_set=["unit"], exact_match=False).passed


def test_nulls_are_judged_where_none_may_stand_or_only_nulls_may(database: Path) -> None:
    failing = one(database, "expect_column_values_to_be_null", "raw.bad", column="order")
    assert (failing.passed, failing.value) == (False, "2 of 4 rows")
    assert ordered(failing.offending) == ordered(rows(0, 1))


def test_every_expectation_of_the_catalogue_is_proven_here() -> None:
    proven = {case[0] for case in [*BY_ROW, *BY_FIGURE]}
    proven |= {"expect_table_columns_to_match_set", "expect_column_values_to_be_null"}
    assert proven == set(EXPECTATIONS)


def test_a_duplicate_key_with_a_null_in_it_is_a_duplicate(database: Path) -> None:
    failing = one(database, "expect_compound_columns_to_be_unique", "raw.bad", column_list=["flow", "order"])
    assert (failing.passed, failing.offending_count) == (False, 2)
    assert ordered(failing.offending) == ordered(rows(2, 3))


def test_mostly_tolerates_and_still_shows_the_rows(database: Path) -> None:
    kwargs = {"column": "hs"}
    name = "expect_column_values_to_not_be_null"
    passing = one(database, name, "raw.bad", mostly=0.75, **kwargs)
    assert (passing.passed, passing.value, passing.offending) == (True, "1 of 4 rows", rows(2))
    assert not one(database, name, "raw.bad", mostly=0.76, **kwargs).passed


def test_rows_are_handed_back_up_to_the_limit_and_counted_in_full(database: Path) -> None:
    sql = "from {table}"
    failing = one(database, "unexpected_rows", "raw.bad", limit=2, sql=sql)
    assert (len(failing.offending), failing.offending_count) == (2, 4)
    failing = one(database, "expect_column_values_to_be_null", "raw.bad", limit=1, column="flow")
    assert (len(failing.offending), failing.offending_count) == (1, 4)
    with pytest.raises(ValueError, match="offending_limit must be 1 to 200"):
        one(database, "unexpected_rows", "raw.bad", limit=201, sql=sql)


@pytest.mark.parametrize(
    ("expectation", "kwargs", "table", "words"),
    [
        ("expect_column_values_to_not_be_null", {"column": "nope"}, "raw.good", '"nope"'),
        ("expect_column_sum_to_be_between", {"column": "nope", "max_value": 9}, "raw.good", '"nope"'),
        (
            "expect_compound_columns_to_be_unique",
            {"column_list": ["nope"]},
            "raw.good",
            "column nope not found",
        ),
        ("expect_column_sum_to_be_between", {"column": "hs", "max_value": 9}, "raw.good", "sum(VARCHAR)"),
        (
            "expect_column_values_to_be_between",
            {"column": "flow", "max_value": 9},
            "raw.good",
            "Cannot compare",
        ),
        ("expect_table_row_count_to_equal", {"value": 0}, "raw.nope", "nope does not exist"),
        ("unexpected_rows", {"sql": "select * from {table} where"}, "raw.good", "Parser Error"),
        ("unexpected_rows", {"sql": "select * from {table}"}, "raw.nope", "nope does not exist"),
        (
            "expect_column_sum_to_be_between",
            {"column": "qty", "max_value": 9},
            "hollow",
            "there is no figure",
        ),
        (
            "expect_column_min_to_be_between",
            {"column": "qty", "max_value": 9},
            "hollow",
            "there is no figure",
        ),
    ],
)
def test_what_cannot_be_evaluated_is_red_and_says_why(
    database: Path, expectation: str, kwargs: dict[str, Any], table: str, words: str
) -> None:
    result = one(database, expectation, table, **kwargs)
    assert (result.passed, result.value, result.offending_count) == (False, "not evaluated", None)
    assert result.blocks
    assert result.error is not None
    assert result.error.startswith(f"c0 on {table} could not be evaluated: ")
    assert words in result.error
    assert "\n" not in result.error


def test_one_error_does_not_hide_the_others(database: Path) -> None:
    not_null = "expect_column_values_to_not_be_null"
    results = run(
        database,
        {"expectation": not_null, "kwargs": {"column": "hs"}, "table": "raw.nope"},
        {"expectation": "expect_column_sum_to_be_between", "kwargs": {"column": "hs", "min_value": 0}},
        {"expectation": "expect_column_sum_to_be_between", "kwargs": {"column": "qty", "max_value": 42}},
        {"expectation": not_null, "kwargs": {"column": "hs"}},
        {"expectation": not_null, "kwargs": {"column": "hs"}, "table": "raw.good"},
    )
    assert [result.check.name for result in results] == ["c0", "c1", "c2", "c3", "c4"]
    assert [result.passed for result in results] == [False, False, False, False, True]
    assert [result.error is None for result in results] == [False, False, True, True, True]
    assert results[2].value == "43"


def test_a_table_is_read_in_its_own_schema(database: Path) -> None:
    result = one(database, "expect_column_values_to_be_null", "raw.t", column="qty")
    assert (result.value, result.offending_count) == ("4 of 4 rows", 4)
    assert one(database, "expect_table_row_count_to_equal", "plain_good", value=3).passed


def test_an_empty_table_passes_rows_and_fails_its_row_count(database: Path) -> None:
    passing = one(database, "expect_column_values_to_not_be_null", "hollow", column="hs")
    assert (passing.passed, passing.value, passing.offending_count) == (True, "0 of 0 rows", 0)
    assert not one(database, "expect_table_row_count_to_be_between", "hollow", min_value=1).passed


def test_results_are_json(database: Path) -> None:
    sql = "select *, [qty] as many, {'a': qty} as nested, 'nan'::double as odd, 'x'::blob as b from {table}"
    result = one(database, "unexpected_rows", "raw.bad", sql=sql, limit=1)
    assert result.error is None
    row = json.loads(json.dumps(result.offending, allow_nan=False))[0]
    assert (row["many"], row["nested"], row["odd"]) == ([1], {"a": 1}, "nan")
    assert row["Value (US$)"] == "10.50"


def write(path: Path) -> subprocess.CompletedProcess[str]:
    code = "import duckdb, sys; duckdb.connect(sys.argv[1]).execute('create or replace table w (a int)')"
    return subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("column", ["hs", "nope"])
def test_the_file_can_be_written_right_afterwards(database: Path, column: str) -> None:
    kwargs = {"column": column}
    results = run(
        database,
        {"expectation": "expect_column_values_to_not_be_null", "kwargs": kwargs},
        {"expectation": "unexpected_rows", "kwargs": {"sql": "from {table}"}},
        {"expectation": "expect_table_row_count_to_equal", "kwargs": {"value": 1}, "table": "nope"},
    )
    other_process = write(database)
    assert other_process.returncode == 0, other_process.stderr
    with duckdb.connect(str(database)) as connection:  # here another handle would have other settings
        connection.execute("create or replace table w (a int)")
    assert [result.passed for result in results] == [False, False, False]


def test_the_file_is_not_changed_and_may_have_other_readers(database: Path) -> None:
    before = database.read_bytes()
    with duckdb.connect(str(database), read_only=True):
        assert one(database, "expect_table_row_count_to_equal", "raw.good", value=3).passed
    assert database.read_bytes() == before
    sql = "select 1 from {table}; create table intruder (a int)"
    assert one(database, "unexpected_rows", "raw.good", sql=sql).error is not None
    assert database.read_bytes() == before


def test_a_file_that_cannot_be_opened_is_an_error(database: Path, tmp_path: Path) -> None:
    opened_for_writing = duckdb.connect(str(database))
    with (
        opened_for_writing,
        pytest.raises(OSError, match=r"cannot be read, so no check can run: .*different"),
    ):
        one(database, "expect_table_row_count_to_equal", "raw.good", value=3)
    no_database = tmp_path / "x.duckdb"
    no_database.write_text("not a database" * 1000)
    with pytest.raises(OSError, match=r"cannot be read, so no check can run: .*not a valid DuckDB"):
        one(no_database, "expect_table_row_count_to_equal", "raw.good", value=3)
    assert write(database).returncode == 0


def test_a_missing_file_is_an_error_and_no_checks_are_no_work(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such DuckDB file"):
        one(tmp_path / "none.duckdb", "expect_table_row_count_to_equal", "t", value=3)
    assert not list(tmp_path.iterdir())


def test_it_is_quiet(
    database: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        for table in ("raw.bad", "raw.nope", "huge"):  # a huge decimal is what the library logs about
            one(database, "expect_column_values_to_be_unique", table, column="hs")
            one(database, "expect_column_sum_to_be_between", table, column="qty", min_value=0)
            one(database, "unexpected_rows", table, sql="from {table}")
    captured = capfd.readouterr()
    assert (captured.out, captured.err, raised) == ("", "", [])
    assert [record for record in caplog.records if record.name.startswith("great_expectations")] == []
    assert logging.getLogger("great_expectations").propagate  # what the process logs otherwise is untouched


def fifty_thousand(database: Path, table: str) -> None:
    """Judge 50,000 rows whose figures are known by arithmetic."""
    entries = [
        {"expectation": "expect_table_row_count_to_equal", "kwargs": {"value": 50_000}},
        {"expectation": "expect_column_values_to_not_be_null", "kwargs": {"column": "hs"}},
        {"expectation": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}},
        {
            "expectation": "expect_column_values_to_be_in_set",
            "kwargs": {"column": "flow", "value_set": ["0", "1"]},
        },
        {"expectation": "expect_column_sum_to_be_between", "kwargs": {"column": "id", "max_value": 1}},
        {
            "expectation": "unexpected_rows",
            "kwargs": {"sql": "from {table} where id >= {n}", "params": {"n": 49_990}},
        },
    ]
    results = run(database, *entries, table=table)
    assert [result.error for result in results] == [None] * 6
    assert [(result.passed, result.value) for result in results] == [
        (True, "50000"),
        (False, "500 of 50000 rows"),
        (True, "0 of 50000 rows"),
        (False, "16666 of 50000 rows"),
        (False, "1249975000"),
        (False, "10 rows"),
    ]
    assert [len(result.offending) for result in results] == [0, 20, 0, 20, 0, 10]
    assert all(row["hs"] is None and row["id"] % 100 == 0 for row in results[1].offending)
    assert {row["id"] for row in results[5].offending} == set(range(49_990, 50_000))


MAKE = (
    "select i as id, case when i % 100 > 0 then lpad(i::text, 6, '0') end as hs, (i % 3)::text as flow "
    "from range(50000) r(i)"
)


def as_table(connection: duckdb.DuckDBPyConnection, _folder: Path) -> None:
    connection.execute(f"create table big as {MAKE}")


def as_view(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    connection.execute(f"copy (select * from ({MAKE}) where id < 25000) to '{folder}/a.parquet'")
    connection.execute(f"copy (select * from ({MAKE}) where id >= 25000) to '{folder}/b.parquet'")
    connection.execute(f"create view big as select * from read_parquet('{folder}/*.parquet')")


@pytest.mark.parametrize("make", [as_table, as_view])
def test_fifty_thousand_rows_give_the_right_figures(
    tmp_path: Path, make: Callable[[duckdb.DuckDBPyConnection, Path], None]
) -> None:
    database = tmp_path / "big.duckdb"
    with duckdb.connect(str(database)) as connection:
        make(connection, tmp_path)
    fifty_thousand(database, "big")
    fifty_thousand(database, "big")  # a second run in one process sees the same


def test_a_second_run_sees_what_was_written_in_between(tmp_path: Path) -> None:
    database = tmp_path / "changing.duckdb"
    for count in (1, 2):
        with duckdb.connect(str(database)) as connection:
            connection.execute(f"create or replace table t as select * from range({count})")
        assert one(database, "expect_table_row_count_to_equal", "t", value=count).passed
