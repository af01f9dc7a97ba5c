"""What a BACI file is: its HS edition and the release that it came with, `HS17_V202401b`.

Belongs here: reading both from a name or an option. Does not belong here: what a file holds (`adapter`).
"""

import re
from dataclasses import dataclass
from datetime import date

from orchestration.sources import load_source

_EDITIONS: dict[str, str] = load_source("baci").details["editions"]
_NAME = re.compile(r"(?i)BACI_(HS[0-9]{2})_Y[0-9]{4}_V([0-9]{6}[a-z]?)(?![0-9a-z])")
_TEXT = re.compile(r"(HS[0-9]{2})_V([0-9]{6}[a-z]?)")


@dataclass(frozen=True)
class Release:
    """One edition of one release."""

    edition: str
    number: str

    def __str__(self) -> str:
        """As in a file's name."""
        return f"{self.edition}_V{self.number}"

    @property
    def published(self) -> date:
        """First day of the month that the release is named after."""
        return date(int(self.number[:4]), int(self.number[4:6]), 1)


def text_in(name: str) -> str | None:
    """`HS17_V202201` from a file's name such as `BACI_HS17_Y2020_V202201.csv`; None from any other."""
    found = _NAME.search(name)
    return f"{found[1].upper()}_V{found[2].lower()}" if found else None


def release_of(text: str) -> Release:
    """The release that a text such as `HS17_V202401b` names.

    Raises:
        ValueError: it is not of that form, or names no edition or month that can be.
    """
    match = _TEXT.fullmatch(text)
    if match is None or not 1 <= int(match[2][4:6]) <= 12:
        raise ValueError(f"{text!r} is not edition and release as in HS17_V202401b")
    if match[1] not in _EDITIONS:
        raise ValueError(f"no BACI edition {match[1]}; there are: {', '.join(_EDITIONS)}")
    return Release(match[1], match[2])
