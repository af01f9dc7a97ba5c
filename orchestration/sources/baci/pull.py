"""Fetching releases of BACI, each one zip of all its years.

Belongs here: which releases, and where they stand. Does not belong here: asking and the inbox (`remote`),
what the files mean (`adapter`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from orchestration import remote
from orchestration.ledger import Ledger
from orchestration.publishers import publisher
from orchestration.pulls import Progress, PullError, PullOptions, PullReport
from orchestration.remote import RemoteFile
from orchestration.settings import Settings
from orchestration.sources import load_source
from orchestration.sources.baci.release import Release, release_of

SOURCE = "baci"


@dataclass(frozen=True)
class Query:
    """Some releases."""

    releases: tuple[Release, ...]

    @property
    def key(self) -> str:
        """The same for the same question."""
        return ",".join(map(str, self.releases))


def default_queries(today: date, pull_spec: Mapping[str, Any]) -> list[Query]:
    """The releases that source.yml wants kept, if any.

    Raises:
        PullError: source.yml names something that is no release.
    """
    return _queries(pull_spec["defaults"])


def queries(options: PullOptions, today: date) -> list[Query]:
    """The releases that source.yml names; a release comes whole, so there is nothing to choose from.

    Raises:
        PullError: an option was given.
    """
    options.only("BACI, whose releases come whole (source.yml names which)")
    return _queries(_spec()["releases"])


def pull(
    query: Query,
    settings: Settings,
    ledger: Ledger,
    progress: Progress | None = None,
    *,
    again: bool = False,
    pull_spec: Mapping[str, Any] | None = None,
) -> PullReport:
    """Fetch the releases that we have not; their years go to the inbox, each with its manifest.

    A release never changes under its number, so that it is asked for once. `pull_spec` is the `pull` section
    of source.yml unless given.

    Raises:
        PublisherUnreachable: no usable answer in all attempts.
        PullError: the publisher refuses, or a release failed.
    """
    spec = pull_spec if pull_spec is not None else _spec()
    asked = publisher(SOURCE, spec)
    files = [_file(f"{asked.base}/{spec['path'].format(release=r)}", r) for r in query.releases]
    return remote.fetch(asked, query.key, files, settings, ledger, progress, again=again)


def _file(url: str, release: Release) -> RemoteFile:
    name = f"BACI_{release}.zip"
    given = {"published": release.published}
    return RemoteFile(key=name, url=url, name=name, version=release.number, given=given)


def _queries(texts: list[str]) -> list[Query]:
    try:
        releases = tuple(release_of(text) for text in texts)
    except ValueError as error:
        raise PullError(f"source.yml of {SOURCE}: {error}") from None
    return [Query(releases)] if releases else []


def _spec() -> Mapping[str, Any]:
    return load_source(SOURCE).pull or {}
