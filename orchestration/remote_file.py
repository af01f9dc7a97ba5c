"""One file of a publisher: what is known of it before it is fetched, and its way into the inbox.

Belongs here: the description, telling a web page from the file, the manifest. Does not belong here: asking
for it and the journal (`remote`), what the file means (its adapter).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from orchestration import archive, collect, manifest
from orchestration.http_text import ERROR_BYTES, words
from orchestration.journal import State, Version
from orchestration.ledger import Ledger
from orchestration.settings import Settings

_PAGE_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body")
_PAGE_SUFFIXES = {".html", ".htm", ".xls"}  # some publishers' .xls are tables in a page


@dataclass(frozen=True)
class RemoteFile:
    """One file at a publisher.

    `key` names it in the journal and stays the same over its revisions; `name` is what it is called in the
    inbox. `version` is what the listing states of it (a date, an ETag); where it is empty the publisher is
    asked whether the file has changed. `given` are fields of its manifest; with `dated_by_header` the
    `Last-Modified` of the answer is `published` where `given` has none. With `may_be_missing` a 404 is no
    failure.
    """

    key: str
    url: str
    name: str
    version: str = ""
    given: Mapping[str, object] = field(default_factory=dict)
    dated_by_header: bool = False
    may_be_missing: bool = False


def safe_name(name: str) -> str:
    """The name, where it is one: a listing is a stranger's text.

    Raises:
        ValueError: it holds a folder, is hidden, or would pass for a manifest.
    """
    is_plain = name != "" and name.isprintable() and Path(name).name == name and "\\" not in name
    if not is_plain or name.startswith(".") or name.endswith(".yml") or len(name.encode()) > 200:
        raise ValueError(f"{name[:80]!r} is not a file name that we take")
    return name


def place(
    file: RemoteFile, path: Path, version: Version, source: str, settings: Settings, ledger: Ledger
) -> tuple[State, dict[str, str]]:
    """Put a whole download into the inbox: whether it is new to us, and how the journal knows it again.

    Raises:
        ValueError: it is a web page, or something that must be known of it is not.
        ReadingError: it is an archive that is not safe to open.
    """
    _refuse_page(path)
    given = dict(file.given)
    if file.dated_by_header and not given.get("published"):
        given["published"] = _day(version.last_modified)
    fields = {"source": source, "grade": "official", "note": "pulled", "url": file.url} | given
    digest = archive.digest(path)
    placed = collect.place(settings, ledger, path, manifest.build(file.name, **fields))
    state: State = "stored" if any(each.outcome == "placed" for each in placed) else "unchanged"
    first = placed[0]
    return state, {"data_digest": digest, "file_sha256": first.sha256, "file_name": first.name}


def _refuse_page(path: Path) -> None:
    with path.open("rb") as stream:
        head = stream.read(ERROR_BYTES)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if path.suffix.lower() not in _PAGE_SUFFIXES and start.startswith(_PAGE_STARTS):
        raise ValueError(f"the answer is a web page and not the file; it says: {words(head)}")


def _day(header: str | None) -> date | None:
    """The day of a `Last-Modified`; None where there is none, or one that is still to come."""
    try:
        moment = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    day = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).date()
    return day if day <= datetime.now(UTC).date() else None
