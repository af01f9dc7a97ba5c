"""Readers of the containers that customs data comes in: text, delimited, workbook, JSON, archive.

Belongs here: turning bytes into text cells, record by record, and saying which records cannot be read.
Does not belong here: what a column means, which source a file is from, and anything that needs Dagster,
DuckDB or dbt. Those are the adapters' business (`orchestration/sources`).

Import from the submodules; this one holds only what all of them raise.
"""

import errno
import zipfile
import zlib


class ReadingError(Exception):
    """A file is not what it claims to be, or is damaged: one sentence that names the file and the reason."""


# What a damaged package makes the standard library raise; see `is_damage` for OSError.
PACKAGE_DAMAGE = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OverflowError, ValueError, OSError,
)  # fmt: skip


def is_damage(error: Exception) -> bool:
    """Tell damage in a file's content from trouble with the disk, which is not the file's fault.

    Readers of packages raise OSError without an error number for content, and seek to impossible places
    that a damaged directory names (EINVAL).
    """
    return not isinstance(error, OSError) or error.errno in (None, errno.EINVAL)
