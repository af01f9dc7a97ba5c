"""Fetching the UN's lists of HS codes: one file an edition, where it is new.

Belongs here: which files, and where they stand. Does not belong here: fetching (`remote`), what is in a file
(`adapter`).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from orchestration import publishers, remote
from orchestration.ledger import Ledger
from orchestration.pulls import Progress, PullOptions, PullReport, QueryError
from orchestration.remote import RemoteFile
from orchestration.settings import Settings
from orchestration.sources import load_source

SOURCE = "hs_nomenclature"
_PUBLISHER = "the United Nations Statistics Division, whose lists come by edition"


def default_queries(today: date, pull_spec: Mapping[str, Any]) -> list[str]:
    """The editions that source.yml names: those of the figures most people have."""
    return [",".join(pull_spec["defaults"])]


def queries(options: PullOptions, today: date) -> list[str]:
    """The editions of `--hs`, by the UN's class (`H3`) or by year (`HS2007`).

    Raises:
        QueryError: another option, or no such edition.
    """
    options.only(_PUBLISHER, "--hs")
    options.need("--hs")
    editions = load_source(SOURCE).details["editions"]
    classes = {text: letter for letter, edition in editions.items() for text in (letter, edition)}
    asked = [text.strip().upper() for text in options.hs.split(",")]
    if unknown := [text for text in asked if text not in classes]:
        raise QueryError("--hs", f"{unknown[0]!r} is no edition; there are: {', '.join(classes)}")
    return [",".join(sorted({classes[text] for text in asked}))]


def pull(
    query: str,
    settings: Settings,
    ledger: Ledger,
    progress: Progress | None = None,
    *,
    again: bool = False,
    pull_spec: Mapping[str, Any] | None = None,
) -> PullReport:
    """Fetch the editions' files into the inbox where they have changed since the last time.

    Raises:
        PullError: what came is not such a file, or none came.
    """
    spec = pull_spec if pull_spec is not None else load_source(SOURCE).pull or {}
    publisher = publishers.publisher(SOURCE, spec)
    files = [_file(publisher.base, str(spec["path"]), letter) for letter in query.split(",")]
    return remote.fetch(publisher, query, files, settings, ledger, progress, again=again)


def _file(base: str, path: str, letter: str) -> RemoteFile:
    url = f"{base}/{path.format(classification=letter)}"
    return RemoteFile(letter, url, f"{letter}.json", dated_by_header=True)
