"""Rows of a JSON answer: a list of flat objects, bare or in an envelope, or a list of lists of cells.

Belongs here: what a row is, and handing it out without changing a digit. Does not belong here: stepping
through the text (`jsonstream`), fetching it, paging, and what an API's error text means.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestration.reading import ReadingError
from orchestration.reading.jsonstream import members

MAX_BYTES = 1 << 30


@dataclass(frozen=True)
class Envelope:
    """What an answer says about itself, beside the number of rows it really holds.

    Attributes:
        error: The text under `error`, else under `message`; empty if there is none.
        count: The number under `count`; None if there is none.
        rows: Rows in the list; 0 if there is no list.
    """

    error: str
    count: int | None
    rows: int


def read_objects(
    path: Path, key: str, max_bytes: int = MAX_BYTES
) -> Iterator[tuple[int, dict[str, str | None], str]]:
    """Walk the rows: ordinal from 1, the row, and its exact JSON text.

    Numbers keep their published digits (`1.10` stays `1.10`), booleans become `true` and `false`, null
    becomes None. One row at a time is in memory (an API answer is capped at 250,000 rows, some 300 MB of
    text), beside a buffer of 1 MiB.

    Args:
        path: UTF-8, with or without a byte order mark.
        key: Name of the list in the envelope; without meaning for a bare list.
        max_bytes: Larger files are refused.

    Raises:
        ReadingError: Too large, not UTF-8, broken JSON, no such list, a row that is not a flat object, a
            name twice in one object. Rows before the fault are out by then: drop them.
    """
    number, found = 0, False
    for name, value, raw in members(path, key, max_bytes):
        if name == key and value not in (None, []):
            raise ReadingError(f"{path.name} is JSON, but its {key!r} is no list: {raw[:40]}")
        found = found or name in (None, key)
        if name is None:
            number += 1
            yield number, _flat(value, f"{path.name}: row {number}", raw), raw
    if not found:
        raise ReadingError(f"{path.name} is JSON, but has no list named {key!r}")


def read_arrays(path: Path, max_bytes: int = MAX_BYTES) -> Iterator[tuple[int, tuple[str | None, ...], str]]:
    """Walk the rows of a list of lists: ordinal from 1, the cells, and the row's exact JSON text.

    Cells keep their published digits as in `read_objects`, and one row at a time is in memory.

    Raises:
        ReadingError: Too large, not UTF-8, broken JSON, an envelope, a row that is not a list of single
            values. Rows before the fault are out by then: drop them.
    """
    number = 0
    for name, value, raw in members(path, "", max_bytes):
        if name == "":
            continue
        number += 1
        where = f"{path.name}: row {number}"
        if name is not None or not isinstance(value, list):
            raise ReadingError(f"{where} is not a list but {raw[:40]}")
        cells = tuple(_text(cell, f"{where}, cell {at}") for at, cell in enumerate(value, 1))
        _check_characters(cells, raw, where)
        yield number, cells, raw


def read_envelope(path: Path, key: str = "data", max_bytes: int = MAX_BYTES) -> Envelope:
    """Read what stands around the rows, and count them. Raises `ReadingError` as `read_objects` does."""
    rest: dict[str, object] = {}
    rows = 0
    for name, value, _ in members(path, key, max_bytes):
        if name is None:
            rows += 1
        else:
            rest[name] = value
    count = rest.get("count")
    if count is not None and not (isinstance(count, str) and count.lstrip("-").isdecimal()):
        raise ReadingError(f"{path.name}: its count is {count!r}, which is not a whole number")
    return Envelope(
        str(rest.get("error") or rest.get("message") or ""), None if count is None else int(count), rows
    )


def _flat(value: object, where: str, raw: str) -> dict[str, str | None]:
    if not isinstance(value, dict):
        raise ReadingError(f"{where} is not an object but {raw[:40]}")
    row = {name: _text(cell, f"{where}, {name}") for name, cell in value.items()}
    _check_characters([*row, *row.values()], raw, where)
    return row


def _check_characters(texts: Iterable[str | None], raw: str, where: str) -> None:
    if "\\u" in raw:
        try:
            "".join(filter(None, texts)).encode()
        except UnicodeEncodeError:
            raise ReadingError(f"{where} holds half a surrogate pair, which is no character") from None


def _text(cell: object, where: str) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    raise ReadingError(f"{where} holds a list or an object, where a single value is due")
