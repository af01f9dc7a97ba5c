"""Everything that brings bytes in: ask publishers that are due, then archive what waits in the inbox.

Belongs here: that order, and the rule that nobody is asked while the sample is all there is. Does not belong
here: how a publisher is asked (pulls) or a file archived (collect).
"""

from pathlib import Path

from orchestration import clock, collect, manifest, progress, pulls
from orchestration.ledger import Ledger
from orchestration.manifest import ManifestError
from orchestration.settings import Settings


def gather(settings: Settings, ledger: Ledger, run_id: str) -> list[str]:
    """Pull and archive; returns warnings (a publisher out of reach), which are entered in the ledger too.

    With an empty data folder nothing is asked and nothing archived: the caller may place the sample.
    """
    progress.stage("pull")
    warnings: list[str] = []
    if collect.only_sample(ledger) and not _has_real_inbox(settings):
        progress.stage("pull", "only the synthetic sample is loaded: no publisher is asked")
    else:
        warnings = pulls.run_due(settings, ledger, clock.today())
    progress.stage("archive")
    entered = collect.collect(settings, ledger)
    progress.stage("archive", f"{len(entered)} new files")
    waiting = ledger.rows("select path, reason from waiting order by path")
    warnings += [f"{row['path']} waits in the inbox: {row['reason']}" for row in waiting]
    for warning in warnings:
        progress.stage("archive", f"warning: {warning}")
        ledger.warn(run_id, "gather", warning)
    return warnings


def _has_real_inbox(settings: Settings) -> bool:
    return any(not _is_no_trade(settings, path) for path in collect.inbox_files(settings))


def _is_no_trade(settings: Settings, path: Path) -> bool:
    """Whether a waiting file is of the sample, or of a source without trade."""
    if collect.waits_without_trade(settings, path):
        return True
    try:
        return manifest.read(path).is_synthetic
    except ManifestError:  # it waits, with this as its reason; it is no part of the sample
        return False
