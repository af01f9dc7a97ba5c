"""Fetching the European Central Bank's history of reference rates: one file, whole, where it is new.

Belongs here: which file. Does not belong here: fetching (`remote`), what is in it (`adapter`).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from orchestration import publishers, remote
from orchestration.ledger import Ledger
from orchestration.pulls import Progress, PullOptions, PullReport
from orchestration.remote import RemoteFile
from orchestration.settings import Settings
from orchestration.sources import load_source

SOURCE = "ecb"
HISTORY = "history"


def default_queries(today: date, pull_spec: Mapping[str, Any]) -> list[str]:
    """The one question there is."""
    return [HISTORY]


def queries(options: PullOptions, today: date) -> list[str]:
    """The history is one file, so that no option means anything.

    Raises:
        QueryError: an option was given.
    """
    options.only("the European Central Bank, whose rates are one file")
    return [HISTORY]


def pull(
    query: str,
    settings: Settings,
    ledger: Ledger,
    progress: Progress | None = None,
    *,
    again: bool = False,
    pull_spec: Mapping[str, Any] | None = None,
) -> PullReport:
    """Fetch the file into the inbox where it has changed since the last time.

    Raises:
        PullError: what came is not the file, or none came.
    """
    spec = pull_spec if pull_spec is not None else load_source(SOURCE).pull or {}
    publisher = publishers.publisher(SOURCE, spec)
    path = str(spec["path"])
    file = RemoteFile(HISTORY, f"{publisher.base}/{path}", path.rpartition("/")[2], dated_by_header=True)
    return remote.fetch(publisher, query, [file], settings, ledger, progress, again=again)
