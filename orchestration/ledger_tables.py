"""The tables of the ledger, and what a row of them is to the rest of the code.

Belongs here: the schema, the types of files and landings. Does not belong here: reading and writing them
(`ledger`), the tables of pulls (`journal`).
"""

from dataclasses import dataclass

from orchestration.manifest import Manifest

SCHEMA = """
create table if not exists files (
    sequence integer primary key autoincrement,
    sha256 text not null unique,
    source text not null,
    file_name text not null,
    origin text not null,
    archived_path text not null,
    bytes integer not null,
    first_seen text not null,
    manifest text not null
);
create table if not exists landings (
    sha256 text primary key references files (sha256),
    landing_id text not null,
    state text not null check (state in ('landed', 'refused')),
    reason text,
    layout text,
    header text,
    rows_in integer not null,
    rows_landed integer not null,
    rows_quarantined integer not null,
    landed_at text not null
);
create table if not exists rejections (
    sha256 text primary key references files (sha256),
    why text not null,
    rejected_at text not null
);
create table if not exists waiting (path text primary key, reason text not null, noticed_at text not null);
create table if not exists warnings (
    run_id text not null, subject text not null, message text not null, noticed_at text not null
);
create table if not exists runs (
    run_id text primary key,
    trigger_kind text not null,
    started_at text not null,
    ended_at text,
    outcome text,
    summary text
);
create table if not exists gate_results (
    run_id text not null,
    gate text not null,
    asset text not null,
    name text not null,
    source text,
    severity text not null,
    passed integer not null,
    value text,
    threshold text,
    reason text,
    offending_count integer,
    offending text,
    error text,
    checked_at text not null,
    primary key (run_id, asset, name)
);
create table if not exists options (name text primary key, value text not null);
"""


@dataclass(frozen=True)
class FileEntry:
    """One archived file, with its landing and its rejection where there are any."""

    sequence: int
    sha256: str
    source: str
    file_name: str
    origin: str
    archived_path: str
    bytes: int
    first_seen: str
    manifest: Manifest
    landing_id: str | None
    state: str | None
    reason: str | None
    layout: str | None
    header: str | None
    rows_in: int
    rows_landed: int
    rows_quarantined: int
    rejected_why: str | None

    @property
    def status(self) -> str:
        """One word: archived (not yet landed), landed, refused or rejected."""
        return "rejected" if self.rejected_why else self.state or "archived"


@dataclass(frozen=True)
class Landing:
    """What landing one file came to."""

    sha256: str
    landing_id: str
    state: str
    reason: str | None
    layout: str | None
    header: str | None
    rows_in: int
    rows_landed: int
    rows_quarantined: int
