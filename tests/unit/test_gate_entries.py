"""Reading check entries: what is accepted, and the sentence with which the rest is refused."""

import datetime as dt
import subprocess
import sys
from typing import Any

import pytest

from orchestration.gates import Check, GateEntryError, GateResult, parse_checks
from orchestration.gates.query import fill, literal, repeated

ENTRY = {
    "name": "hs_code_present",
    "expectation": "expect_column_values_to_not_be_null",
    "kwargs": {"column": "hs_code"},
    "severity": "block",
    "reason": "a row without a code cannot be matched",
}


def parse(*entries: Any) -> list[Check]:
    return parse_checks(
        entries,
        gate="raw",
        asset="raw/gacc/trade_rows",
        table="raw.gacc_rows",
        source="gacc",
        origin="sources/gacc/source.yml",
    )


def entry(expectation: str, **kwargs: Any) -> dict[str, Any]:
    return {**ENTRY, "expectation": expectation, "kwargs": kwargs}


def refusal(*entries: Any) -> str:
    with pytest.raises(GateEntryError) as caught:
        parse(*entries)
    return str(caught.value)


def test_an_entry_becomes_a_check_with_the_given_defaults() -> None:
    assert parse(ENTRY) == [
        Check(
            gate="raw",
            name="hs_code_present",
            asset="raw/gacc/trade_rows",
            table="raw.gacc_rows",
            expectation="expect_column_values_to_not_be_null",
            kwargs={"column": "hs_code"},
            severity="block",
            threshold="no such row",
            reason="a row without a code cannot be matched",
            source="gacc",
        )
    ]


def test_an_entry_may_name_its_own_table_asset_and_threshold() -> None:
    (check,) = parse({**ENTRY, "table": "fct", "asset": "fct_trade_flows", "threshold": 10000})
    assert (check.table, check.asset, check.threshold) == ("fct", "fct_trade_flows", "10000")


def test_the_order_of_entries_is_kept_and_a_name_may_recur_on_another_asset() -> None:
    checks = parse(ENTRY, {**ENTRY, "asset": "other"}, {**ENTRY, "name": "b"})
    assert [(check.asset, check.name) for check in checks] == [
        ("raw/gacc/trade_rows", "hs_code_present"),
        ("other", "hs_code_present"),
        ("raw/gacc/trade_rows", "b"),
    ]


@pytest.mark.parametrize(
    ("expectation", "kwargs", "threshold"),
    [
        ("expect_table_row_count_to_be_between", {"min_value": 1, "max_value": 9}, ">= 1 and <= 9"),
        ("expect_column_sum_to_be_between", {"column": "v", "min_value": 0, "strict_min": True}, "> 0"),
        ("expect_table_row_count_to_equal", {"value": 7}, "= 7"),
        ("expect_column_values_to_be_in_set", {"column": "f", "value_set": ["M", "X"]}, "one of M, X"),
        ("expect_column_values_to_not_be_in_set", {"column": "f", "value_set": ["M"]}, "none of M"),
        ("expect_table_columns_to_match_set", {"column_set": ["a", "b"]}, "exactly the 2 known columns"),
        (
            "expect_table_columns_to_match_set",
            {"column_set": ["a"], "exact_match": False},
            "at least the 1 known columns",
        ),
        (
            "expect_column_values_to_not_be_null",
            {"column": "a", "mostly": 0.995},
            "in at least 99.5% of rows",
        ),
        ("unexpected_rows", {"sql": "from {table} where n > {cap}", "params": {"cap": 5}}, "cap 5"),
        (
            "expect_column_max_to_be_between",
            {"column": "d", "max_value": dt.date(2024, 1, 31)},
            "<= 2024-01-31",
        ),
    ],
)
def test_a_threshold_is_derived_from_the_arguments(
    expectation: str, kwargs: dict[str, Any], threshold: str
) -> None:
    (check,) = parse(entry(expectation, **kwargs))
    assert check.threshold == threshold


@pytest.mark.parametrize("key", ["name", "expectation", "severity", "reason"])
def test_a_missing_key_is_refused_by_file_entry_and_key(key: str) -> None:
    text = refusal({k: v for k, v in ENTRY.items() if k != key})
    assert text.startswith("sources/gacc/source.yml, entry 1")
    assert f"{key}: Field required" in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"severity": "error"}, "severity: Input should be 'block' or 'warn'"),
        ({"name": "Has Space"}, "name: String should match pattern"),
        ({"reason": "  "}, "reason: String should match pattern"),
        ({"kwargs": ["column"]}, "kwargs: Input should be a valid dictionary"),
        ({"table": "t; drop table t"}, "table must be a plain name or schema.name, not 't; drop table t'"),
        ({"expectation": "expect_nothing"}, "unknown expectation 'expect_nothing'; known are"),
    ],
)
def test_a_malformed_entry_is_refused(change: dict[str, Any], words: str) -> None:
    assert words in refusal({**ENTRY, **change})


def test_an_entry_that_is_no_mapping_is_refused() -> None:
    assert refusal("not_null").startswith("sources/gacc/source.yml, entry 1: entry: Input should be")


def test_a_name_taken_twice_on_one_asset_is_refused() -> None:
    text = refusal(ENTRY, ENTRY)
    assert text == (
        "sources/gacc/source.yml, entry 2 (hs_code_present): "
        "the name is already taken by another check on raw/gacc/trade_rows"
    )


def test_regex_expectations_are_refused_with_the_way_out() -> None:
    text = refusal(entry("expect_column_values_to_match_regex", column="hs_code", regex="^[0-9]+$"))
    assert "does not work on DuckDB: use unexpected_rows with SQL" in text


@pytest.mark.parametrize(
    ("expectation", "kwargs", "words"),
    [
        ("expect_column_values_to_not_be_null", {}, "needs column under kwargs"),
        (
            "expect_column_values_to_not_be_null",
            {"column": "a", "colum": "b"},
            "takes column, mostly, not colum",
        ),
        ("expect_column_values_to_not_be_null", {"column": ""}, "column must be a text"),
        (
            "expect_column_values_to_not_be_null",
            {"column": "a", "mostly": 0},
            "mostly must be a number above 0",
        ),
        ("expect_column_values_to_be_in_set", {"column": "a", "value_set": []}, "list of texts, each quoted"),
        (
            "expect_column_values_to_be_in_set",
            {"column": "a", "value_set": [101]},
            "list of texts, each quoted",
        ),
        ("expect_column_sum_to_be_between", {"column": "a"}, "without min_value or max_value would pass"),
        (
            "expect_column_values_to_be_between",
            {"column": "a", "min_value": "0101"},
            "min_value must be a number",
        ),
        (
            "expect_column_sum_to_be_between",
            {"column": "a", "min_value": 2**53 + 1},
            "min_value must be a number",
        ),
        ("expect_column_sum_to_be_between", {"column": "a", "max_value": float("nan")}, "max_value must be"),
        ("expect_column_sum_to_be_between", {"column": "a", "max_value": True}, "max_value must be a number"),
        ("expect_table_row_count_to_equal", {"value": "7"}, "value must be a whole number"),
        ("expect_compound_columns_to_be_unique", {"column_list": []}, "column_list must be a list of texts"),
        ("unexpected_rows", {"sql": "select 1"}, "sql must read {table}"),
        (
            "unexpected_rows",
            {"sql": "from {table} where n > {cap}"},
            "sql names {cap}, which params does not give",
        ),
        (
            "unexpected_rows",
            {"sql": "from {table}", "params": {"cap": 1}},
            "params gives cap, which sql does not",
        ),
        ("unexpected_rows", {"sql": "from {table}", "params": {"table": "x"}}, "params must not name table"),
        ("unexpected_rows", {"sql": "from {table}", "params": {"cap": None}}, "params must be a mapping"),
        ("unexpected_rows", {"sql": "from {table}", "params": {"caps": []}}, "params must be a mapping"),
    ],
)
def test_arguments_that_cannot_be_judged_are_refused(
    expectation: str, kwargs: dict[str, Any], words: str
) -> None:
    assert words in refusal(entry(expectation, **kwargs))


def test_a_result_blocks_only_when_red_and_blocking() -> None:
    blocking, warning = parse(ENTRY, {**ENTRY, "name": "soft", "severity": "warn"})

    def result(check: Check, passed: bool) -> GateResult:
        return GateResult(check, passed, "", [], None, None)

    assert result(blocking, False).blocks
    assert not result(blocking, True).blocks
    assert not result(warning, False).blocks


@pytest.mark.parametrize(
    ("value", "sql"),
    [
        (10000, "10000"),
        (-1.5, "-1.5"),
        (True, "true"),
        ("O'Neil", "'O''Neil'"),
        (dt.date(2024, 2, 29), "date '2024-02-29'"),
        (["01", "02"], "('01', '02')"),
    ],
)
def test_parameters_become_literals(value: Any, sql: str) -> None:
    assert literal(value) == sql


def test_sql_is_filled_in_and_other_braces_are_kept() -> None:
    filled = fill("from {table} where x ~ '[0-9]{6}' and n >= {cap} ;\n", "raw.rows", {"cap": 3})
    assert filled.format(batch="B") == 'from "raw"."rows" where x ~ \'[0-9]{6}\' and n >= 3\n/* B */'


def test_a_parameter_that_looks_like_a_placeholder_stays_text() -> None:
    filled = fill("from {table} where x = {a}", "t", {"a": "{table}"})
    assert filled.format(batch="B") == "from \"t\" where x = '{table}'\n/* B */"


def test_a_colon_that_would_change_the_sql_is_refused() -> None:
    with pytest.raises(ValueError, match=r"write it as chr\(58\)"):
        fill("from {table} where x = ' :a:b'", "t", {})


def test_names_in_a_compound_key_are_quoted() -> None:
    assert repeated(['a"b', "c d"]).endswith('(partition by "a""b", "c d") > 1')


def test_reading_entries_does_not_import_great_expectations() -> None:
    code = "import sys, orchestration.gates; print('great_expectations' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
