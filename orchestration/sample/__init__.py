"""The bundled synthetic sample: made by a generator, committed under `data/sample`, no real trade in it.

Belongs here: how to recognise and list the sample's files. Does not belong here: how they are made
(`generate` and the modules it calls), or when the sample is shown or set aside (the ledger decides).
"""

import re
from pathlib import Path

SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")


def digests(folder: Path) -> frozenset[str]:
    """SHA-256 digests (64 hex digits) of the sample's data files, however those files arrive.

    Raises:
        FileNotFoundError: the folder has no SHA256SUMS.
        ValueError: a line of SHA256SUMS is not `<hex>  <relative path>`.
    """
    return frozenset(_sums(folder).values())


def files(folder: Path) -> list[Path]:
    """Paths of the sample's data files (no sidecars), in the order of SHA256SUMS.

    Raises:
        FileNotFoundError: the folder has no SHA256SUMS.
        ValueError: a line of SHA256SUMS is not `<hex>  <relative path>`.
    """
    return [folder / relative for relative in _sums(folder)]


def _sums(folder: Path) -> dict[str, str]:
    sums: dict[str, str] = {}
    path = folder / SUMS
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        match = _LINE.fullmatch(line)
        if not match:
            raise ValueError(f"{path}: line {number} is not a SHA-256 digest, two spaces and a relative path")
        sums[match[2]] = match[1]
    return sums
