"""Asking UN Comtrade and putting its answers, as received, into the inbox.

Belongs here: the loop over parts, reading the envelope, telling an answer that was cut at the cap, storing.
Does not belong here: planning a query (module `query`), endpoints and the key (module `service`), retries
(`http`), the journal (`pulls`), what the rows mean (module `adapter`).
"""

import hashlib
import json
import os
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from orchestration import archive, http, manifest
from orchestration.http_text import redact, words
from orchestration.journal import Journal, PartRecord, State
from orchestration.ledger import Ledger
from orchestration.pulls import (
    Progress,
    PublisherUnreachable,
    PullError,
    PullProgress,
    PullReport,
)
from orchestration.settings import Settings
from orchestration.sources import load_source
from orchestration.sources.comtrade.countries import comtrade_code as comtrade_code
from orchestration.sources.comtrade.plan import default_queries as default_queries
from orchestration.sources.comtrade.plan import parts as parts
from orchestration.sources.comtrade.plan import split
from orchestration.sources.comtrade.query import Query as Query
from orchestration.sources.comtrade.query import QueryError as QueryError
from orchestration.sources.comtrade.query import parse_query as parse_query
from orchestration.sources.comtrade.query import queries as queries
from orchestration.sources.comtrade.service import PUBLISHER, Service, service

SOURCE = "comtrade"


class _BadAnswer(Exception):
    """One part failed; the others may still succeed."""


def pull(
    query: Query,
    settings: Settings,
    ledger: Ledger,
    progress: Progress | None = None,
    *,
    again: bool = False,
    pull_spec: Mapping[str, Any] | None = None,
) -> PullReport:
    """Ask for a query part by part; answers that are new go to `inbox/comtrade`, each with its sidecar.

    A part that fails does not stop the others; a publisher that cannot be reached or refuses us does. What
    was stored stays, and the next pull of the same query asks for the rest only. `pull_spec` is the `pull`
    section of source.yml unless given.

    Raises:
        PublisherUnreachable: no usable answer in all attempts.
        PullError: parts failed, or the environment's settings cannot be used.
    """
    spec = pull_spec if pull_spec is not None else load_source(SOURCE).pull
    if spec is None:
        raise PullError(f"{PUBLISHER}: source.yml has no pull section")
    asked = service(spec)
    journal = Journal(ledger, SOURCE, query.digest, query.key, float(spec["every_hours"]), again)
    work = parts(query, int(spec["periods_per_call"]), int(spec["codes_per_call"]))
    puller = _Puller(asked, settings, ledger, journal, progress)
    try:
        with http.make_client(asked.base, asked.policy, puller.count_request) as client:
            puller.run(client, work)
    except http.Unreachable as error:
        journal.close("failed")
        raise PublisherUnreachable(f"{PUBLISHER} could not be reached: {error}") from None
    except http.Refused as error:
        journal.close("failed")
        raise PullError(f"{PUBLISHER} refused: {error}") from None
    if puller.failures:
        journal.close("failed")
        more = f" (and {len(puller.failures) - 1} more parts failed)" if len(puller.failures) > 1 else ""
        raise PullError(f"{PUBLISHER}: {puller.failures[0]}{more}")
    journal.close("done")
    return puller.report()


class _Puller:
    """The loop over the parts of one pull, and its tallies."""

    def __init__(
        self, asked: Service, settings: Settings, ledger: Ledger, journal: Journal, progress: Progress | None
    ) -> None:
        self._asked, self._settings, self._ledger = asked, settings, ledger
        self._journal, self._progress = journal, progress
        self._requests = self._stored = self._unchanged = self._empty = self._rows = self._already = 0
        self.failures: list[str] = []

    def count_request(self) -> None:
        self._requests += 1

    def report(self) -> PullReport:
        return PullReport(
            self._stored, self._unchanged, self._empty, self._requests, self._rows, already=self._already
        )

    def run(self, client: httpx.Client, work: list[Query]) -> None:
        states = self._journal.states()
        waiting, done = deque(work), 0
        while waiting:
            part = waiting.popleft()
            state = states.get(part.key)
            if state == "split":
                waiting.extendleft(reversed(split(part)))
                continue
            if state in ("stored", "unchanged"):
                self._already += 1
                message = "there already"
            else:
                halves, message = self._ask(client, part)
                if halves:
                    waiting.extendleft(reversed(halves))
                    continue
            done += 1
            if self._progress:
                self._progress(PullProgress(SOURCE, done, done + len(waiting), f"{part.label}: {message}"))

    def _ask(self, client: httpx.Client, part: Query) -> tuple[list[Query], str]:
        """Ask for one part; the halves to ask for instead where the answer was cut, and a word on it."""
        before = self._requests
        url, params = self._asked.url(part), self._asked.params(part)
        full_url = str(httpx.URL(url, params=params))
        try:
            body = http.get(client, url, params, self._asked.headers, self._asked.policy)
            rows, is_cut = self._read(body)
            if is_cut and (halves := split(part)):
                self._journal.record(PartRecord(part.key, "split", full_url, self._requests - before))
                return halves, "split"
            if is_cut:
                raise _BadAnswer(
                    f"the answer is cut at the cap of {self._asked.cap:,} rows and cannot be split further;"
                    " ask for fewer codes (four or six digits instead of a group) or set COMTRADE_API_KEY"
                )
        except (http.Unreachable, http.Refused, _BadAnswer) as error:
            reason = redact(str(error), [*self._asked.headers.values()])
            self._journal.record(
                PartRecord(part.key, "failed", full_url, self._requests - before, reason=reason)
            )
            if not isinstance(error, _BadAnswer):
                raise
            self.failures.append(f"{part.label}: {reason}")
            return [], f"failed: {reason}"
        return [], self._keep(part, full_url, body, rows, self._requests - before)

    def _read(self, body: bytes) -> tuple[list[dict[str, Any]], bool]:
        """The rows of an answer and whether it is cut."""
        if self._asked.key and self._asked.key.encode() in body:
            raise _BadAnswer("the answer repeats the access key, so it was not kept")
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            raise _BadAnswer(f"the answer is not JSON but says: {words(body)}") from None
        rows = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(rows, list) or answer.get("error") or "statusCode" in answer:
            raise _BadAnswer(f"the answer is an error: {words(body)}")
        if not all(isinstance(row, dict) for row in rows):
            raise _BadAnswer("the answer holds something that is not a row")
        count = answer.get("count")
        claimed = count if isinstance(count, int) else len(rows)
        return rows, max(claimed, len(rows)) >= self._asked.cap or claimed > len(rows)

    def _keep(self, part: Query, url: str, body: bytes, rows: list[dict[str, Any]], attempts: int) -> str:
        """Store an answer unless the last one to this part said the same; then enter it in the journal."""
        data = _digest(rows)
        last = self._journal.last_answer(part.key)
        self._rows += len(rows)
        self._empty += not rows
        if last is not None and last["data_digest"] == data and self._is_there(last):
            self._unchanged += 1
            state: State = "unchanged"
            sha256, name = last["file_sha256"], last["file_name"]
        else:
            self._stored += 1
            state = "stored"
            sha256, name = self._store(part, url, body, data)
        self._journal.record(PartRecord(part.key, state, url, attempts, len(rows), data, sha256, name))
        return f"{len(rows):,} rows {state}" if rows else f"no data, {state}"

    def _is_there(self, last: Mapping[str, Any]) -> bool:
        """Whether the earlier answer still exists: archived, or waiting in the inbox."""
        if (self._settings.inbox / SOURCE / str(last["file_name"])).is_file():
            return True
        return bool(self._ledger.rows("select 1 from files where sha256 = ?", (last["file_sha256"],)))

    def _store(self, part: Query, url: str, body: bytes, data: str) -> tuple[str, str]:
        """Write the bytes as received, sidecar first: a file under its final name is whole and described."""
        folder = self._settings.inbox / SOURCE
        folder.mkdir(parents=True, exist_ok=True)
        today = datetime.now(UTC).strftime("%Y-%m-%d")
        path = folder / f"{part.file_stem}_{today}_{part.digest[:6]}-{data[:10]}.json"
        manifest.write(path, manifest.Manifest(source=SOURCE, grade="official", url=url, note="pulled"))
        partial = path.with_name(f".{path.name}.partial")
        with partial.open("wb") as stream:
            stream.write(body)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
        archive.sync_folder(folder)
        return hashlib.sha256(body).hexdigest(), path.name


def _digest(rows: list[dict[str, Any]]) -> str:
    """SHA-256 of the rows whatever their order and the order of their keys."""
    texts = sorted(json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":")) for row in rows)
    return hashlib.sha256("\n".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
