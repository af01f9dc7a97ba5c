"""Answers that are files: streamed to disk, whole or not at all, and only where they are new.

Belongs here: one conditional request and its body. Does not belong here: retries and limits (`http`), which
files to ask for and where they go (`remote`).
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from orchestration import http


@dataclass(frozen=True)
class Download:
    """What came of asking for a file: `is_new` is false where the publisher says "not modified"."""

    is_new: bool
    etag: str | None
    last_modified: str | None


def download(
    client: httpx.Client,
    url: str,
    target: Path,
    policy: http.Policy,
    *,
    secret_headers: Mapping[str, str] | None = None,
    etag: str | None = None,
    last_modified: str | None = None,
) -> Download:
    """Write a file to `target`, which is there and whole after this returns a new download.

    `etag` and `last_modified` are those of the bytes we have: with them the publisher may answer that nothing
    has changed. The bytes are kept as sent: no compression in transit is asked for, and a name that ends in
    `.gz` is never unpacked on the way.

    Raises:
        http.Unreachable: 429, 5xx, a cut body or a timeout in every attempt, or twice no connection.
        http.Refused: any other answer that is no success, a foreign redirect, a body above `max_bytes`.
    """
    secrets = secret_headers or {}
    asked = {"Accept": "*/*", "Accept-Encoding": "identity"}
    if etag:
        asked["If-None-Match"] = etag
    if last_modified:
        asked["If-Modified-Since"] = last_modified
    request = client.build_request("GET", url, headers={**asked, **secrets})

    def take(response: httpx.Response) -> Download:
        is_new = response.status_code != httpx.codes.NOT_MODIFIED
        if is_new:
            _write(response, target, policy)
        headers = response.headers
        return Download(is_new, headers.get("ETag"), headers.get("Last-Modified"))

    return http.ask(client, request, policy, [value for value in secrets.values() if value], take)


def _write(response: httpx.Response, target: Path, policy: http.Policy) -> None:
    """The body in blocks; a length that is not the one announced is a failure that may pass."""
    length = response.headers.get("Content-Length", "")
    announced = int(length) if length.isascii() and length.isdigit() else None
    if announced is not None and announced > policy.max_bytes:
        raise http.Refused(f"announces {announced:,} bytes, more than {policy.max_bytes:,} bytes")
    deadline = time.monotonic() + policy.body_timeout
    blocks = response.iter_raw() if target.suffix.lower() == ".gz" else response.iter_bytes()
    written = 0
    with target.open("wb") as stream:
        for block in blocks:
            written += stream.write(block)
            if written > policy.max_bytes:
                raise http.Refused(f"sent more than {policy.max_bytes:,} bytes")
            if time.monotonic() > deadline:
                raise http.Passing(f"the answer took more than {policy.body_timeout:g} s")
    if announced is not None and response.num_bytes_downloaded != announced:
        raise http.Passing(f"sent {response.num_bytes_downloaded:,} of {announced:,} bytes")
