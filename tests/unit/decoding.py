"""What the tests of adapters and landing share: the fixtures' folder and one adapter run, gathered.

Belongs here: helpers of several test modules. Does not belong here: fixtures of pytest, tests.
"""

from dataclasses import dataclass
from pathlib import Path

from orchestration.manifest import Manifest
from orchestration.sources import adapter
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
