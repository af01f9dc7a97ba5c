"""The loop over the parts of one pull of UN Comtrade, and its tallies.

Belongs here: which parts need no asking, what becomes of an answer, the progress lines. Does not belong here:
planning (modules `query` and `plan`), the list of releases (`releases`), reading and storing an answer
(`answers`), retries (`http`), the journal's tables (`journal`).
"""

import hashlib
from collections import deque
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

import httpx

from orchestration import clock, http
from orchestration.collect import is_kept
from orchestration.http_text import redact
from orchestration.journal import Journal, PartRecord, State, Version
from orchestration.ledger import Ledger
from orchestration.pulls import Progress, PullProgress, PullReport
from orchestration.settings import Settings
from orchestration.sources.comtrade import answers, releases
from orchestration.sources.comtrade.plan import split
from orchestration.sources.comtrade.query import Query
from orchestration.sources.comtrade.service import PUBLISHER, Service

SOURCE = "comtrade"
_SPLIT = "split "  # before the version of a part whose answer was cut: its halves hold that release


class Puller:
    """One pull of one query; `failures` says which parts failed and why."""

    def __init__(
        self,
        query: Query,
        asked: Service,
        settings: Settings,
        ledger: Ledger,
        journal: Journal,
        progress: Progress | None = None,
        again: bool = False,
    ) -> None:
        """Nothing is asked yet; `again` asks for parts of which nothing was released as well."""
        self._query, self._asked, self._settings, self._ledger = query, asked, settings, ledger
        self._journal, self._progress, self._again = journal, progress, again
        self._requests = self._stored = self._unchanged = self._empty = self._rows = self._already = 0
        self._waiting: deque[Query] = deque()
        self._done = 0
        self.failures: list[str] = []

    def count_request(self) -> None:
        """One more request went out."""
        self._requests += 1

    def report(self) -> PullReport:
        """What came of it so far."""
        return PullReport(
            self._stored, self._unchanged, self._empty, self._requests, self._rows, already=self._already
        )

    def run(self, client: httpx.Client, work: list[Query]) -> None:
        """Deal with every part that this pull has not dealt with before.

        Raises:
            http.Unreachable, http.Refused: the publisher, not one part; the rest is not asked for.
        """
        self._client = client
        states = self._journal.states()
        self._waiting.extend(work)
        while self._waiting:
            part = self._waiting[0]
            state = states.get(part.key)
            halves: list[Query] = []
            if state == "split":
                halves = split(part)
            elif state in ("stored", "unchanged"):
                self._already += 1
                message = "there already"
            else:
                halves, message = self._nothing_new(part) or self._ask(part)
            self._waiting.popleft()
            if halves:
                self._waiting.extendleft(reversed(halves))
                continue
            self._done += 1
            self._tell(f"{part.label}: {message}")

    def _tell(self, message: str) -> None:
        if self._progress:
            self._progress(PullProgress(SOURCE, self._done, self._done + len(self._waiting), message))

    @cached_property
    def _releases(self) -> releases.Releases | None:
        """What the publisher has released: asked once, before the first part that is not there yet."""
        try:
            return releases.ask(self._client, self._asked, self._query)
        except releases.Unknown as error:
            self._tell(f"{PUBLISHER} does not say what was released since ({error}); all is asked for")
            return None

    def _version(self, part: Query) -> str:
        return self._releases.version(part) if self._releases else ""

    def _nothing_new(self, part: Query) -> tuple[list[Query], str] | None:
        """What stands for asking where nothing of a part was released since: its halves, or a word."""
        version = self._version(part)
        had = self._journal.version(part.key)
        if self._again or not version or had is None:
            return None
        if had.version == _SPLIT + version:
            return self._halve(part, 0), "split"
        last = self._journal.last_answer(part.key)
        if had.version != version or last is None or not self._has(last):
            return None
        self._enter(part, "unchanged", 0, last, had)
        return [], "nothing released since, not asked"

    def _has(self, last: Mapping[str, Any]) -> bool:
        return is_kept(self._settings, self._ledger, SOURCE, last["file_name"], last["file_sha256"])

    def _url(self, part: Query) -> str:
        return str(httpx.URL(self._asked.url(part), params=self._asked.params(part)))

    def _ask(self, part: Query) -> tuple[list[Query], str]:
        """Ask for one part; the halves to ask for instead where the answer was cut, and a word on it."""
        before = self._requests
        url, params = self._asked.url(part), self._asked.params(part)
        try:
            body = http.get(self._client, url, params, self._asked.headers, self._asked.policy)
            rows, is_cut = answers.read(body, self._asked.cap, self._asked.key)
            if is_cut and split(part):
                return self._halve(part, self._requests - before), "split"
            if is_cut:
                raise answers.BadAnswer(
                    f"the answer is cut at the cap of {self._asked.cap:,} rows and cannot be split further;"
                    " ask for fewer codes (four or six digits instead of a group) or set COMTRADE_API_KEY"
                )
        except (http.Unreachable, http.Refused, answers.BadAnswer) as error:
            reason = redact(str(error), [*self._asked.headers.values()])
            attempts = self._requests - before
            self._journal.record(PartRecord(part.key, "failed", self._url(part), attempts, reason=reason))
            if not isinstance(error, answers.BadAnswer):
                raise
            self.failures.append(f"{part.label}: {reason}")
            return [], f"failed: {reason}"
        return [], self._keep(part, body, rows, self._requests - before)

    def _halve(self, part: Query, attempts: int) -> list[Query]:
        version = self._version(part)
        record = PartRecord(part.key, "split", self._url(part), attempts)
        self._journal.record(record, Version(_SPLIT + version if version else ""))
        return split(part)

    def _keep(self, part: Query, body: bytes, rows: answers.Rows, attempts: int) -> str:
        """Store an answer unless the last one to this part said the same."""
        known = self._releases if self._releases and self._releases.explain(rows) else None
        version = Version(known.version(part) if known else "")
        data, last = answers.digest(rows), self._journal.last_answer(part.key)
        is_same = last is not None and last["data_digest"] == data
        if last and is_same and self._has(last):
            return self._enter(part, "unchanged", attempts, last, version)
        published = known.published(part) if known else None
        if published and not self._is_vintage(published, None if is_same else last):
            published = None
        path = answers.place(self._settings.inbox / SOURCE, part, self._url(part), body, data, published)
        sha256 = hashlib.sha256(body).hexdigest()
        kept = {"data_digest": data, "file_sha256": sha256, "file_name": path.name, "rows": len(rows)}
        return self._enter(part, "stored", attempts, kept, version)

    def _is_vintage(self, published: date, before: Mapping[str, Any] | None) -> bool:
        """Whether a release can be what an answer holds.

        Not one still to come, and not one that was out when another answer came: that would stay the newer.
        """
        oldest = str(before["fetched_at"])[:10] if before else ""
        return oldest <= published.isoformat() <= clock.today().isoformat()

    def _enter(
        self, part: Query, state: State, attempts: int, kept: Mapping[str, Any], version: Version
    ) -> str:
        """Enter an answer in the journal; a word on it."""
        rows = int(kept["rows"])
        self._stored += state == "stored"
        self._unchanged += state == "unchanged"
        self._rows += rows
        self._empty += not rows
        names = (kept[name] for name in ("data_digest", "file_sha256", "file_name"))
        self._journal.record(PartRecord(part.key, state, self._url(part), attempts, rows, *names), version)
        return f"{rows:,} rows {state}" if rows else f"no data, {state}"
