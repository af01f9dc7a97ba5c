"""What time it is: the machine's clock, or `DUALUSE_CLOCK` where a test fixes it.

Belongs here: the one place that asks for the time of what lasts (ledger, coverage). Does not belong here:
measuring how long something takes.
"""

import os
from datetime import UTC, date, datetime


def utc_now() -> datetime:
    """Now, in UTC; `DUALUSE_CLOCK` (`2024-03-01` or `2024-03-01T12:00:00`) overrules the machine.

    Raises:
        ValueError: DUALUSE_CLOCK is not such a moment.
    """
    fixed = os.environ.get("DUALUSE_CLOCK", "").strip()
    if not fixed:
        return datetime.now(UTC)
    moment = datetime.fromisoformat(fixed)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def today() -> date:
    """The day of `utc_now`."""
    return utc_now().date()
