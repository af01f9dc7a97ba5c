"""Command line: one module a verb group, each a thin layer over plain Python.

Belongs here: importing the modules that register verbs. Does not belong here: logic.
"""

import sys

from orchestration.cli import files as files
from orchestration.cli import pull as pull
from orchestration.cli import query as query
from orchestration.cli import refresh as refresh
from orchestration.cli import status as status
from orchestration.cli.app import Exit, app, err
from orchestration.settings import SettingsError


def main() -> None:
    """Entry point of the `dualuse` command; a setting that cannot be read is a sentence, no traceback."""
    try:
        app()
    except SettingsError as problem:
        err.print(f"dualuse: {problem}", markup=False)
        sys.exit(int(Exit.USAGE))
