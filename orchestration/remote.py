"""Pulling whole files: listings, bulk files, lists that are published under one address.

Belongs here: fetching a list of named files where they are new, into the inbox with their manifests. Does not
belong here: one exchange (`http`, `http_file`), what a listing looks like and which of its files are wanted
(`sources/<source>/pull.py`), what a file means (its adapter).
"""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from orchestration import http, remote_file
from orchestration.collect import is_kept
from orchestration.http_file import download
from orchestration.journal import Journal, PartRecord, State, Version
from orchestration.ledger import Ledger
from orchestration.publishers import Publisher
from orchestration.pulls import Progress, PublisherUnreachable, PullError, PullProgress, PullReport
from orchestration.reading import ReadingError
from orchestration.remote_file import RemoteFile as RemoteFile
from orchestration.settings import Settings

_KEPT_OUT = {401, 403, 451}  # said of one file, it holds for all of them


def listing(publisher: Publisher, url: str, params: Mapping[str, str] | None = None) -> bytes:
    """A small answer, such as a listing, in memory.

    Raises:
        PublisherUnreachable: no usable answer in all attempts.
        PullError: the publisher refuses.
    """
    with _as_pull_errors(publisher), http.make_client(url, publisher.policy) as client:
        return http.get(client, url, params or {}, publisher.secret_headers, publisher.policy)


def fetch(
    publisher: Publisher,
    query: str,
    files: Sequence[RemoteFile],
    settings: Settings,
    ledger: Ledger,
    progress: Progress | None = None,
    *,
    again: bool = False,
) -> PullReport:
    """Fetch files that are new or revised; each goes to the inbox whole, with its manifest, or not at all.

    `query` names what was asked for: the same query goes on where it was interrupted, and `again` fetches
    every file anew. A file that fails does not stop the others; a publisher that cannot be reached or keeps
    us out does. What was stored stays.

    Raises:
        PublisherUnreachable: no usable answer in all attempts.
        PullError: the publisher refuses, or files failed.
    """
    settings.build.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(query.encode()).hexdigest()[:16]
    journal = Journal(ledger, publisher.source, digest, query, publisher.every_hours, again)
    work = _Work(publisher, settings, ledger, journal, again, journal.states())
    try:
        with (
            _as_pull_errors(publisher),
            http.make_client(publisher.base, publisher.policy, work.count_request) as client,
        ):
            for done, file in enumerate(files, 1):
                message = work.file(client, file)
                if progress:
                    progress(PullProgress(publisher.source, done, len(files), f"{file.name}: {message}"))
        if work.failures:
            rest = len(work.failures) - 1
            more = f" (and {rest} more failed)" if rest else ""
            raise PullError(f"{publisher.name}: {work.failures[0]}{more}")
    except PullError:
        journal.close("failed")
        raise
    journal.close("done")
    return PullReport(work.stored, work.unchanged, work.missing, work.requests, rows=0, already=work.already)


@contextmanager
def _as_pull_errors(publisher: Publisher) -> Iterator[None]:
    """Errors of an exchange become errors of a pull, which name the publisher."""
    try:
        yield
    except http.Unreachable as error:
        raise PublisherUnreachable(f"{publisher.name} could not be reached: {error}") from None
    except http.Refused as error:
        raise PullError(f"{publisher.name} refused: {error}") from None


@dataclass
class _Work:
    """The loop's state: what this pull has dealt with before, and its tallies."""

    publisher: Publisher
    settings: Settings
    ledger: Ledger
    journal: Journal
    again: bool
    dealt_with: Mapping[str, str]
    stored: int = 0
    unchanged: int = 0
    missing: int = 0
    already: int = 0
    requests: int = 0
    failures: list[str] = field(default_factory=list)

    def count_request(self) -> None:
        self.requests += 1

    def file(self, client: httpx.Client, file: RemoteFile) -> str:
        """Deal with one file; a word on what became of it."""
        had, last = self.journal.version(file.key), self.journal.last_answer(file.key)
        if had is None or last is None or not self._has(last):
            return self._ask(client, file, None, None)
        if had.version == file.version:
            if self.dealt_with.get(file.key) in ("stored", "unchanged"):
                self.already += 1
                return "there already"
            if file.version and not self.again:
                return self._enter(file, "unchanged", 0, last, had)
        return self._ask(client, file, None if file.version or self.again else had, last)

    def _has(self, last: Mapping[str, str]) -> bool:
        name, sha256 = last["file_name"], last["file_sha256"]
        return is_kept(self.settings, self.ledger, self._source, name, sha256)

    @property
    def _source(self) -> str:
        return self.publisher.source

    def _ask(
        self, client: httpx.Client, file: RemoteFile, had: Version | None, last: Mapping[str, str] | None
    ) -> str:
        """Ask for one file, with the version we have where "not modified" would do."""
        before = self.requests
        try:
            with tempfile.TemporaryDirectory(dir=self.settings.build, prefix="pull-") as scratch:
                path = Path(scratch) / remote_file.safe_name(file.name)
                answer = download(
                    client,
                    file.url,
                    path,
                    self.publisher.policy,
                    secret_headers=self.publisher.secret_headers,
                    etag=had.etag if had else None,
                    last_modified=had.last_modified if had else None,
                )
                if not answer.is_new and had and last:
                    return self._enter(file, "unchanged", self.requests - before, last, had)
                version = Version(file.version, answer.etag, answer.last_modified)
                state, kept = remote_file.place(file, path, version, self._source, self.settings, self.ledger)
                return self._enter(file, state, self.requests - before, kept, version)
        except http.Refused as error:
            if error.status == 404 and file.may_be_missing:
                self.missing += 1
                return "not published"
            reason = self._fail(file, str(error), before)
            if error.status in _KEPT_OUT:
                raise
            return reason
        except http.Unreachable as error:
            self._fail(file, str(error), before)
            raise
        except (ReadingError, ValueError) as error:
            return self._fail(file, str(error), before)

    def _enter(
        self, file: RemoteFile, state: State, attempts: int, kept: Mapping[str, str], version: Version
    ) -> str:
        self.stored += state == "stored"
        self.unchanged += state == "unchanged"
        data, sha256, name = (kept[key] for key in ("data_digest", "file_sha256", "file_name"))
        part = PartRecord(file.key, state, file.url, attempts, 0, data, sha256, name)
        self.journal.record(part, version)
        return state

    def _fail(self, file: RemoteFile, reason: str, before: int) -> str:
        self.failures.append(f"{file.name}: {reason}")
        record = PartRecord(file.key, "failed", file.url, self.requests - before, reason=reason)
        self.journal.record(record)
        return f"failed: {reason}"
