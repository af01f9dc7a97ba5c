"""A loopback publisher of whole files: made-up bodies, ETags, and faults on request.

Belongs here: the stand-in. Does not belong here: tests.
"""

import re
from collections import deque

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response


class FakeFiles:
    """Answers a path with its body and, where it has one, its ETag; `faults` are given out first."""

    def __init__(self, server: HTTPServer) -> None:
        """Answer whatever path the server is asked for."""
        self.requests: list[Request] = []
        self.faults: deque[Response] = deque()
        self.bodies: dict[str, bytes] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.base = server.url_for("").rstrip("/")
        server.expect_request(re.compile("/.*")).respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        self.requests.append(request)
        if self.faults:
            return self.faults.popleft()
        path = request.path
        if path not in self.bodies:
            return Response(b"<html><title>Not here</title></html>", status=404)
        headers = self.headers.get(path, {})
        told = (request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since"))
        if any(known and known in headers.values() for known in told):
            return Response(status=304, headers=headers)
        return Response(self.bodies[path], headers=headers, content_type="application/octet-stream")

    @property
    def asked(self) -> list[str]:
        """Paths of the requests so far."""
        return [request.path for request in self.requests]


def cut_file() -> Response:
    """A body that ends before its Content-Length."""
    return Response(iter([b"half a fi"]), headers={"Content-Length": "5000"})
