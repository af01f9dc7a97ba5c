"""The SQL of a check, filled in and made fit for Great Expectations.

Belongs here: placeholders, literals, quoting, and the escapes that the layers below need.
Does not belong here: running the SQL, or deciding whether its arguments are allowed (catalogue.py).
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.gates.catalogue import PLACEHOLDER


def fill(sql: str, table: str, params: Mapping[str, Any]) -> str:
    """Fill in ``{table}`` and ``{param}``; return the SQL as ``UnexpectedRowsExpectation`` takes it.

    Args:
        sql: SQL that selects the rows that ought not to be; other braces stand for themselves.
        table: Name, perhaps with its schema.
        params: Values of the placeholders: texts, numbers, dates or lists of them.

    Raises:
        ValueError: a colon stands where SQLAlchemy would misread it.
        KeyError: a placeholder has no value.
    """
    values = {name: literal(value) for name, value in params.items()}
    values["table"] = ".".join(quote(part) for part in table.split("."))
    filled = PLACEHOLDER.sub(lambda found: values[found[1]], sql.strip().rstrip("; \t\n"))
    escaped = _escape_colons(filled).replace("{", "{{").replace("}", "}}")
    # {batch} must occur, but stands for a subquery that has an alias of its own, or none beside a join.
    return f"{escaped}\n/* {{batch}} */"


def repeated(columns: Sequence[str]) -> str:
    """Return SQL for the rows of ``{table}`` that share their values in ``columns``; a null equals a null."""
    names = ", ".join(quote(column) for column in columns)
    return f"select * from {{table}} qualify count(*) over (partition by {names}) > 1"  # noqa: S608 - quoted names


def quote(name: str) -> str:
    """Quote a name of a table or column."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: Any) -> str:
    """Write a text, number, date or list of them as SQL."""
    if isinstance(value, list):
        return "(" + ", ".join(literal(item) for item in value) + ")"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dt.date):
        return f"date '{value.isoformat()}'"
    return "'" + str(value).replace("'", "''") + "'"


def _escape_colons(sql: str) -> str:
    """Keep ``sqlalchemy.text`` from taking ``:word`` for a parameter, and prove that it did not."""
    import sqlalchemy as sa

    escaped = re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", sql)
    compiled = sa.text(escaped).compile()
    if compiled.params or str(compiled) != sql:
        raise ValueError("a colon in the SQL would be misread: write it as chr(58)")
    return escaped
