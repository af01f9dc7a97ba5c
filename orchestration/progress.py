"""Stages of a refresh as they happen, told to whoever listens.

Belongs here: the names of the stages and one list of listeners. Does not belong here: printing (cli), or
anything that a refresh depends on: with no listener nothing changes.
"""

from collections.abc import Callable
from typing import Literal

Stage = Literal["pull", "archive", "land", "raw gate", "landing database", "dbt", "mart gate", "publish"]
STAGES: tuple[Stage, ...] = (
    "pull", "archive", "land", "raw gate", "landing database", "dbt", "mart gate", "publish",
)  # fmt: skip

_listeners: list[Callable[[Stage, str], None]] = []


def listen(listener: Callable[[Stage, str], None]) -> None:
    """Call `listener(stage, detail)` at the start of each stage and for each line of detail in it."""
    _listeners.append(listener)


def stage(name: Stage, detail: str = "") -> None:
    """A stage starts (no detail) or has something to say."""
    for listener in _listeners:
        listener(name, detail)
