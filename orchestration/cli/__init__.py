"""Command line: one module a verb group, each a thin layer over plain Python.

Belongs here: importing the modules that register verbs. Does not belong here: logic.
"""

from orchestration.cli import files as files
from orchestration.cli import pull as pull
from orchestration.cli import query as query
from orchestration.cli import refresh as refresh
from orchestration.cli import status as status
from orchestration.cli.app import app


def main() -> None:
    """Entry point of the `dualuse` command."""
    app()
