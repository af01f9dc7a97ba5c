"""Landing: rows in are rows landed and quarantined, in one step or not at all, and not twice.

Belongs here: Parquet files and the ledger entry, batches, contract of the events. Does not belong here:
layouts (adapter tests), views over the Parquet (catalogue).
"""

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from decoding import DATA, decode
from hypothesis import given
from hypothesis import strategies as st

from orchestration import archive, collect, landing
from orchestration.ledger import Ledger
from orchestration.manifest import Manifest
from orchestration.reading import ReadingError
from orchestration.settings import Settings
from orchestration.sources import load_source
from orchestration.sources.comtrade import adapter as comtrade
from orchestration.sources.contract import BATCH_ROWS, Bad, Facts, Refused, Row, row_schema, to_batches
from orchestration.sources.gacc import adapter as gacc

DAMAGED = DATA / "gacc" / "damaged_records_export.csv"
EXPORT = DATA / "gacc" / "english_2018_export.csv"
FACTS = Facts("layout", "a, b", 2)


@pytest.fixture
def settings(tmp_path):
    made = Settings(data=tmp_path / "data")
    made.prepare()
    return made


@pytest.fixture
def ledger(settings):
    return Ledger(settings.ledger_path)


@pytest.fixture
def entered(settings, ledger):
    """Archive and enter one file."""

    def enter(path, **known):
        collect.place(settings, ledger, path, Manifest(**known))
        return collect.collect(settings, ledger)[0]

    return enter


def landed(settings, result, source="gacc"):
    rows = pq.read_table(landing.rows_path(settings, source, result.landing_id))
    bad = pq.read_table(landing.quarantine_path(settings, source, result.landing_id))
    return rows, bad


def parquet(settings):
    return sorted(path.name for path in settings.landing.rglob("*") if path.is_file())


def test_rows_in_are_rows_landed_and_rows_quarantined(settings, ledger, entered):
    entry = entered(DAMAGED)
    (result,) = landing.land_pending(settings, ledger, "gacc")
    rows, bad = landed(settings, result)
    assert (result.state, result.rows_in, result.rows_landed, result.rows_quarantined) == ("landed", 9, 3, 6)
    assert (rows.num_rows, bad.num_rows) == (3, 6)
    ordinals = rows["_row_number"].to_pylist() + bad["_row_number"].to_pylist()
    assert sorted(ordinals) == [2, 3, 4, 5, 6, 7, 8, 9, 10]  # the header is the first record
    after = ledger.find(entry.sha256)[0]
    assert (after.status, after.rows_in, after.rows_landed, after.rows_quarantined) == ("landed", 9, 3, 6)
    assert (after.layout, after.header.split(", ")[:2]) == (
        "header, gb18030",
        ["Date of data", "Trading partner code"],
    )


def test_quarantined_records_keep_their_text_and_their_reason():
    lines = DAMAGED.read_bytes().decode("gb18030", errors="surrogateescape").splitlines()
    bad = {row["_row_number"]: row for row in decode("gacc", DAMAGED, direction="export").bad}
    reasons = {number: row["reason"] for number, row in bad.items()}
    assert reasons == {
        3: "6 fields where the header has 12",
        4: "text after a closing quote",
        6: "repeated header",
        7: "total row",
        8: "14 fields where the header has 12",
        9: "undecodable bytes",
    }
    for number in (3, 4, 6, 7, 8):
        assert bad[number]["raw_text"].rstrip(",") == lines[number - 1].rstrip(",")
    assert bad[9]["raw_text"] == lines[8].replace("\udcff\udcff", "\\udcff\\udcff")


def test_a_quote_that_is_never_closed_costs_one_record():
    bad = decode("comtrade", DATA / "comtrade" / "damaged_records.csv")
    reasons = {row["_row_number"]: row["reason"] for row in bad.bad}
    assert reasons == {
        3: "3 fields where the header has 47",
        4: "repeated header",
        5: "49 fields where the header has 47",
        6: "quote not closed",
    }
    assert bad.column("_row_number") == [2, 7]
    assert bad.column("primaryValue") == ["7300.25", "9"]
    assert bad.facts.rows_in == 6


@pytest.mark.parametrize("source", ["gacc", "comtrade"])
def test_two_stray_quotes_do_not_swallow_the_records_between(tmp_path, source):
    header, row = "Commodity code,Quantity,Commodity,US dollar", "8806,{},{},1"
    if source == "comtrade":
        header = "cmdCode,primaryValue,cmdDesc,reporterCode,partnerCode,flowCode,classificationCode"
        row = "8806,{},{},156,643,X,H6"
    cells = [("1", '"a'), ("2", "b"), ("3", "c"), ('4"', "d")]
    path = tmp_path / "stray.csv"
    path.write_text("\n".join([header, *(row.format(*pair) for pair in cells)]) + "\n", encoding="utf-8")
    made = decode(source, path, direction="export")
    assert made.facts.rows_in == 4
    assert [row["reason"] for row in made.bad] == ["quote not closed"]
    assert made.column("_row_number") == [3, 4, 5]


def test_every_cell_is_text_and_knows_its_file(settings, ledger, entered):
    entry = entered(EXPORT)
    (result,) = landing.land_pending(settings, ledger, "gacc")
    rows, bad = landed(settings, result)
    names = [*load_source("gacc").columns, "_unknown_columns"]
    assert rows.schema.names == [*names, "_row_number", "_file_sha256", "_landing_id"]
    kinds = {name: rows.schema.field(name).type for name in rows.schema.names}
    assert kinds.pop("_row_number") == pa.int64()
    assert set(kinds.values()) == {pa.string()}
    for table in (rows, bad):
        assert set(table["_file_sha256"].to_pylist()) <= {entry.sha256}
        assert set(table["_landing_id"].to_pylist()) <= {result.landing_id}
    assert rows["_file_sha256"].to_pylist() == [entry.sha256] * 2
    assert rows["value_usd"].to_pylist() == ["12,345", "1,002,003"]
    assert bad.schema.names == ["_row_number", "reason", "raw_text", "_file_sha256", "_landing_id"]


def test_a_file_that_is_not_what_it_claims_is_refused_with_its_reason(settings, ledger, entered):
    for name in ("saved_error.csv", "legacy_sitc.csv"):
        entered(DATA / "comtrade" / name)
    entered(DATA / "comtrade" / "legacy.csv")
    told = []
    results = landing.land_pending(settings, ledger, "comtrade", lambda *pair: told.append(pair))
    assert [result.state for result in results] == ["refused", "refused", "landed"]  # the rest goes on
    assert "Query complexity: your query is too complex" in results[0].reason
    assert "classification S4 is SITC, not HS" in results[1].reason
    assert (ledger.files()[0].status, ledger.files()[0].reason) == ("refused", results[0].reason)
    assert parquet(settings) == sorted(
        f"{results[2].landing_id}{end}" for end in (".parquet", ".quarantine.parquet")
    )
    assert [result for _, result in told] == results
    assert landing.pending(ledger) == []


def break_adapter(monkeypatch, error, after=BATCH_ROWS + 1):
    """Let the adapter give out batches and then fail."""

    def events():
        yield from (Row(number, {"value_usd": "1"}) for number in range(after))
        yield Bad(after, "raw", "reason")
        raise error

    monkeypatch.setattr(gacc, "land", lambda path, known: to_batches(events(), load_source("gacc").columns))


@pytest.mark.parametrize("error", [RuntimeError("a fault of ours"), MemoryError(), KeyboardInterrupt()])
def test_an_adapter_that_fails_half_way_leaves_nothing(settings, ledger, entered, monkeypatch, error):
    before = entered(EXPORT)
    break_adapter(monkeypatch, error)
    with pytest.raises(type(error)):
        landing.land_pending(settings, ledger, "gacc")
    assert parquet(settings) == []
    assert ledger.files() == [before]
    monkeypatch.undo()
    assert landing.land_pending(settings, ledger, "gacc")[0].rows_landed == 2


@pytest.mark.parametrize("error", [Refused("services, further down"), ReadingError("damaged from here on")])
def test_a_refusal_half_way_lands_no_row(settings, ledger, entered, monkeypatch, error):
    entered(EXPORT)
    break_adapter(monkeypatch, error)
    (result,) = landing.land_pending(settings, ledger, "gacc")
    assert (result.state, result.reason) == ("refused", str(error))
    assert (result.rows_in, result.rows_landed, result.rows_quarantined) == (0, 0, 0)
    assert parquet(settings) == []
    assert collect.active_files(ledger) == []


def test_an_adapter_that_states_nothing_is_a_fault(settings, ledger, entered, monkeypatch):
    entered(EXPORT)
    monkeypatch.setattr(gacc, "land", lambda path, known: iter(()))
    with pytest.raises(AssertionError, match="adapter gacc ended without stating what it read"):
        landing.land_pending(settings, ledger, "gacc")
    assert parquet(settings) == []


def test_a_kill_before_the_ledger_entry_lands_anew(settings, ledger, entered, monkeypatch):
    class Killed(BaseException):
        pass

    def killed(*_):
        raise Killed

    before = entered(EXPORT)
    monkeypatch.setattr(Ledger, "record_landing", killed)
    with pytest.raises(Killed):
        landing.land_pending(settings, ledger, "gacc")
    monkeypatch.undo()
    assert ledger.files() == [before]
    assert [entry.sha256 for entry in landing.pending(ledger)] == [before.sha256]
    (result,) = landing.land_pending(settings, ledger, "gacc")
    assert landed(settings, result)[0].num_rows == 2
    assert len(parquet(settings)) == 2


def test_the_ledger_never_knows_more_than_the_disk(settings, ledger, entered, monkeypatch):
    """Both files have their names on the disk before the entry is written."""
    steps = []
    sync, record = archive.sync_folder, Ledger.record_landing
    replace = Path.replace
    entered(EXPORT)
    monkeypatch.setattr(Path, "replace", lambda self, to: (steps.append("rename"), replace(self, to)))
    monkeypatch.setattr(archive, "sync_folder", lambda folder: (steps.append("sync"), sync(folder)))
    monkeypatch.setattr(Ledger, "record_landing", lambda *given: (steps.append("ledger"), record(*given)))
    landing.land_pending(settings, ledger, "gacc")
    assert steps == ["rename", "rename", "sync", "ledger"]


@pytest.fixture
def decoded(monkeypatch):
    """Digests of the files that the GACC adapter was asked to decode."""
    asked = []
    land = gacc.land
    monkeypatch.setattr(gacc, "land", lambda path, known: (asked.append(path.stem[:6]), land(path, known))[1])
    return asked


def test_a_file_is_not_decoded_twice(settings, ledger, entered, decoded):
    entry = entered(EXPORT)
    landing.land_pending(settings, ledger, "gacc")
    assert landing.land_pending(settings, ledger, "gacc") == []
    assert decoded == [entry.sha256[:6]]


def test_a_new_version_of_the_adapter_lands_its_files_anew(settings, ledger, entered, decoded, monkeypatch):
    entered(EXPORT)
    entered(DATA / "comtrade" / "legacy.csv")
    first = landing.land_pending(settings, ledger, "gacc")[0]
    landing.land_pending(settings, ledger, "comtrade")
    monkeypatch.setattr(gacc, "VERSION", "next")
    assert [entry.source for entry in landing.pending(ledger)] == ["gacc"]
    second = landing.land_pending(settings, ledger, "gacc")[0]
    assert len(decoded) == 2
    assert second.landing_id != first.landing_id
    assert ledger.files()[0].landing_id == second.landing_id
    assert landing.pending(ledger) == []


def test_an_amended_manifest_lands_the_file_anew(settings, ledger, entered, decoded):
    entry = entered(EXPORT)
    first = landing.land_pending(settings, ledger, "gacc")[0]
    ledger.amend(entry.sha256, entry.manifest.model_copy(update={"direction": "import"}))
    second = landing.land_pending(settings, ledger, "gacc")[0]
    assert (len(decoded), second.rows_landed) == (2, 2)
    assert second.landing_id != first.landing_id
    ledger.amend(entry.sha256, entry.manifest)
    third = landing.land_pending(settings, ledger, "gacc")[0]
    assert third.landing_id == first.landing_id


def test_a_rejected_file_is_not_landed(settings, ledger, entered, decoded):
    entry = entered(EXPORT)
    ledger.reject(entry.sha256, "the wrong month")
    assert landing.land_pending(settings, ledger, "gacc") == []
    ledger.unreject(entry.sha256)
    assert len(landing.land_pending(settings, ledger, "gacc")) == 1
    assert decoded == [entry.sha256[:6]]


def test_a_file_amended_to_another_source_is_landed_by_that_one(settings, ledger, entered, tmp_path):
    misplaced = settings.inbox / "comtrade" / EXPORT.name
    misplaced.parent.mkdir()
    shutil.copy(EXPORT, misplaced)
    collect.collect(settings, ledger)
    assert landing.land_pending(settings, ledger, "comtrade")[0].state == "refused"
    collect.place(settings, ledger, EXPORT, Manifest(), amend=True)
    assert landing.land_pending(settings, ledger, "comtrade") == []
    assert landing.land_pending(settings, ledger, "gacc")[0].rows_landed == 2


@pytest.mark.parametrize(("source", "rows"), [("gacc", 300_000), ("comtrade", 100_000)])
def test_memory_does_not_grow_with_the_file(tmp_path, source, rows):
    path = tmp_path / "large_export.csv"
    with path.open("w", encoding="utf-8") as out:
        if source == "gacc":
            header, row = '"Commodity code","Quantity","US dollar",', '"69149000","{n}","1,234",'
        else:
            header = "cmdCode,primaryValue,reporterCode,partnerCode,flowCode,classificationCode"
            row = "691490,{n},156,643,X,H6,"
        out.write(header + "\n")
        out.writelines(row.format(n=n) + "\n" for n in range(rows))
        out.writelines('"only one field"\n' for _ in range(60_000))
    land = (gacc if source == "gacc" else comtrade).land
    chunks = land(path, Manifest(direction="export"))
    sizes, numbers, facts = [], 0, None
    for chunk in chunks:
        if isinstance(chunk, Facts):
            facts = chunk
            continue
        sizes.append(chunk.batch.num_rows)
        numbers += pa.compute.sum(chunk.batch.column("_row_number")).as_py()
    assert max(sizes) <= BATCH_ROWS == 50_000
    assert sorted(sizes) == [10_000] + [50_000] * (rows // 50_000 + 1)
    assert sum(sizes) == facts.rows_in == rows + 60_000
    assert numbers == sum(range(2, rows + 60_000 + 2))


def test_batches_are_given_out_as_they_fill():
    given_out = []

    def events():
        for number in range(120_000):
            given_out.append(number)
            yield Row(number, {"a": "1"})
        yield FACTS

    chunks = to_batches(events(), ["a"])
    assert next(chunks).batch.num_rows == 50_000
    assert len(given_out) == 50_000


@given(st.lists(st.sampled_from("rb"), max_size=40), st.integers(1, 7))
def test_no_event_is_lost_in_the_batches(kinds, size):
    events = [
        Row(n, {"a": str(n)}, {"x": "ü"} if n % 3 else None) if kind == "r" else Bad(n, f"raw {n}", "why")
        for n, kind in enumerate(kinds)
    ]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("orchestration.sources.contract.BATCH_ROWS", size)
        chunks = list(to_batches([*events, FACTS], ["a", "b"]))
    assert [chunk for chunk in chunks if isinstance(chunk, Facts)] == [FACTS]
    batches = [chunk.batch for chunk in chunks if not isinstance(chunk, Facts)]
    assert all(0 < batch.num_rows <= size for batch in batches)
    out = [row for batch in batches for row in batch.to_pylist()]
    assert sorted(row["_row_number"] for row in out) == list(range(len(kinds)))
    for row in out:
        n = row["_row_number"]
        if kinds[n] == "b":
            assert (row["raw_text"], row["reason"]) == (f"raw {n}", "why")
        else:
            assert (row["a"], row["b"]) == (str(n), None)
            assert json.loads(row["_unknown_columns"] or "null") == ({"x": "ü"} if n % 3 else None)


def test_the_schema_of_landed_rows():
    schema = row_schema(["a"])
    assert schema.names == ["a", "_unknown_columns", "_row_number"]
