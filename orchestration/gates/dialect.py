"""A SQLAlchemy dialect for reading a DuckDB file, so that Great Expectations gets its rows.

Belongs here: what the stock DuckDB dialect does that breaks reading through Great Expectations.
Does not belong here: expectations, checks, anything that writes.
"""

from collections.abc import Sequence
from typing import Any

import duckdb
import duckdb_engine
import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.engine.interfaces import ReflectedColumn, ReflectedPrimaryKeyConstraint

NAME = "duckdb.read"


class ReadDialect(duckdb_engine.Dialect):
    """DuckDB, read-only and without transactions.

    Great Expectations fetches from a cursor after its connection went back to the pool. The rollback which
    SQLAlchemy sends at that moment discards DuckDB's pending rows, and every expectation fails with
    ``list index out of range``. A reader needs no transaction, so none is begun, rolled back or committed.
    """

    driver = "read"
    supports_statement_cache = False

    def connect(self, *_args: Any, **cparams: Any) -> Any:
        """Open the file ``cparams["database"]`` read-only; no setting can make it writable.

        Raises:
            duckdb.Error: the file is missing, is not a database, or another process writes it.
        """
        # No user-agent setting as in the base class: DuckDB refuses a second connection to a file in one
        # process when its settings differ, and other readers of the file may be open.
        return duckdb_engine.ConnectionWrapper(duckdb.connect(cparams["database"], read_only=True))

    def do_begin(self, dbapi_connection: Any) -> None:
        """Do nothing: see the class."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Do nothing: see the class."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Do nothing: see the class."""

    def get_columns(
        self, connection: sa.Connection, table_name: str, schema: str | None = None, **kw: Any
    ) -> list[ReflectedColumn]:
        """List the columns of a table or view in their order, by name; types are not resolved.

        The base class asks PostgreSQL catalogues which DuckDB lacks; Great Expectations then reads the
        columns of the unqualified name, which is another table or none.

        Raises:
            sqlalchemy.exc.NoSuchTableError: there is no such table or view.
        """
        rows: Sequence[Any] = connection.exec_driver_sql(
            "select column_name, is_nullable from duckdb_columns() "
            "where database_name = current_database() and lower(schema_name) = lower($1) "
            "and lower(table_name) = lower($2) order by column_index",
            (schema or "main", table_name),
        ).fetchall()
        if not rows:
            raise sa.exc.NoSuchTableError(table_name)
        return [
            {"name": name, "type": sa.types.NullType(), "nullable": nullable, "default": None}
            for name, nullable in rows
        ]

    def get_pk_constraint(
        self, connection: Any, table_name: Any, schema: Any = None, **kw: Any
    ) -> ReflectedPrimaryKeyConstraint:
        """Name no primary key: Great Expectations asks, but no check needs it."""
        return {"constrained_columns": [], "name": None}


def register() -> None:
    """Make ``duckdb+read://`` known to SQLAlchemy; calling it again changes nothing."""
    registry.register(NAME, __name__, ReadDialect.__name__)
