"""The Typer application, the exit codes and the two consoles every command shares.

Belongs here: what all verbs need. Does not belong here: any verb, any logic of the pipeline.
"""

from enum import IntEnum
from typing import NoReturn

import typer
from rich.console import Console

app = typer.Typer(
    name="dualuse",
    help="Raw customs dumps in; gated, documented, queryable tables of dual-use trade out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class Exit(IntEnum):
    """Exit codes of every command; the README lists them."""

    OK = 0
    RED = 1
    USAGE = 2
    LOCKED = 3
    UNREACHABLE = 4


def fail(message: str, code: Exit = Exit.USAGE) -> NoReturn:
    """Print one clear sentence on standard error and leave with the code."""
    err.print(f"dualuse: {message}", markup=False)
    raise typer.Exit(int(code))
