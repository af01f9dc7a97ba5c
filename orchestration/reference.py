"""Reference facts of a refresh in the landing database: codes, units, rates, what the sources' YAML says.

Belongs here: tables that come from the sources' folders and from packages, and the views that apply them to
landed rows. Does not belong here: landed files and the ledger (catalogue), use of the facts (dbt).
"""

import csv
import json
from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa

from orchestration import clock, rates, sources
from orchestration.sources import FlowSpec, SourceSpec


def write(db: duckdb.DuckDBPyConnection) -> None:
    """Tables and views of reference facts; the views of landed rows must be there."""
    _folder_table(db, "country_codes", "countries.csv", ["source", "code", "iso2", "label", "note"])
    _folder_table(db, "quantity_units", "units.csv", ["source", "published_unit", "unit", "factor", "note"])
    db.register("shipped", rates.package_rates())
    db.execute("create table ecb_package_rates as select * from shipped")
    db.unregister("shipped")
    db.execute("create table clock as select ?::date as refreshed_on", [clock.today()])
    specs = sources.all_sources()
    flows = sources.flow_sources()
    rules = [{"source": s.code, **rule.model_dump()} for s, said in flows for rule in said.hs_editions]
    table_of_texts(db, "edition_rules", rules, ["source", "reporter", "start", "edition", "evidence"])
    facts = [_said(spec) for spec in specs]
    table_of_texts(db, "sources", facts, list(facts[0]))
    money = [
        f"select '{spec.code}' as source, _landing_id, _row_number, is_synthetic,"  # noqa: S608
        f" {said.landed_value.amount} as amount, {said.landed_value.currency} as currency"
        f" from {spec.landed_as}"
        for spec, said in flows
    ]
    db.execute("create view landed_values as " + " union all ".join(money))
    for spec, said in flows:
        _country_codes(db, spec, said)
    bad = [f"select * from {s.code}__quarantine" for s in specs]  # noqa: S608
    db.execute("create view quarantine as " + " union all by name ".join(bad))


def _said(spec: SourceSpec) -> dict[str, Any]:
    """What a source's YAML says, as one row of text."""
    said = spec.flows
    meanings = said.value_meanings.model_dump() if said else {}
    return {
        "source": spec.code,
        "title": spec.title,
        "publisher": spec.publisher,
        "licence": spec.licence,
        "cadence_days": str(spec.cadence_days),
        "revision_unit": spec.revision_unit,
        "known_defects": " ".join(spec.known_defects),
        "national_nomenclature": said.national_nomenclature if said else None,
        "cadence": said.cadence if said else None,
        "expected_lag_days": str(said.expected_lag_days) if said else None,
        "remainder_rounding": str(said.remainder_rounding) if said else None,
        "revision_bound": str(said.revision_bound) if said else None,
        **{f"{name}_value_means": meanings.get(name) for name in ("negative", "zero", "missing")},
    }


def _country_codes(db: duckdb.DuckDBPyConnection, spec: SourceSpec, said: FlowSpec) -> None:
    """A view of the country codes that landed rows use: where each stands first, and its country."""
    parts = [
        f"select '{role}' as role, {expression} as code, file_name, _file_sha256,"  # noqa: S608
        f" min(_row_number) as first_row, count(*) as row_count from {spec.landed_as} group by all"
        for role, expression in said.country_columns.model_dump().items()
    ]
    db.execute(
        f"create view {spec.code}__country_codes as select used.*, known.iso2"  # noqa: S608
        f" from ({' union all '.join(parts)}) used"
        f" left join country_codes known on known.source = '{spec.code}' and known.code = used.code"
    )


def _folder_table(db: duckdb.DuckDBPyConnection, table: str, file_name: str, columns: Sequence[str]) -> None:
    """One table of the CSV that each source's folder holds; empty cells are null."""
    rows: list[dict[str, Any]] = []
    for spec in sources.all_sources():
        path = sources.FOLDER / spec.code / file_name
        if not path.exists():
            continue
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                rows.append({"source": spec.code, **{name: text or None for name, text in row.items()}})
    table_of_texts(db, table, rows, columns)


def table_of_texts(
    db: duckdb.DuckDBPyConnection, name: str, rows: Sequence[dict[str, Any]], columns: Sequence[str]
) -> None:
    """A table of text columns, with or without rows."""
    schema = pa.schema([(column, pa.string()) for column in columns])
    texts = [{c: _text(row.get(c)) for c in columns} for row in rows]
    db.register("given", pa.Table.from_pylist(texts, schema))
    db.execute(f"create table {name} as select * from given")  # noqa: S608
    db.unregister("given")


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, default=str)
