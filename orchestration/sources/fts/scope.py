"""What a whole file of the open statistics covers: regions, periods, and whether it is a selection.

Belongs here: what only all rows together can tell. Does not belong here: reading (tabular), what the manifest
must say (adapter).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from orchestration.sources.contract import Event, Row

_MONTH_IN_NAME = re.compile(
    r"(?<!\d)(?:(20\d\d)[-_. ]?(0[1-9]|1[0-2])(?![-_.]?\d)|(0[1-9]|1[0-2])[-_.](20\d\d)(?!\d))"
)
_PERIOD = re.compile(r"(?:(0?[1-9]|1[0-2])[/.])?(20\d\d)")


@dataclass
class Scope:
    """Distinct values over all rows; a period is either a month with its year or a year alone."""

    directions: set[str] = field(default_factory=set)
    partners: set[str] = field(default_factory=set)
    chapters: set[str] = field(default_factory=set)
    regions: set[str] = field(default_factory=set)
    months: set[str] = field(default_factory=set)
    years: set[str] = field(default_factory=set)
    all_dated: bool = True
    all_placed: bool = True

    @property
    def only_region(self) -> str | None:
        """The one region that every row names, or None."""
        return next(iter(self.regions)) if self.all_placed and len(self.regions) == 1 else None

    def is_whole(self, floors: Mapping[str, int]) -> bool:
        """Whether every dimension that a download could be limited to is there in full width."""
        return all(len(getattr(self, dimension)) >= floor for dimension, floor in floors.items())

    def add(self, values: Mapping[str, str | None]) -> None:
        """Take in one row."""
        texts = {name: (text or "").strip() for name, text in values.items()}
        self.directions.add(texts["direction"])
        self.partners.add(texts["partner_code"])
        self.chapters.add(texts["commodity_code"][:2])
        region = texts.get("region")
        self.regions.update(filter(None, [region]))
        self.all_placed &= bool(region)
        match = _PERIOD.fullmatch(texts.get("period") or "")
        if match is None:
            self.all_dated = False
        elif match[1]:
            self.months.add(match[0])
        else:
            self.years.add(match[2])


def scope_of(events: Iterable[Event]) -> Scope:
    """The scope of all rows among the events of a file."""
    scope = Scope()
    for event in events:
        if isinstance(event, Row):
            scope.add(event.values)
    return scope


def month_in(name: str, scope: Scope) -> str | None:
    """The month in the file name, where the rows name no month and no other year."""
    match = _MONTH_IN_NAME.search(name)
    if scope.months or not match:
        return None
    year, month = (match[1], match[2]) if match[1] else (match[4], match[3])
    return f"{year}-{month}" if scope.years <= {year} else None
