"""One refresh from the command line: gather, see whether anything is new, run the Dagster job, sum up.

Belongs here: what the CLI adds around the job that a schedule runs as well. Does not belong here: printing,
the stages themselves.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from orchestration import collect, landing, lock, publish
from orchestration.gather import gather
from orchestration.ledger import Ledger
from orchestration.settings import Settings


@dataclass(frozen=True)
class Outcome:
    """How a refresh ended: published, unchanged, red or failed, with what a reader wants to know."""

    outcome: str
    run_id: str
    warnings: list[str] = field(default_factory=list)
    gates: list[dict[str, Any]] = field(default_factory=list)
    placed_sample: bool = False
    error: str = ""

    @property
    def red(self) -> list[dict[str, Any]]:
        """Blocking checks that are red."""
        return [gate for gate in self.gates if not gate["passed"] and gate["severity"] == "block"]


def refresh(settings: Settings, ledger: Ledger, rebuild: bool = False) -> Outcome:
    """Bring everything up to date and publish it if every blocking check is green.

    Raises:
        LockedError: another refresh is running.
    """
    with lock.hold(settings, "dualuse refresh"):
        os.environ.update(settings.tool_environment())
        placed = bool(collect.is_untouched(settings, ledger) and collect.place_sample(settings, ledger))
        run_id = str(uuid4())
        warnings = gather(settings, ledger, run_id)
        if not rebuild and not landing.pending(ledger) and publish.is_current(settings, ledger):
            ledger.start_run(run_id, "cli")
            ledger.end_run(run_id, "unchanged", {})
            return Outcome("unchanged", run_id, warnings, placed_sample=placed)
        error = _run(settings, run_id, {"dualuse/trigger": "cli", "dualuse/rebuild": str(rebuild).lower()})
        gates = ledger.rows(
            "select * from gate_results where run_id = ? order by gate, asset, name", (run_id,)
        )
        runs = ledger.rows("select outcome from runs where run_id = ?", (run_id,))
        if error and runs and runs[0]["outcome"] == "failed":
            ledger.end_run(run_id, "failed", {"error": error})
        ended = str(runs[0]["outcome"]) if runs and runs[0]["outcome"] else "failed"
        return Outcome(ended, run_id, warnings, gates, placed, error)


def _run(settings: Settings, run_id: str, tags: Mapping[str, str]) -> str:
    """Run the job in this process, in the instance that the UI shows; returns the first error's words."""
    import dagster as dg

    from orchestration.definitions import defs

    definitions = defs()
    job = definitions.resolve_job_def("refresh")
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}  # the UI keeps every line
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        result = job.execute_in_process(
            instance=instance, run_id=run_id, raise_on_error=False, tags=dict(tags), run_config=quiet
        )
    return "" if result.success else _first_failure(result)


def _first_failure(result: Any) -> str:
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            cause = error.cause if error and error.cause else error
            return str(cause.message).strip().splitlines()[0] if cause else "a step failed"
    return "the run failed before its first step"
