"""Fetching the UN's workbooks of correlations: one a pair of editions, where it is new.

Belongs here: which workbooks, and where they stand. Does not belong here: fetching (`remote`), what is in
them (`adapter`).
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

SOURCE = "hs_correlations"


def default_queries(today: date, pull_spec: Mapping[str, Any]) -> list[str]:
    """The workbooks that source.yml wants asked for by a refresh, if any."""
    return [",".join(pull_spec["defaults"])] if pull_spec["defaults"] else []


def queries(options: PullOptions, today: date) -> list[str]:
    """The workbooks that source.yml names; there is nothing to choose from.

    Raises:
        QueryError: an option was given.
    """
    options.only("the United Nations Statistics Division, whose tables come whole")
    return [",".join((load_source(SOURCE).pull or {})["files"])]


def pull(
    query: str,
    settings: Settings,
    ledger: Ledger,
    progress: Progress | None = None,
    *,
    again: bool = False,
    pull_spec: Mapping[str, Any] | None = None,
) -> PullReport:
    """Fetch the workbooks into the inbox where they have changed since the last time.

    Raises:
        PullError: what came is no workbook, or none came.
    """
    spec = pull_spec if pull_spec is not None else load_source(SOURCE).pull or {}
    publisher = publishers.publisher(SOURCE, spec)
    files = [_file(f"{publisher.base}/{str(spec['path']).format(name=n)}", n) for n in query.split(",")]
    return remote.fetch(publisher, query, files, settings, ledger, progress, again=again)


def _file(url: str, name: str) -> RemoteFile:
    return RemoteFile(name, url, name, dated_by_header=True)
