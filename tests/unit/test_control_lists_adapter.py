"""Users' own control lists: text or workbook, all columns or the needed ones; what is no list is not taken.

Belongs here: recognising and landing such a table, and that reference files leave the sample alone. Does not
belong here: defaults and the newest file (the model's own tests), the gates (test_reference_gates).
"""

import csv

import openpyxl
import pytest
from decoding import DATA, decode

from orchestration import collect, gather, sample
from orchestration.ledger import Landing, Ledger
from orchestration.manifest import Manifest, ManifestError
from orchestration.settings import SAMPLE, Settings
from orchestration.sources import adapter, load_source, recognise
from orchestration.sources.contract import Refused

LISTS, SHORT = DATA / "control_lists" / "own_lists.csv", DATA / "control_lists" / "short.csv"
COLUMNS = load_source("control_lists").columns


@pytest.fixture
def book(tmp_path):
    """The lists of the CSV once more, in a workbook."""
    made = openpyxl.Workbook()
    with LISTS.open(encoding="utf-8", newline="") as stream:
        for cells in csv.reader(stream):
            made.active.append([cell or None for cell in cells])
    path = tmp_path / "lists.xlsx"
    made.save(path)
    return path


def test_every_cell_lands_as_published():
    done = decode("control_lists", LISTS)
    with LISTS.open(encoding="utf-8", newline="") as stream:
        assert [{c: row[c] for c in COLUMNS} for row in done.rows] == list(csv.DictReader(stream))
    assert done.column("code") == ["8806.22", "9013 10 90", "0101"]
    assert (done.facts.rows_in, done.bad) == (3, [])


def test_a_workbook_lands_alike(book):
    assert recognise(book, book.name) == "control_lists"
    cells = [{c: row[c] or "" for c in COLUMNS} for row in decode("control_lists", book).rows]
    assert cells == [{c: row[c] for c in COLUMNS} for row in decode("control_lists", LISTS).rows]


def test_columns_that_a_list_can_do_without_may_be_left_out():
    (row,) = decode("control_lists", SHORT).rows
    assert (row["list_id"], row["code"], row["kind"], row["valid_to"]) == ("DEMO_OWN", "93", None, None)
    assert adapter("control_lists").complete(SHORT, SHORT.name, Manifest()).complete


def test_a_column_that_nobody_knows_is_named_for_the_gate(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("list_id,code,hs_revision,valid_from,ends\nA,93,HS2022,2022-02-24,x\n", encoding="utf-8")
    (row,) = decode("control_lists", path).rows
    assert row["_unknown_columns"] == '{"ends": "x"}'


def test_a_table_without_the_needed_columns_is_not_taken(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("list_id,code,valid_from\nA,93,2022-02-24\n", encoding="utf-8")
    assert recognise(path, path.name) is None
    with pytest.raises(ManifestError, match="the columns code, hs_revision, list_id, valid_from"):
        adapter("control_lists").complete(path, path.name, Manifest())
    with pytest.raises(Refused, match="names no column for hs_revision"):
        decode("control_lists", path)


@pytest.fixture
def settings(tmp_path):
    made = Settings(data=tmp_path / "data")
    made.prepare()
    return made


REFERENCE = [LISTS, DATA / "hs_nomenclature" / "H6.json"]


@pytest.mark.parametrize("path", REFERENCE, ids=["own list", "names"])
@pytest.mark.parametrize("folder", ["", "own", "sidecar"])
def test_reference_files_leave_the_sample_alone_and_ask_nobody(path, folder, settings, monkeypatch):
    """However such a file comes: dropped into the inbox itself, into its source's folder, or described."""
    ledger = Ledger(settings.ledger_path)
    asked = []
    monkeypatch.setattr(gather.pulls, "run_due", lambda *given: asked.append(given) or [])
    source = recognise(path, path.name)
    place = settings.inbox / source if folder == "own" else settings.inbox
    place.mkdir(exist_ok=True)
    (place / path.name).write_bytes(path.read_bytes())
    if folder == "sidecar":
        (place / f"{path.name}.yml").write_text(f"source: {source}\n", encoding="utf-8")

    assert collect.is_untouched(settings, ledger)
    collect.place_sample(settings, ledger)
    gather.gather(settings, ledger, "r1")
    for entry in ledger.files():
        ledger.record_landing(Landing(entry.sha256, entry.sha256[:32], "landed", None, "", "", 1, 1, 0))
    sources = {path.parent.name for path in sample.files(SAMPLE)}
    assert {entry.source for entry in collect.active_files(ledger)} == {source, *sources}
    assert collect.only_sample(ledger)
    assert asked == []


def test_a_file_of_trade_in_the_inbox_itself_is_no_reference(settings):
    ledger = Ledger(settings.ledger_path)
    for name, content in [("a.csv", (DATA / "gacc" / "minimal.csv").read_bytes()), ("b.csv", b"")]:
        (settings.inbox / name).write_bytes(content)
        assert not collect.is_untouched(settings, ledger), name
        (settings.inbox / name).unlink()
