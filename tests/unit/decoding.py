"""What the tests of adapters and landing share: the fixtures' folder and one adapter run, gathered.

Belongs here: helpers of several test modules. Does not belong here: fixtures of pytest, tests.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration import catalogue, collect, landing
from orchestration.gates.entries import raw_checks
from orchestration.gates.query import fill
from orchestration.ledger import Ledger
from orchestration.manifest import Manifest
from orchestration.settings import Settings
from orchestration.sources import adapter, load_source
from orchestration.sources.contract import Facts, Quarantine, Rows

DATA = Path(__file__).parents[1] / "data"


@dataclass(frozen=True)
class Decoded:
    """All that an adapter gave out for one file."""

    rows: list[dict[str, str]]
    bad: list[dict[str, str]]
    facts: Facts
    batches: list[int]

    def column(self, name):
        return [row[name] for row in self.rows]


def decode(source, path, **fields):
    """Run a source's adapter over a file; `fields` are what the manifest says."""
    rows, bad, batches, facts = [], [], [], []
    for chunk in adapter(source).land(path, Manifest(**fields)):
        if isinstance(chunk, Facts):
            facts.append(chunk)
            continue
        batches.append(chunk.batch.num_rows)
        assert isinstance(chunk, Rows | Quarantine)
        (rows if isinstance(chunk, Rows) else bad).extend(chunk.batch.to_pylist())
    assert len(facts) == 1
    return Decoded(rows, bad, facts[0], batches)


def red_gates(data, source, *paths, **given):
    """A source's own checks that find rows once the files are landed in `data`, each with their numbers."""
    settings = Settings(data=data)
    settings.prepare()
    ledger = Ledger(settings.ledger_path)
    for path in paths:
        collect.place(settings, ledger, path, Manifest(**given))
    for entry in collect.collect(settings, ledger):
        assert landing.land(settings, ledger, entry).state == "landed"
    catalogue.build(settings, ledger)
    own = {entry["name"] for entry in load_source(source).gates}
    found = {}
    with duckdb.connect(str(settings.landing_database), read_only=True) as db:
        for check in raw_checks(source):
            sql = fill(check.kwargs["sql"], check.table, check.kwargs.get("params", {}))
            rows = db.sql(sql.replace("{{", "{").replace("}}", "}")).to_arrow_table().to_pylist()
            if check.name in own and rows:
                found[check.name] = sorted(row.get("_row_number", 0) for row in rows)
    return found
