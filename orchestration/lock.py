"""The one lock of a data root: whoever holds it may write.

Belongs here: taking the lock and saying who holds it. Does not belong here: what is done under it.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from orchestration.ledger import now
from orchestration.settings import Settings


class LockedError(Exception):
    """Another process is writing; the message says which."""


@contextmanager
def hold(settings: Settings, purpose: str, timeout_seconds: float = 0) -> Iterator[None]:
    """Hold the writer's lock; the same process may take it again inside.

    The operating system frees the lock when its holder ends, however it ends.

    Raises:
        LockedError: another process still holds it after `timeout_seconds`.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.lock_path, is_singleton=True, thread_local=False)
    try:
        lock.acquire(timeout=timeout_seconds)
    except Timeout:
        raise LockedError(_holder(settings)) from None
    note = settings.lock_path.with_suffix(".holder.json")
    is_outermost = lock.lock_counter == 1
    try:
        if is_outermost:
            holder = {"pid": os.getpid(), "purpose": purpose, "since": now()}
            note.write_text(json.dumps(holder), encoding="utf-8")
        yield
    finally:
        if is_outermost:
            note.unlink(missing_ok=True)
        lock.release()


def _holder(settings: Settings) -> str:
    try:
        note = json.loads(settings.lock_path.with_suffix(".holder.json").read_text(encoding="utf-8"))
        holder = f"process {note['pid']} ({note['purpose']})"
        return f"{holder} has been writing to {settings.data} since {note['since']}"
    except (OSError, ValueError, KeyError):
        return f"another process is writing to {settings.data}"
