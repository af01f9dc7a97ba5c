"""Resources: the writer's lock and the run's entry in the ledger, both held for a whole run.

Belongs here: what every asset needs and a run must open and close once. Does not belong here: assets.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from pydantic import PrivateAttr

from orchestration import lock
from orchestration.ledger import Ledger
from orchestration.settings import Settings

POOL = "duckdb_writer"
WAIT_SECONDS = 3600  # a scheduled run waits for a running refresh rather than fail; no refresh takes an hour


class Writer(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Holds the lock of the data root while a run lasts and keeps its entry in the ledger."""

    _settings: Settings = PrivateAttr()
    _ledger: Ledger = PrivateAttr()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Writer"]:
        """Take the lock (the process may hold it already), enter the run, and enter how it ended."""
        self._settings = Settings.from_env()
        self._settings.prepare()
        self._ledger = Ledger(self._settings.ledger_path)
        run_id = context.run.run_id if context.run else "ad-hoc"
        tags = context.run.tags if context.run else {}
        trigger = tags.get("dualuse/trigger") or tags.get("dagster/schedule_name") or "dagster"
        with lock.hold(self._settings, f"refresh by {trigger}", WAIT_SECONDS):
            if context.instance is not None:
                close_dead_runs(context.instance, self._ledger)
            self._ledger.start_run(run_id, trigger)
            yield self
            self._close(run_id)

    def _close(self, run_id: str) -> None:
        run = self._ledger.rows("select outcome from runs where run_id = ?", (run_id,))
        if run and run[0]["outcome"] is None:
            red = self._ledger.rows(
                "select 1 from gate_results where run_id = ? and not passed and severity = 'block'", (run_id,)
            )
            self._ledger.end_run(run_id, "red" if red else "failed", {})

    @property
    def settings(self) -> Settings:
        """Folders of this run."""
        return self._settings

    @property
    def ledger(self) -> Ledger:
        """The ledger of this run."""
        return self._ledger


def close_dead_runs(instance: dg.DagsterInstance, ledger: Ledger) -> None:
    """End the runs that were killed, and free the pool slots they still hold.

    To be called under the writer's lock: whoever started before and has not ended is dead, since a run
    enters the ledger, and steps wait for their slot, under that lock. A slot left behind, even by a run that
    was killed right after it published, would keep every later run waiting for ever.
    """
    unfinished = {row["run_id"] for row in ledger.rows("select run_id from runs where ended_at is null")}
    pool = instance.event_log_storage.get_concurrency_info(POOL)
    for run_id in unfinished | set(pool.active_run_ids) | set(pool.pending_run_ids):
        run = instance.get_run_by_id(run_id)
        if run is not None and not run.is_finished:
            instance.report_run_failed(run, "The process that ran this refresh was killed.")
        instance.event_log_storage.free_concurrency_slots_for_run(run_id)
    for run_id in unfinished:
        ledger.end_run(run_id, "interrupted", {"error": "the process was killed; nothing was published"})


@dg.definitions
def resources() -> dg.Definitions:
    """Resources by the name that assets ask for."""
    return dg.Definitions(resources={"writer": Writer()})
