"""An answer of UN Comtrade: reading its envelope, and putting it, as received, into the inbox.

Belongs here: what makes an answer unusable or cut, when two answers say the same, the file and its sidecar.
Does not belong here: asking (module `pull`), what the rows mean (module `adapter`), release dates (module
`releases`).
"""

import hashlib
import json
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from orchestration import archive, manifest
from orchestration.http_text import words
from orchestration.sources.comtrade.query import Query

Rows = list[dict[str, Any]]


class BadAnswer(Exception):
    """One part failed; the others may still succeed."""


def read(body: bytes, cap: int, key: str = "") -> tuple[Rows, bool]:
    """The rows of an answer, and whether it is cut at `cap` rows.

    Raises:
        BadAnswer: no JSON, an error message, something that is no row, or an answer that repeats `key`.
    """
    if key and key.encode() in body:
        raise BadAnswer("the answer repeats the access key, so it was not kept")
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise BadAnswer(f"the answer is not JSON but says: {words(body)}") from None
    rows = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(rows, list) or answer.get("error") or "statusCode" in answer:
        raise BadAnswer(f"the answer is an error: {words(body)}")
    if not all(isinstance(row, dict) for row in rows):
        raise BadAnswer("the answer holds something that is not a row")
    count = answer.get("count")
    claimed = count if isinstance(count, int) else len(rows)
    return rows, max(claimed, len(rows)) >= cap or claimed > len(rows)


def digest(rows: Rows) -> str:
    """SHA-256 of the rows whatever their order and the order of their keys."""
    texts = sorted(json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":")) for row in rows)
    return hashlib.sha256("\n".join(texts).encode("utf-8", "surrogatepass")).hexdigest()


def place(folder: Path, part: Query, url: str, body: bytes, data: str, published: date | None) -> Path:
    """Write the bytes as received, sidecar first: a file under its final name is whole and described.

    `data` is the digest of the rows; `published` the day of the release they are of, where it is known.
    """
    folder.mkdir(parents=True, exist_ok=True)
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    path = folder / f"{part.file_stem}_{today}_{part.digest[:6]}-{data[:10]}.json"
    known = manifest.Manifest(
        source="comtrade", grade="official", url=url, note="pulled", published=published
    )
    manifest.write(path, known)
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as stream:
        stream.write(body)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)
    archive.sync_folder(folder)
    return path
