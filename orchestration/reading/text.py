"""Which encoding a text file is really in, and opening it so that no byte stops the reader.

Belongs here: decisions about bytes and characters. Does not belong here: lines, records and delimiters
(`delimited.py`), and compression (`unpack.py`): a file is unpacked before it gets here.
"""

import codecs
import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

REPLACEMENT = "\ufffd"
CHUNK_BYTES = 1 << 20
# The four-byte marks come first: the UTF-32 mark starts with the UTF-16 one.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ESCAPE_BYTES = "dualuse-escape-bytes"


class Encoding(NamedTuple):
    """How a file is to be decoded.

    Attributes:
        name: A Python codec name, never one that looks for a byte order mark itself.
        bom: The file starts with a byte order mark, which `open_text` skips.
        lossy: Some bytes decode in no candidate; `open_text` turns them into lone surrogates.
        replacement_count: How often U+FFFD stands in the text: data lost before the file reached us.
    """

    name: str
    bom: bool
    lossy: bool
    replacement_count: int


def _escape_bytes(error: UnicodeError) -> tuple[str, int]:
    """Map each undecodable byte to U+DC00 + byte.

    The same as `surrogateescape` for bytes from 0x80 on. That handler gives up on lower bytes, which stand
    in what UTF-16 and GB18030 cannot decode (a file cut in the middle of a character).
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(_ESCAPE_BYTES, _escape_bytes)


def detect_encoding(path: Path, candidates: Sequence[str]) -> Encoding:
    """Find the first candidate that decodes the whole file.

    Decided on all the bytes, in chunks of 1 MiB, never on a declaration or the first kilobytes: real files
    carry a UTF-8 mark over a Latin-1 body, and the first odd byte can stand at row 176. After a UTF-8 mark
    UTF-8 is tried first, then the candidates on what follows the mark. A UTF-16 or UTF-32 mark decides.

    Args:
        path: The file. An empty one is in the first candidate.
        candidates: Codec names in order of preference. Single-byte codecs decode nearly everything, so they
            come last.

    Returns:
        The encoding; if nothing decodes everything, the last candidate with `lossy` set.

    Raises:
        ValueError: No candidates.
        LookupError: A candidate is not a codec.
    """
    if not candidates:
        raise ValueError("detect_encoding needs at least one candidate")
    with path.open("rb") as stream:
        head = stream.read(4)
    mark, marked = next(((mark, name) for mark, name in _MARKS if head.startswith(mark)), (b"", ""))
    names = [name.lower().replace("utf-8-sig", "utf-8") for name in candidates]
    if marked == "utf-8":
        names = [marked, *names]
    elif marked:
        names = [marked]
    for name in names:
        count = _replacements(path, name, skip=len(mark), errors="strict")
        if count is not None:
            return Encoding(name, bool(mark), False, count)
    count = _replacements(path, names[-1], skip=len(mark), errors=_ESCAPE_BYTES)
    return Encoding(names[-1], bool(mark), True, count or 0)


def open_text(path: Path, encoding: Encoding) -> TextIO:
    """Open a file for reading in a detected encoding, line ends untouched (`newline=""`).

    After a lossy detection undecodable bytes arrive as lone surrogates, U+DC00 + byte, so that
    `delimited.read_records` can set aside the records that hold them.
    """
    stream = path.open("rb")
    if encoding.bom:
        # A body under a mark that is not its own stands under a UTF-8 one.
        stream.seek(next((len(mark) for mark, name in _MARKS if name == encoding.name), len(codecs.BOM_UTF8)))
    errors = _ESCAPE_BYTES if encoding.lossy else "strict"
    return io.TextIOWrapper(stream, encoding=encoding.name, errors=errors, newline="")


def _replacements(path: Path, name: str, skip: int, errors: str) -> int | None:
    """Count U+FFFD in the decoded text after `skip` bytes; None if it does not decode."""
    decoder = codecs.getincrementaldecoder(name)(errors)
    count = 0
    try:
        with path.open("rb") as stream:
            stream.seek(skip)
            while chunk := stream.read(CHUNK_BYTES):
                count += decoder.decode(chunk).count(REPLACEMENT)
        return count + decoder.decode(b"", True).count(REPLACEMENT)
    except UnicodeDecodeError:
        return None
