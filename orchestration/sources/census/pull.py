"""Asking the US Census Bureau.

Belongs here: one pull from its settings to its report, and how it ends. Does not belong here: the loop over
calls (module `loop`), planning a question (`query`), what the rows mean (`adapter`).

The key (environment `CENSUS_API_KEY`) has to travel as a parameter; it is in no stored address, file, ledger,
log or message.
"""

import os
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from orchestration import http, publishers
from orchestration.journal import Journal
from orchestration.ledger import Ledger
from orchestration.pulls import Progress, PublisherUnreachable, PullError, PullReport
from orchestration.settings import Settings
from orchestration.sources import load_source
from orchestration.sources.census import query as questions
from orchestration.sources.census.loop import KEY, SOURCE, Work
from orchestration.sources.census.query import Query
from orchestration.sources.census.query import parse_query as parse_query
from orchestration.sources.census.query import queries as queries

SIGNUP = "https://api.census.gov/data/key_signup.html"


def default_queries(today: date, pull_spec: Mapping[str, Any]) -> list[Query]:
    """The daily questions; none without a key, so that a refresh does not complain of it every day."""
    return questions.default_queries(today, pull_spec) if os.environ.get(KEY, "").strip() else []


def pull(
    query: Query,
    settings: Settings,
    ledger: Ledger,
    progress: Progress | None = None,
    *,
    again: bool = False,
    pull_spec: Mapping[str, Any] | None = None,
) -> PullReport:
    """Ask call by call; answers that are new go to `inbox/census`, each with its manifest.

    A call that fails does not stop the others; a publisher that cannot be reached or refuses us does. What
    was stored stays, and the next pull of the same question asks for the rest only.

    Raises:
        PublisherUnreachable: no usable answer in all attempts.
        PullError: no key, the publisher refuses, or calls failed.
    """
    spec = pull_spec if pull_spec is not None else load_source(SOURCE).pull or {}
    publisher, key = publishers.publisher(SOURCE, spec), _key()
    publishers.check_base("CENSUS_BASE_URL", publisher.base, with_secret=True)
    settings.build.mkdir(parents=True, exist_ok=True)
    journal = Journal(ledger, SOURCE, query.digest, query.key, publisher.every_hours, again)
    work = Work(publisher, key, spec["fields"], settings, ledger, journal, progress)
    try:
        with http.make_client(publisher.base, publisher.policy, work.count_request) as client:
            work.run(client, questions.parts(query, spec["fields"], int(spec["max_address"])))
    except http.Unreachable as error:
        journal.close("failed")
        raise PublisherUnreachable(f"{publisher.name} could not be reached: {error}") from None
    except http.Refused as error:
        journal.close("failed")
        raise PullError(f"{publisher.name} refused: {error}") from None
    if work.failures:
        journal.close("failed")
        more = f" (and {len(work.failures) - 1} more calls failed)" if len(work.failures) > 1 else ""
        raise PullError(f"{publisher.name}: {work.failures[0]}{more}")
    journal.close("done")
    return work.report


def _key() -> str:
    key = os.environ.get(KEY, "").strip()
    if not key:
        raise PullError(f"{KEY} is not set: the US Census Bureau answers with a key only, free at {SIGNUP}")
    if not re.fullmatch(r"[0-9A-Za-z_-]+", key):
        raise PullError(f"{KEY} holds characters that no key has; copy it again")
    return key
