"""Which expectations a check may name, what arguments each takes, and how its bound reads.

Belongs here: the closed list of expectations, each proven on DuckDB by a test, and the rules for arguments.
Does not belong here: Great Expectations itself (its import takes seconds), YAML entries, SQL engines.
"""

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)\}")  # {table} or {cap}; [0-9]{6} is none


@dataclass(frozen=True)
class Signature:
    """What one expectation judges and the arguments it takes.

    Attributes:
        kind: ``rows`` (each row is right or wrong), ``figure`` (one number of the table), ``columns`` (the
            header) or ``query`` (SQL that selects the wrong rows).
        required: Arguments that must be given.
        optional: Arguments that may be given.
        bounded: Takes ``min_value`` and ``max_value``, and would pass anything without either.
    """

    kind: Literal["rows", "figure", "columns", "query"]
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    bounded: bool = False


_STRICT = ("strict_min", "strict_max")
_BOUNDS = ("min_value", "max_value")
EXPECTATIONS: Mapping[str, Signature] = {
    "expect_column_values_to_not_be_null": Signature("rows", ("column",), ("mostly",)),
    "expect_column_values_to_be_null": Signature("rows", ("column",), ("mostly",)),
    "expect_column_values_to_be_unique": Signature("rows", ("column",), ("mostly",)),
    "expect_column_values_to_be_in_set": Signature("rows", ("column", "value_set"), ("mostly",)),
    "expect_column_values_to_not_be_in_set": Signature("rows", ("column", "value_set"), ("mostly",)),
    "expect_column_values_to_be_between": Signature("rows", ("column",), ("mostly", *_STRICT), True),
    "expect_column_value_lengths_to_equal": Signature("rows", ("column", "value"), ("mostly",)),
    "expect_column_value_lengths_to_be_between": Signature("rows", ("column",), ("mostly",), True),
    "expect_column_pair_values_a_to_be_greater_than_b": Signature(
        "rows", ("column_A", "column_B"), ("or_equal", "mostly")
    ),
    "expect_compound_columns_to_be_unique": Signature("query", ("column_list",)),
    "expect_column_sum_to_be_between": Signature("figure", ("column",), _STRICT, True),
    "expect_column_min_to_be_between": Signature("figure", ("column",), _STRICT, True),
    "expect_column_max_to_be_between": Signature("figure", ("column",), _STRICT, True),
    "expect_column_mean_to_be_between": Signature("figure", ("column",), _STRICT, True),
    "expect_column_unique_value_count_to_be_between": Signature("figure", ("column",), (), True),
    "expect_table_row_count_to_be_between": Signature("figure", (), (), True),
    "expect_table_row_count_to_equal": Signature("figure", ("value",)),
    "expect_table_columns_to_match_set": Signature("columns", ("column_set",), ("exact_match",)),
    "unexpected_rows": Signature("query", ("sql",), ("params",)),
}


def check_arguments(expectation: str, kwargs: Mapping[str, Any]) -> None:
    """Refuse an expectation or arguments that could not be judged, or would be judged wrongly.

    Raises:
        ValueError: one sentence that says which rule is broken.
    """
    signature = EXPECTATIONS.get(expectation)
    if signature is None:
        raise ValueError(_unknown(expectation))
    missing = [name for name in signature.required if name not in kwargs]
    if missing:
        raise ValueError(f"{expectation} needs {', '.join(missing)} under kwargs")
    known = {*signature.required, *signature.optional, *(_BOUNDS if signature.bounded else ())}
    unknown = sorted(set(kwargs) - known)
    if unknown:
        raise ValueError(f"{expectation} takes {', '.join(sorted(known))}, not {', '.join(unknown)}")
    if signature.bounded and all(kwargs.get(name) is None for name in _BOUNDS):
        raise ValueError(f"{expectation} without min_value or max_value would pass anything")
    for name, value in kwargs.items():
        rule, fits = _RULES[name]
        if not fits(value):
            raise ValueError(f"{name} must be {rule}, not {value!r}")
    if expectation == "unexpected_rows":
        _check_placeholders(kwargs["sql"], kwargs.get("params", {}))


def describe_bound(expectation: str, kwargs: Mapping[str, Any]) -> str:
    """Say the bound in words, from arguments that ``check_arguments`` accepted."""
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    bounds = [f"{'>' if kwargs.get('strict_min') else '>='} {low}"] if low is not None else []
    bounds += [f"{'<' if kwargs.get('strict_max') else '<='} {high}"] if high is not None else []
    words = [" and ".join(bounds)] if bounds else []
    if "value" in kwargs:
        words.append(f"= {kwargs['value']}")
    if "value_set" in kwargs:
        sign = "none of" if "not_be_in_set" in expectation else "one of"
        words.append(f"{sign} {', '.join(kwargs['value_set'])}")
    if "column_set" in kwargs:
        sign = "exactly" if kwargs.get("exact_match", True) else "at least"
        words.append(f"{sign} the {len(kwargs['column_set'])} known columns")
    if kwargs.get("params"):
        words.append(", ".join(f"{name} {value}" for name, value in kwargs["params"].items()))
    if "mostly" in kwargs:
        words.append(f"in at least {kwargs['mostly'] * 100:g}% of rows")
    return "; ".join(words) or "no such row"


def _unknown(expectation: str) -> str:
    if "regex" in expectation:
        return (
            f"{expectation} does not work on DuckDB: use unexpected_rows with SQL, "
            "e.g. where not regexp_full_match(column, 'pattern')"
        )
    return f"unknown expectation {expectation!r}; known are {', '.join(EXPECTATIONS)}"


def _check_placeholders(sql: str, params: Mapping[str, Any]) -> None:
    named = set(PLACEHOLDER.findall(sql))
    if "table" not in named:
        raise ValueError("sql must read {table}")
    if "table" in params:
        raise ValueError("params must not name table: {table} is the table of the check")
    missing, unused = sorted(named - {"table", *params}), sorted(set(params) - named)
    if missing:
        raise ValueError(f"sql names {{{missing[0]}}}, which params does not give")
    if unused:
        raise ValueError(f"params gives {unused[0]}, which sql does not name")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_bound(value: object) -> bool:
    # Great Expectations turns a bound into a float: 2^53 + 1 and the text "0101" would become other bounds.
    return value is None or type(value) is dt.date or (_is_number(value) and abs(value) <= 2**53)  # type: ignore[arg-type]


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | bool) or type(value) is dt.date or _is_number(value)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)


def _are_params(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(name, str)
        and (bool(item) and all(map(_is_scalar, item)) if isinstance(item, list) else _is_scalar(item))
        for name, item in value.items()
    )


_Rule = tuple[str, Callable[[Any], bool]]
_TEXT: _Rule = ("a text", lambda value: isinstance(value, str) and bool(value.strip()))
# Texts only: DuckDB turns a text column into numbers to compare it with numbers, and 0101 would equal 101.
_TEXTS: _Rule = ("a list of texts, each quoted", _is_texts)
_FLAG: _Rule = ("true or false", lambda value: isinstance(value, bool))
_BOUND: _Rule = ("a number up to 2^53 or an unquoted date", _is_bound)
_RULES: Mapping[str, _Rule] = {
    "column": _TEXT,
    "column_A": _TEXT,
    "column_B": _TEXT,
    "column_list": _TEXTS,
    "column_set": _TEXTS,
    "exact_match": _FLAG,
    "max_value": _BOUND,
    "min_value": _BOUND,
    "mostly": ("a number above 0 and up to 1", lambda value: _is_number(value) and 0 < value <= 1),
    "or_equal": _FLAG,
    "params": ("a mapping of names to texts, numbers, dates or lists of them", _are_params),
    "sql": _TEXT,
    "strict_max": _FLAG,
    "strict_min": _FLAG,
    "value": ("a whole number", lambda value: type(value) is int and value >= 0),
    "value_set": _TEXTS,
}
