"""Asking UN Comtrade for what is new.

Belongs here: one pull from its settings to its report, and how it ends. Does not belong here: the loop over
the parts (module `loop`), planning a query (`query` and `plan`), endpoints and the key (`service`), what the
rows mean (`adapter`).
"""

from collections.abc import Mapping
from typing import Any

from orchestration import http
from orchestration.journal import Journal
from orchestration.ledger import Ledger
from orchestration.pulls import Progress, PublisherUnreachable, PullError, PullReport
from orchestration.settings import Settings
from orchestration.sources import load_source
from orchestration.sources.comtrade.countries import comtrade_code as comtrade_code
from orchestration.sources.comtrade.loop import SOURCE, Puller
from orchestration.sources.comtrade.plan import default_queries as default_queries
from orchestration.sources.comtrade.plan import parts as parts
from orchestration.sources.comtrade.plan import split as split
from orchestration.sources.comtrade.query import Query as Query
from orchestration.sources.comtrade.query import QueryError as QueryError
from orchestration.sources.comtrade.query import parse_query as parse_query
from orchestration.sources.comtrade.query import queries as queries
from orchestration.sources.comtrade.service import PUBLISHER, service


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

    A part of which nothing was released since its last answer is not asked for, unless `again`. A part that
    fails does not stop the others; a publisher that cannot be reached or refuses us does. What was stored
    stays, and the next pull of the same query asks for the rest only. `pull_spec` is the `pull` section of
    source.yml unless given.

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
    puller = Puller(query, asked, settings, ledger, journal, progress, again)
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
