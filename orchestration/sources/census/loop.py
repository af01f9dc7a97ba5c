"""The loop over the calls of one pull of the US Census Bureau, and its tallies.

Belongs here: telling an answer from a page, which calls are halved, storing. Does not belong here: planning a
question (module `query`), how a pull begins and ends (`pull`), retries (`http`), the journal (`journal`).
"""

import hashlib
import json
import re
import tempfile
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from orchestration import archive, clock, collect, http, manifest
from orchestration.http_text import words
from orchestration.journal import Journal, PartRecord, State
from orchestration.ledger import Ledger
from orchestration.publishers import Publisher
from orchestration.pulls import Progress, PullError, PullProgress, PullReport
from orchestration.settings import Settings
from orchestration.sources.census.query import Query, split

SOURCE = "census"
KEY = "CENSUS_API_KEY"
_TOO_LARGE = {413, 414}
_EMPTY = hashlib.sha256(b"").hexdigest()


class _BadAnswer(Exception):
    """One call failed; the others may still succeed."""


class _TooLarge(Exception):
    """The answer or its address is too large; halves may not be."""


@dataclass
class Work:
    """The loop over the calls of one pull, and its tallies."""

    publisher: Publisher
    key: str = field(repr=False)
    fields: Mapping[str, list[str]]
    settings: Settings
    ledger: Ledger
    journal: Journal
    progress: Progress | None
    report: PullReport = field(default_factory=lambda: PullReport(0, 0, 0, 0, 0))
    failures: list[str] = field(default_factory=list)

    def count_request(self) -> None:
        """One more request went out."""
        self._count(requests=1)

    def run(self, client: httpx.Client, work: list[Query]) -> None:
        """Ask every call that this pull has not dealt with before.

        Raises:
            http.Unreachable, http.Refused: the publisher, not one call; the rest is not asked.
        """
        states = self.journal.states()
        waiting, done = deque(work), 0
        while waiting:
            part = waiting.popleft()
            state = states.get(part.key)
            if state == "split":
                waiting.extendleft(reversed(split(part)))
                continue
            if state in ("stored", "unchanged"):
                self._count(already=1)
                message = "there already"
            else:
                halves, message = self._ask(client, part)
                waiting.extendleft(reversed(halves))
                if halves:
                    continue
            done += 1
            if self.progress:
                self.progress(PullProgress(SOURCE, done, done + len(waiting), f"{part.label}: {message}"))

    def _ask(self, client: httpx.Client, part: Query) -> tuple[list[Query], str]:
        """Ask one call; the halves to ask instead where it is too large, and a word on it."""
        before = self.report.requests
        url, params = (
            f"{self.publisher.base}/data/timeseries/intltrade/{part.flow}s/hs",
            part.params(self.fields),
        )
        kept_url = str(httpx.URL(url, params=params))
        try:
            try:
                body = http.get(
                    client, url, params | {"key": self.key}, {}, self.publisher.policy, secrets=[self.key]
                )
            except http.Refused as error:
                if error.status in _TOO_LARGE or str(error).startswith("sent more than"):
                    raise _TooLarge(str(error)) from None
                raise
            digest, count = self._read(body)
        except _TooLarge as error:
            if halves := split(part):
                self._record(part, "split", kept_url, before)
                return halves, "split"
            return [], self._fail(part, kept_url, before, str(error))
        except _BadAnswer as error:
            return [], self._fail(part, kept_url, before, str(error))
        except (http.Unreachable, http.Refused) as error:
            self._fail(part, kept_url, before, str(error))
            raise
        return [], self._keep(part, kept_url, before, body, digest, count)

    def _read(self, body: bytes) -> tuple[str, int]:
        """Digest of the rows whatever their order, and their number; an answer of no bytes has none."""
        if not body:
            return _EMPTY, 0
        if self.key.encode() in body:
            raise _BadAnswer("the answer repeats the access key, so it was not kept")
        try:
            rows = json.loads(body)
        except (ValueError, RecursionError):
            said = words(body)
            if re.search(r"\b(invalid|missing)\W+key\b", said, re.IGNORECASE):
                raise http.Refused(f"{said} ({KEY} is wrong or not activated yet)") from None
            raise _BadAnswer(f"the answer is not JSON but says: {said}") from None
        if not (isinstance(rows, list) and rows and all(isinstance(row, list) for row in rows)):
            raise _BadAnswer(f"the answer is no list of rows but says: {words(body)}")
        if any(len(row) != len(rows[0]) for row in rows):
            raise _BadAnswer("the answer has rows of other lengths than its header")
        texts = [json.dumps(rows[0]), *sorted(json.dumps(row) for row in rows[1:])]
        return hashlib.sha256("\n".join(texts).encode()).hexdigest(), len(rows) - 1

    def _keep(self, part: Query, url: str, before: int, body: bytes, digest: str, count: int) -> str:
        """Store an answer unless the last one to this call said the same; then enter it in the journal."""
        last = self.journal.last_answer(part.key)
        self._count(rows=count, empty=int(not count))
        if digest == _EMPTY:
            if last is not None and last["data_digest"] != _EMPTY:
                said = f"{part.label}: had rows before and has none now; what is archived still counts"
                self.report = replace(self.report, warnings=(*self.report.warnings, said))
            self._count(unchanged=1)
            self._record(part, "unchanged", url, before, data_digest=digest)
            return "no data"
        state: State = "stored"
        if last is not None and last["data_digest"] == digest and self._has(last):
            state, sha256, name = "unchanged", last["file_sha256"], last["file_name"]
        else:
            sha256, name = self._store(part, url, body, digest)
        self._count(stored=int(state == "stored"), unchanged=int(state == "unchanged"))
        self._record(part, state, url, before, count, data_digest=digest, file_sha256=sha256, file_name=name)
        return f"{count:,} rows {state}" if count else f"no data, {state}"

    def _has(self, last: Mapping[str, str]) -> bool:
        return collect.is_kept(self.settings, self.ledger, SOURCE, last["file_name"], last["file_sha256"])

    def _store(self, part: Query, url: str, body: bytes, digest: str) -> tuple[str, str]:
        """Put the bytes as received into the inbox, with their manifest."""
        name = f"{part.file_name}-{digest[:10]}_{clock.today():%Y-%m-%d}.json"
        known = manifest.Manifest(source=SOURCE, grade="official", url=url, note="pulled")
        with tempfile.TemporaryDirectory(dir=self.settings.build, prefix="pull-") as scratch:
            path = Path(scratch) / name
            path.write_bytes(body)
            try:
                collect.place(self.settings, self.ledger, path, known)
            except ValueError as error:
                raise PullError(f"{self.publisher.name}: {error}") from None
            return archive.digest(path), name

    def _fail(self, part: Query, url: str, before: int, reason: str) -> str:
        self.failures.append(f"{part.label}: {reason}")
        self._record(part, "failed", url, before, reason=reason)
        return f"failed: {reason}"

    def _record(
        self, part: Query, state: State, url: str, before: int, rows: int = 0, **known: str | None
    ) -> None:
        attempts = self.report.requests - before
        self.journal.record(PartRecord(part.key, state, url, attempts, rows, **known))

    def _count(self, **more: int) -> None:
        self.report = replace(self.report, **{n: getattr(self.report, n) + by for n, by in more.items()})
