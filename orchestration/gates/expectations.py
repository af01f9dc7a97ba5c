"""Running checks on a DuckDB file through Great Expectations.

Belongs here: turning a check into an expectation, evaluating it, and reading its outcome.
Does not belong here: which checks exist, what a red gate leads to, Dagster.

Great Expectations is imported inside the function that needs it: the import takes seconds.
"""

import logging
import math
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from orchestration.gates.catalogue import EXPECTATIONS
from orchestration.gates.model import Check, GateResult
from orchestration.gates.query import fill, repeated

MAX_OFFENDING = 200  # Great Expectations fetches no more rows than this


def run_checks(database: Path, checks: Sequence[Check], offending_limit: int = 20) -> list[GateResult]:
    """Evaluate each check on its own and return the results in the order of the checks.

    A check that cannot be evaluated (no such table or column, SQL that fails, a figure that is null) has not
    passed, and the others are evaluated all the same. A null among a column's values is not judged: it needs
    ``not_be_null`` beside it; in ``expect_compound_columns_to_be_unique`` a null equals a null. On an empty
    table every check of rows passes: emptiness is for a row count to judge.

    The file is opened read-only and let go of before this returns, so that another process may write it. It
    must not be open for writing meanwhile.

    Args:
        database: A DuckDB file; its views are read as tables are.
        checks: What to evaluate.
        offending_limit: How many offending rows to hand back a check, at most ``MAX_OFFENDING``.

    Raises:
        FileNotFoundError: there is no such file.
        OSError: the file cannot be opened, e.g. because another process writes it.
        ValueError: the limit is out of range.
    """
    if not database.is_file():
        raise FileNotFoundError(f"{database}: no such DuckDB file, so no check can run")
    if not 1 <= offending_limit <= MAX_OFFENDING:
        raise ValueError(f"offending_limit must be 1 to {MAX_OFFENDING}, not {offending_limit}")
    if not checks:
        return []
    with _quiet(), _opened(database) as batch_of:
        return [_evaluate(check, batch_of, offending_limit) for check in checks]


@contextmanager
def _quiet() -> Iterator[None]:
    # Its warnings are about types and indices we do not use; what matters comes back in the results.
    logger, silent = logging.getLogger("great_expectations"), logging.NullHandler()
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(silent)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.removeHandler(silent)
        logger.propagate = propagate


@contextmanager
def _opened(database: Path) -> Iterator[Callable[[str], Any]]:
    """Yield a function from a table's name to its batch, and close every handle afterwards."""
    import great_expectations as gx
    from great_expectations.data_context.types import base
    from great_expectations.datasource.fluent.interfaces import TestConnectionError

    from orchestration.gates import dialect

    dialect.register()
    config = base.DataContextConfig(
        store_backend_defaults=base.InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        analytics_enabled=False,
        progress_bars=base.ProgressBarsConfig(globally=False),
    )
    sources: Any = gx.get_context(mode="ephemeral", project_config=config).data_sources
    # The path goes in as an argument: inside a URL, "#" or "%" in it would mean something.
    arguments = {"connect_args": {"database": str(database)}}
    try:
        datasource = sources.add_sql("gate", connection_string="duckdb+read://", kwargs=arguments)
    except TestConnectionError as error:
        raise OSError(f"{database} cannot be read, so no check can run: {_reason(error)}") from error
    batches: dict[str, Any] = {}

    def batch_of(table: str) -> Any:
        if table not in batches:
            schema, _, name = table.rpartition(".")
            asset = datasource.add_table_asset(table, table_name=name, schema_name=schema or None)
            batches[table] = asset.add_batch_definition_whole_table("whole").get_batch()
        return batches[table]

    try:
        yield batch_of
    finally:
        datasource.get_execution_engine().close()
        datasource.get_engine().dispose()


def _evaluate(check: Check, batch_of: Callable[[str], Any], limit: int) -> GateResult:
    result_format = {
        # Only COMPLETE hands back the rows of a query; for the others it would fetch every wrong value.
        "result_format": "COMPLETE" if EXPECTATIONS[check.expectation].kind == "query" else "SUMMARY",
        "include_unexpected_rows": True,
        "partial_unexpected_count": limit,
    }
    try:
        batch = batch_of(check.table)
        outcome = batch.validate(_to_expectation(check), result_format=result_format)
        return _read(check, outcome, limit)
    except Exception as error:  # an error of whatever kind is a red check, never the end of the others
        return _failed(check, _reason(error))


def _failed(check: Check, why: str) -> GateResult:
    text = f"{check.name} on {check.table} could not be evaluated: {why}"
    return GateResult(check, False, "not evaluated", [], None, text)


def _reason(error: BaseException) -> str:
    cause = error.__cause__ or error
    return _first_line(str(cause)) or type(cause).__name__


def _first_line(text: str) -> str:
    return re.sub(r"^\(_duckdb\.\w+\) ", "", text.strip().partition("\n")[0])


def _to_expectation(check: Check) -> Any:
    gxe: Any = import_module("great_expectations.expectations")  # it does not declare what it exports
    if check.expectation == "unexpected_rows":
        return gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=fill(check.kwargs["sql"], check.table, check.kwargs.get("params", {}))
        )
    if check.expectation == "expect_compound_columns_to_be_unique":
        # Great Expectations' own joins on equality, so that duplicates with a null in the key would pass.
        sql = repeated(check.kwargs["column_list"])
        return gxe.UnexpectedRowsExpectation(unexpected_rows_query=fill(sql, check.table, {}))
    name = "".join(word[0].upper() + word[1:] for word in check.expectation.split("_"))
    return getattr(gxe, name)(**check.kwargs)


def _read(check: Check, outcome: Any, limit: int) -> GateResult:
    """Read what Great Expectations answered; an answer without a figure is not an evaluation."""
    faults = _exceptions(outcome.exception_info)
    if faults:
        return _failed(check, faults[0])
    kind, result = EXPECTATIONS[check.expectation].kind, outcome.result
    rows: list[Any] = []
    count: int | None = None
    if kind == "rows":
        total, rows = result["element_count"], result["unexpected_rows"]
        count = 0 if total == 0 else int(result["unexpected_count"])  # null on an empty table
        value = f"{count} of {total} rows"
    elif kind == "query":
        count, rows = result["observed_value"], result["details"]["unexpected_rows"]
        value = f"{count} row" if count == 1 else f"{count} rows"
    elif kind == "columns":
        value = _columns(result)
    elif result["observed_value"] is None:
        return _failed(check, "there is no figure, for the table is empty or the column holds only nulls")
    else:
        value = _text(result["observed_value"])
    offending = [{name: _plain(item) for name, item in row.items()} for row in rows[:limit]]
    return GateResult(check, outcome.success is True, value, offending, count, None)


def _exceptions(info: Mapping[str, Any]) -> list[str]:
    """List the first lines of all exceptions; ``info`` is one record or a mapping of metrics to records."""
    records = [info] if "raised_exception" in info else list(info.values())
    return [
        _first_line(str(record["exception_message"])) or "unknown error"
        for record in records
        if record["raised_exception"]
    ]


def _columns(result: Mapping[str, Any]) -> str:
    mismatched = result.get("details", {}).get("mismatched", {})
    parts = [f"{len(result['observed_value'])} columns"]
    parts += [f"{kind}: {', '.join(names)}" for kind, names in sorted(mismatched.items()) if names]
    return "; ".join(parts)


def _text(figure: Any) -> str:
    if isinstance(figure, float) and figure.is_integer() and abs(figure) < 1e15:
        return str(int(figure))
    return str(figure)


def _plain(value: Any) -> Any:
    """Turn a value from DuckDB into one that JSON knows; what it does not know becomes text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    return str(value)
