"""Where things stand and what may be set from outside.

Belongs here: folders, environment variables and their defaults. Does not belong here: anything that
reads or writes data; secrets (the code that needs one reads it from the environment when it needs it).
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[1]
DBT_PROJECT = PROJECT_ROOT / "dbt_project"
SAMPLE = PROJECT_ROOT / "data" / "sample"
TOOL_HOME = PROJECT_ROOT / ".cache"

_DAGSTER_INSTANCE = """\
telemetry:
  enabled: false
concurrency:
  pools:
    default_limit: 1
  runs:
    max_concurrent_runs: 1
"""


class SettingsError(ValueError):
    """A variable of the environment cannot be read; the message names it."""


@dataclass(frozen=True)
class Settings:
    """Folders of one data root and the few settings a user may change.

    `data` comes from `DUALUSE_DATA` (default: the checkout's `data/`). The schedule's time and zone come
    from `DUALUSE_SCHEDULE_CRON` and `DUALUSE_SCHEDULE_TIMEZONE`; `DUALUSE_PULL=off` keeps a refresh from
    asking any publisher; `DUALUSE_MEMORY_LIMIT` bounds DuckDB. `DUALUSE_CHOSEN_LISTS` (such as
    `CHPL=2023-09-14,EU833_XL=2024-06-25`) names the version of a control list that is applied to all
    periods; the newest one where it is silent.
    """

    data: Path
    schedule_cron: str = "0 6 * * *"
    schedule_timezone: str = "UTC"
    pull_enabled: bool = True
    accept_vanished: bool = False
    memory_limit: str = "4GB"
    chosen_lists: Mapping[str, date] = field(default_factory=dict)

    @classmethod
    def from_env(cls) -> "Settings":
        """Read the environment now; nothing is cached, so a test may set it between calls.

        Raises:
            SettingsError: see `chosen_versions`.
        """
        env = os.environ
        return cls(
            data=Path(env.get("DUALUSE_DATA") or PROJECT_ROOT / "data").expanduser().resolve(),
            schedule_cron=env.get("DUALUSE_SCHEDULE_CRON") or "0 6 * * *",
            schedule_timezone=env.get("DUALUSE_SCHEDULE_TIMEZONE") or "UTC",
            accept_vanished=env.get("DUALUSE_ACCEPT_VANISHED", "") == "1",
            pull_enabled=(env.get("DUALUSE_PULL") or "on").lower() not in {"off", "0", "false", "no"},
            memory_limit=env.get("DUALUSE_MEMORY_LIMIT") or "4GB",
            chosen_lists=chosen_versions(env.get("DUALUSE_CHOSEN_LISTS") or ""),
        )

    @property
    def inbox(self) -> Path:
        """Files that wait to be archived, one folder a source."""
        return self.data / "inbox"

    @property
    def archive(self) -> Path:
        """The bytes as published, write-once, named by digest."""
        return self.data / "archive"

    @property
    def landing(self) -> Path:
        """Decoded rows as Parquet, all text."""
        return self.data / "landing"

    @property
    def build(self) -> Path:
        """The databases a refresh works on; nobody reads here."""
        return self.data / "build"

    @property
    def published(self) -> Path:
        """What users read."""
        return self.data / "published"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own storage: runs, checks, schedules."""
        return self.data / "dagster"

    @property
    def ledger_path(self) -> Path:
        """The SQLite ledger."""
        return self.data / "ledger.sqlite"

    @property
    def lock_path(self) -> Path:
        """Whoever holds this lock may write."""
        return self.data / "refresh.lock"

    @property
    def build_database(self) -> Path:
        """The database dbt builds into."""
        return self.build / "marts.duckdb"

    @property
    def landing_database(self) -> Path:
        """Views over the landed Parquet files that count, and copies of the ledger."""
        return self.build / "landing.duckdb"

    @property
    def marts_database(self) -> Path:
        """The published database."""
        return self.published / "marts.duckdb"

    @property
    def published_manifest(self) -> Path:
        """What the published database was made of."""
        return self.published / "manifest.json"

    def prepare(self) -> None:
        """Create the folders that are missing."""
        for folder in (self.inbox, self.archive, self.landing, self.build, self.published, self.dagster_home):
            folder.mkdir(parents=True, exist_ok=True)
        instance = self.dagster_home / "dagster.yaml"
        if not instance.exists() or instance.read_text(encoding="utf-8") != _DAGSTER_INSTANCE:
            instance.write_text(_DAGSTER_INSTANCE, encoding="utf-8")

    def tool_environment(self) -> dict[str, str]:
        """Environment for the tools we start: what they write stays in the checkout or the data root."""
        return {
            "DAGSTER_HOME": str(self.dagster_home),
            "DAGSTER_DISABLE_TELEMETRY": "1",
            "DO_NOT_TRACK": "1",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_PROFILES_DIR": str(DBT_PROJECT),
            "DBT_NO_VERSION_CHECK": "1",
            "GX_ANALYTICS_ENABLED": "false",
            "XDG_CACHE_HOME": str(TOOL_HOME),
            "XDG_CONFIG_HOME": str(TOOL_HOME / "config"),
            "XDG_DATA_HOME": str(TOOL_HOME / "share"),
            "XDG_STATE_HOME": str(TOOL_HOME / "state"),
            "DBT_LOG_PATH": str(self.build / "logs"),
            "DUALUSE_DATA": str(self.data),
            "DUALUSE_BUILD_DATABASE": str(self.build_database),
            "DUALUSE_LANDING_DATABASE": str(self.landing_database),
            "DUALUSE_TEMP": str(self.build / "tmp"),
            "DUALUSE_MEMORY_LIMIT": self.memory_limit,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        }


def chosen_versions(text: str) -> dict[str, date]:
    """Control list -> first day of the version chosen for it, from `LIST=YYYY-MM-DD,...`.

    Raises:
        SettingsError: a part of the text is not of that form; the message names it.
    """
    chosen = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, _, day = part.partition("=")
        try:
            chosen[name.strip()] = date.fromisoformat(day.strip())
        except ValueError:
            raise SettingsError(
                f"DUALUSE_CHOSEN_LISTS: {part!r} is not LIST=YYYY-MM-DD, such as CHPL=2023-09-14"
            ) from None
    return chosen
