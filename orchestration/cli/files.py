"""`dualuse add`, `reject`, `unreject`, `sample`: what may be said of files.

Belongs here: options and their translation into a manifest. Does not belong here: archiving, landing.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from orchestration import collect, manifest, sample
from orchestration.cli.app import app, fail, out
from orchestration.ledger import FileEntry, Ledger
from orchestration.manifest import ManifestError
from orchestration.reading import ReadingError
from orchestration.settings import SAMPLE, Settings
from orchestration.sources.contract import Refused
from orchestration.sources.table import mapping as table_mapping
from orchestration.sources.table import propose as table_propose

Text = str | None


def _open() -> tuple[Settings, Ledger]:
    settings = Settings.from_env()
    settings.prepare()
    return settings, Ledger(settings.ledger_path)


@app.command()
def add(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files, folders, .zip or .gz.")],
    source: Annotated[Text, typer.Option(help="Source code, where the content does not tell.")] = None,
    direction: Annotated[Text, typer.Option(help="export or import, for a GACC file.")] = None,
    period: Annotated[
        Text, typer.Option(help="YYYY-MM, YYYY or YYYY-MM..YYYY-MM, where the file has none.")
    ] = None,
    partner: Annotated[
        Text, typer.Option(help="The source's partner code, or world, where the file has none.")
    ] = None,
    currency: Annotated[Text, typer.Option(help="Three letters; checked against the file.")] = None,
    layout: Annotated[Text, typer.Option(help="Layout of a file without a header row.")] = None,
    grade: Annotated[Text, typer.Option(help="How obtained: official, vendor, leak or user.")] = None,
    published: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When the publisher put it out.")
    ] = None,
    note: Annotated[Text, typer.Option(help="Anything worth keeping with the file.")] = None,
    complete: Annotated[
        bool, typer.Option("--complete", help="All there is for its period and partner: replaces the block.")
    ] = False,
    only: Annotated[Text, typer.Option(help="The file was filtered: regime=19 or province=44.")] = None,
    area: Annotated[Text, typer.Option(help="The part of the country it covers, or national.")] = None,
    hs_revision: Annotated[
        Text, typer.Option(help="HS edition of a list of codes that does not say it: HS2022.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="YAML that says what the columns of a table of your own mean.")
    ] = None,
    propose: Annotated[
        bool, typer.Option("--propose", help="Draft such a YAML from one file and print it; add nothing.")
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="With --propose: write the draft beside the file.")
    ] = False,
    amend: Annotated[
        bool, typer.Option("--amend", help="Replace what is said of a file that is archived.")
    ] = False,
) -> None:
    """Put files into the inbox, each with what is known of it; the next refresh archives and lands them."""
    if write and not propose:
        fail("--write goes with --propose")
    if propose:
        return _propose(_files(paths), write)
    mapped = _mapping(mapping)
    settings, ledger = _open()
    fields = {
        "source": source or ("table" if mapped else None), "direction": direction, "period": period,
        "partner": partner, "currency": currency, "layout": layout, "grade": grade,
        "published": published.date() if published else None, "note": note, "complete": complete or None,
        "only": only, "area": area, "hs_revision": hs_revision, "mapping": mapped,
    }  # fmt: skip
    refused = 0
    files = _files(paths)
    for path in files:
        try:
            given = manifest.merge(manifest.read(path), "options", **fields)
            for placed in collect.place(settings, ledger, path, given, amend):
                out.print(
                    f"{placed.name}: {placed.outcome} ({placed.sha256[:12]}): {placed.detail}", markup=False
                )
        except (ReadingError, ValueError, OSError) as problem:
            refused += 1
            out.print(f"{path.name}: not added: {problem}", markup=False)
    if refused:
        fail(f"{refused} of {len(files)} files not added, for the reasons above")
    out.print("Next: dualuse refresh")


def _mapping(path: Path | None) -> dict[str, Any] | None:
    """A mapping, checked in itself; with the file it is checked when that is added."""
    try:
        return table_mapping.read(path) if path else None
    except ManifestError as problem:
        fail(str(problem))


def _propose(files: list[Path], write: bool) -> None:
    """Drafts to read and correct: nothing is added, and a draft that is there already stays."""
    for path in files:
        try:
            text = table_propose.draft(path)
        except (Refused, ReadingError, OSError) as problem:
            fail(f"{path.name}: {problem}")
        if not write:
            out.print(text, markup=False, end="")
            continue
        beside = path.with_name(f"{path.name}.mapping.yml")
        if beside.exists():
            fail(f"{beside} is there already")
        beside.write_text(text, encoding="utf-8")
        out.print(f"Read and correct {beside}, then: dualuse add {path} --mapping {beside}", markup=False)


def _files(paths: list[Path]) -> list[Path]:
    """Files named or found under named folders, without manifests and hidden files."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            fail(f"{path}: no such file or folder")
        inside = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        found += [file for file in inside if not file.name.startswith(".") and not collect.is_sidecar(file)]
    if not found:
        fail("no file to add")
    return found


def _one(ledger: Ledger, sha: str) -> FileEntry:
    found = ledger.find(sha) if len(sha) >= 6 else []
    if len(found) != 1:
        rule = "give at least six digits of" if len(sha) < 6 else f"{len(found)} archived files match"
        fail(f"{rule} the digest {sha!r}; dualuse status --files lists them")
    return found[0]


@app.command()
def reject(
    sha: Annotated[str, typer.Argument(help="The file's digest, or its first digits.")],
    why: Annotated[str, typer.Option(help="Why it is set aside; shown wherever the file is.")],
) -> None:
    """Set an archived file aside: its rows leave at the next refresh, the file stays archived and listed."""
    _, ledger = _open()
    entry = _one(ledger, sha)
    if not why.strip():
        fail("--why needs a reason")
    ledger.reject(entry.sha256, why.strip())
    out.print(
        f"{entry.file_name} ({entry.sha256[:12]}) is set aside: {why}. Next: dualuse refresh", markup=False
    )


@app.command()
def unreject(sha: Annotated[str, typer.Argument(help="The file's digest, or its first digits.")]) -> None:
    """Take back a file that was set aside."""
    _, ledger = _open()
    entry = _one(ledger, sha)
    if not ledger.unreject(entry.sha256):
        fail(f"{entry.file_name} ({entry.sha256[:12]}) is not set aside")
    out.print(f"{entry.file_name} ({entry.sha256[:12]}) counts again. Next: dualuse refresh", markup=False)


@app.command(name="sample")
def sample_command(
    with_real: Annotated[
        bool, typer.Option("--with-real", help="Keep the sample beside real files.")
    ] = False,
    aside: Annotated[
        bool, typer.Option("--aside", help="The default again: real files set the sample aside.")
    ] = False,
) -> None:
    """Load the bundled SYNTHETIC sample, or say how it stands beside real files."""
    settings, ledger = _open()
    if with_real and aside:
        fail("give --with-real or --aside, not both")
    if with_real or aside:
        ledger.set_option(collect.SAMPLE_MODE, "with-real" if with_real else "")
    known = {entry.sha256 for entry in ledger.files()} & sample.digests(SAMPLE)
    if not known:
        collect.place_sample(settings, ledger)
    beside = (
        "stands beside real files" if ledger.option(collect.SAMPLE_MODE) else "is set aside by real files"
    )
    out.print(f"The SYNTHETIC sample is loaded and {beside}. Next: dualuse refresh")
