"""The gate engine: what a check is, and how checks are run on a DuckDB file.

Belongs here: the form of a check, reading checks from YAML entries, running them through Great Expectations.
Does not belong here: the checks themselves (they stand in YAML beside what they guard) and Dagster.
"""

from orchestration.gates.expectations import run_checks
from orchestration.gates.model import Check, GateEntryError, GateResult, parse_checks

__all__ = ["Check", "GateEntryError", "GateResult", "parse_checks", "run_checks"]
