"""A loopback publisher that answers as UN Comtrade does: made-up rows, a cap, and faults on request.

Belongs here: the stand-in and the settings that go with it. Does not belong here: tests.
"""

import json
import re
from collections import deque
from collections.abc import Callable
from itertools import product
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
CAP = 6
KEYED_CAP = 50
RELEASES_CAP = 40
RELEASED = "2023-05-04T01:13:58.7"
PULL: dict[str, Any] = {
    "base_url": "https://comtradeapi.un.org",
    "every_hours": 20,
    "preview": {"path": "public/v1/preview", "cap": CAP},
    "keyed": {"path": "data/v1/get", "cap": KEYED_CAP},
    "releases": {"path": "public/v1/getDa", "cap": RELEASES_CAP},
    "periods_per_call": 12,
    "codes_per_call": 100,
    "parameters": {"motCode": "0"},
    "policy": {
        "attempts": 3,
        "wait_initial": 0.01,
        "wait_max": 0.02,
        "wait_jitter": 0,
        "retry_after_max": 0.3,
        "connect_timeout": 2,
        "read_timeout": 2,
        "min_interval": 0,
    },
    "defaults": [{"reporter": ["CN"], "partner": ["RU"], "flow": "X", "hs": ["8806"], "months": 3}],
}
Row = dict[str, Any]


def made_up_rows(request: Request) -> list[Row]:
    """One row for each cell of the query: its value is the sum of its codes, so that any mix-up shows."""
    asked = [request.args[name].split(",") for name in ("reporterCode", "partnerCode", "cmdCode", "period")]
    return [
        {
            "period": period,
            "reporterCode": int(reporter),
            "partnerCode": int(partner),
            "cmdCode": code,
            "flowCode": request.args["flowCode"],
            "primaryValue": int(period) + int(partner) + int(code),
        }
        for reporter, partner, code, period in product(*asked)
    ]


def made_up_release(reporter: str, period: str, last: str = RELEASED, checksum: int = 1) -> Row:
    """One row of the list of releases, with the names of the real one that matter."""
    return {
        "typeCode": "C",
        "freqCode": "M",
        "period": int(period),
        "reporterCode": int(reporter),
        "classificationCode": "H6",
        "classificationSearchCode": "HS",
        "totalRecords": 300,
        "datasetChecksum": checksum,
        "firstReleased": "2023-03-02T21:27:01.16",
        "lastReleased": last,
    }


class FakeComtrade:
    """Answers every path; `faults` are given out first, then rows cut at the request's `maxRecords`.

    The list of releases is apart from that: `releases` is what it names, or an answer to give instead. As it
    stands it names nothing, which says nothing of an answer that has rows.
    """

    def __init__(self, server: HTTPServer) -> None:
        """Answer whatever path the server is asked for."""
        self.requests: list[Request] = []
        self.asked_releases: list[Request] = []
        self.releases: list[Row] | Callable[[], Response] = []
        self.faults: deque[Response] = deque()
        self.rows: Callable[[Request], list[Row]] = made_up_rows
        self.base = server.url_for("").rstrip("/")
        server.expect_request(re.compile("/.*")).respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        if "/getDa/" in request.path:
            self.asked_releases.append(request)
            return self.releases() if callable(self.releases) else envelope(self.releases)
        self.requests.append(request)
        if self.faults:
            return self.faults.popleft()
        rows = self.rows(request)[: int(request.args["maxRecords"])]
        return envelope(rows, f"{len(self.requests) / 100} secs")

    def asked(self, name: str) -> list[str]:
        """One parameter of every request so far."""
        return [request.args[name] for request in self.requests]


def envelope(rows: list[Row], elapsed: str = "0.01 secs") -> Response:
    """An answer around rows."""
    answer = {"elapsedTime": elapsed, "count": len(rows), "data": rows, "error": ""}
    return Response(json.dumps(answer), content_type="application/json")


def cut_body() -> Response:
    """A body that ends before its Content-Length."""
    return Response(
        iter([b'{"data": [']), headers={"Content-Length": "5000"}, content_type="application/json"
    )
