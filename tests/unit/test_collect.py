"""From a user's hands to the archive: what is placed, a no-op or waiting and why, what a kill leaves.

Belongs here: `collect` and `describe` over the inbox, the sample's standing. Does not belong here: decoding
(adapter tests), Parquet (test_landing).
"""

import gzip
import shutil
import zipfile

import pytest
from decoding import DATA

from orchestration import archive, collect, gather, manifest, sample
from orchestration.ledger import Landing, Ledger
from orchestration.manifest import Manifest, ManifestError, MissingOption
from orchestration.reading import ReadingError
from orchestration.reading.unpack import UnsafeArchive
from orchestration.settings import SAMPLE, Settings

EXPORT = DATA / "gacc" / "english_2018_export.csv"
WITHOUT_MONTH = DATA / "gacc" / "chinese_without_month.csv"
MINIMAL = DATA / "gacc" / "minimal.csv"
HEADERLESS = DATA / "gacc" / "headerless_import.csv"
ANSWER = DATA / "comtrade" / "api_answer.json"
GACC_SAMPLE = SAMPLE / "gacc" / "gacc_export_202101_202106.csv"


@pytest.fixture
def settings(tmp_path):
    made = Settings(data=tmp_path / "data")
    made.prepare()
    return made


@pytest.fixture
def ledger(settings):
    return Ledger(settings.ledger_path)


@pytest.fixture
def place(settings, ledger):
    """Place a file as `dualuse add` does."""

    def place_it(path, amend=False, **given):
        return collect.place(settings, ledger, path, manifest.build("options", **given), amend)

    return place_it


@pytest.fixture
def take(settings, ledger):
    """Collect, and hand out what was entered."""
    return lambda: collect.collect(settings, ledger)


@pytest.fixture
def drop(settings):
    """Drop bytes into the inbox by hand, with or without a YAML beside them."""

    def drop_it(name, content, yaml=None, folder="gacc"):
        target = settings.inbox / folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
        if yaml is not None:
            manifest.sidecar(target).write_text(yaml, encoding="utf-8")
        return target

    return drop_it


def tree(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def waiting(ledger):
    return {row["path"]: row["reason"] for row in ledger.rows("select path, reason from waiting")}


def land_all(ledger, state="landed"):
    """Enter a landing for every file that has none, without decoding anything."""
    for entry in ledger.files():
        if entry.state is None:
            ledger.record_landing(Landing(entry.sha256, "id", state, None, None, None, 1, 1, 0))


def zipped(path, members):
    with zipfile.ZipFile(path, "w") as made:
        for name, content in members.items():
            made.writestr(name, content if isinstance(content, bytes) else content.read_bytes())
    return path


def test_adding_places_the_file_with_its_manifest_beside_it(settings, place):
    (placed,) = place(EXPORT, note="from the archive of A. B.")
    assert (placed.outcome, placed.sha256) == ("placed", archive.digest(EXPORT))
    assert tree(settings.inbox) == ["gacc/english_2018_export.csv", "gacc/english_2018_export.csv.yml"]
    target = settings.inbox / "gacc" / EXPORT.name
    assert target.read_bytes() == EXPORT.read_bytes()
    known = Manifest(source="gacc", direction="export", currency="USD", note="from the archive of A. B.")
    assert manifest.read(target) == known


def test_collecting_archives_enters_and_clears_the_inbox(settings, ledger, place, take):
    place(EXPORT)
    (entry,) = take()
    assert (entry.source, entry.file_name, entry.origin) == ("gacc", EXPORT.name, f"inbox/gacc/{EXPORT.name}")
    assert (settings.archive / entry.archived_path).read_bytes() == EXPORT.read_bytes()
    assert (entry.status, entry.manifest.direction) == ("archived", "export")
    assert tree(settings.inbox) == []
    assert waiting(ledger) == {}


def test_the_same_bytes_again_are_a_no_op_that_says_so(settings, ledger, place, take, tmp_path):
    place(HEADERLESS, source="gacc", layout="english-2018")
    take()
    renamed = shutil.copy(HEADERLESS, tmp_path / "other name.csv")
    (placed,) = place(tmp_path / "other name.csv")  # without the options: the bytes are known
    assert placed.outcome == "known"
    assert placed.detail.endswith("nothing to do")
    assert tree(settings.inbox) == []
    assert len(ledger.files()) == 1
    assert renamed.exists()


def test_the_same_bytes_waiting_in_the_inbox_are_not_placed_twice(settings, place):
    place(EXPORT)
    (placed,) = place(EXPORT)
    assert placed.outcome == "waiting"
    assert len(tree(settings.inbox)) == 2


def test_other_bytes_under_the_same_name_are_placed_beside(settings, place, take, tmp_path):
    place(EXPORT)
    revised = tmp_path / EXPORT.name
    revised.write_bytes(EXPORT.read_bytes().replace(b"12,345", b"12,346"))
    (placed,) = place(revised)
    digest = archive.digest(revised)
    beside = f"gacc/english_2018_export-{digest[:8]}.csv"
    assert placed.outcome == "placed"
    assert beside in tree(settings.inbox)
    assert place(revised)[0].outcome == "waiting"
    assert {entry.sha256 for entry in take()} == {archive.digest(EXPORT), digest}


def test_without_amend_other_facts_change_nothing(ledger, place, take):
    place(EXPORT)
    take()
    (placed,) = place(EXPORT, direction="import")
    assert placed.outcome == "known"
    assert "nothing done; --amend would change direction export -> import" in placed.detail
    assert ledger.files()[0].manifest.direction == "export"


def test_amend_replaces_what_is_said(ledger, place, take):
    place(EXPORT, note="once", complete=True)
    take()
    (placed,) = place(EXPORT, amend=True, direction="import")
    assert placed.outcome == "amended"
    changes = "direction export -> import, note once -> None, complete True -> False"
    assert placed.detail == f"{changes}; landed anew at the next refresh"
    known = ledger.files()[0].manifest
    assert known == Manifest(source="gacc", direction="import", currency="USD")


def test_amend_takes_back_what_is_no_longer_said(ledger, place, take):
    place(EXPORT, complete=True)
    take()
    (placed,) = place(EXPORT, amend=True)  # nothing given contradicts the archive, and yet something is gone
    assert placed.outcome == "amended"
    assert ledger.files()[0].manifest.complete is False


def test_amend_without_a_change_is_a_no_op(place, take):
    place(EXPORT)
    take()
    assert place(EXPORT, amend=True)[0].outcome == "known"


def test_amending_moves_a_file_out_of_the_wrong_folder(ledger, place, take, drop):
    drop("gacc_export_202201.csv", EXPORT, folder="comtrade")
    assert [entry.source for entry in take()] == ["comtrade"]
    place(EXPORT, amend=True, direction="export")
    (entry,) = ledger.files()
    assert (entry.source, entry.manifest.source) == ("gacc", "gacc")


def test_a_file_of_no_known_source_is_not_added(settings, place, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("a, b, c\n", encoding="utf-8")
    with pytest.raises(
        ManifestError, match=r"notes\.txt: its content is no source's .* \(.*comtrade.*gacc.*\)"
    ):
        place(path)
    with pytest.raises(ManifestError, match=r"no source named 'custom'; there are: .*comtrade.*gacc"):
        place(path, source="custom")
    assert tree(settings.inbox) == []


@pytest.mark.parametrize("source", ["gacc", "comtrade"])
def test_an_empty_file_is_not_added(settings, place, tmp_path, source):
    path = tmp_path / "empty_export.csv"
    path.touch()
    with pytest.raises(ManifestError, match=r"empty_export\.csv: the file is empty"):
        place(path, source=source)
    assert tree(settings.inbox) == []


def option_asked(place, path, **given):
    with pytest.raises(MissingOption) as asked:
        place(path, **given)
    assert str(asked.value).startswith(f"{path.name}: give {asked.value.option}: ")
    return asked.value.option


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("gacc_export_202301.csv", "export"),
        ("cnusa_import_201901.csv", "import"),
        ("China Exports 2023.csv", "export"),
        ("出口_2023.csv", "export"),
        ("2023进口.csv", "import"),
        ("reexporters.csv", None),
        ("important.csv", None),
        ("exporté.csv", None),
        ("export_import_202301.csv", None),
        ("出口_import.csv", None),
        ("gacc_202301.csv", None),
    ],
)
def test_the_direction_in_a_file_name(place, tmp_path, name, direction):
    shutil.copy(EXPORT, tmp_path / name)
    if direction is None:
        assert option_asked(place, tmp_path / name) == "--direction export|import"
        direction = "import"
        place(tmp_path / name, direction=direction)
    else:
        place(tmp_path / name)
    assert manifest.read(tmp_path / "data" / "inbox" / "gacc" / name).direction == direction


def test_a_download_without_month_and_partner_needs_both(settings, place):
    given = {"direction": "export"}
    assert option_asked(place, MINIMAL, **given) == "--period YYYY-MM"
    assert option_asked(place, MINIMAL, **given, period="2023-01") == "--partner CODE|world"
    assert tree(settings.inbox) == []
    place(MINIMAL, **given, period="2023-01", partner="world")
    known = Manifest(source="gacc", direction="export", period="2023-01", partner="world", currency="USD")
    assert manifest.read(settings.inbox / "gacc" / MINIMAL.name) == known


def test_a_download_with_partners_needs_the_month_only(settings, place):
    assert option_asked(place, WITHOUT_MONTH, direction="export") == "--period YYYY-MM"
    place(WITHOUT_MONTH, direction="export", period="202301")
    assert manifest.read(settings.inbox / "gacc" / WITHOUT_MONTH.name).currency == "CNY"


def test_a_file_without_a_header_needs_its_layout(place):
    assert option_asked(place, HEADERLESS, source="gacc") == "--layout NAME"
    with pytest.raises(
        ManifestError, match="no GACC layout 'english'; there are: english-2018, english-2026"
    ):
        place(HEADERLESS, source="gacc", layout="english")
    with pytest.raises(ManifestError, match="layout minimal has 7 columns, the first line 12"):
        place(HEADERLESS, source="gacc", layout="minimal")
    assert place(HEADERLESS, source="gacc", layout="english-2018")[0].outcome == "placed"


def test_a_currency_that_is_not_the_files_is_refused(place):
    with pytest.raises(ManifestError, match="currency CNY given, but the file is in USD"):
        place(EXPORT, currency="CNY")


def test_the_members_of_a_zip_are_placed_one_by_one(settings, place, take, tmp_path):
    members = {
        "2022/a_export.csv": EXPORT,
        "__MACOSX/._a_export.csv": b"\0",
        "2022/._b": b"\0",
        "c/answer.json": ANSWER,
    }
    placed = place(zipped(tmp_path / "drop.zip", members))
    assert [(p.name, p.outcome) for p in placed] == [("a_export.csv", "placed"), ("answer.json", "placed")]
    assert tree(settings.inbox)[0] == "comtrade/answer.json"
    assert {entry.source for entry in take()} == {"comtrade", "gacc"}
    assert tree(settings.build) == []  # nothing is left of the unpacking


def test_a_gzip_member_takes_its_name_from_the_file(take, place, tmp_path):
    bulk = DATA / "comtrade" / "COMTRADE-FINAL-CM398202203H6[2022-06-14].txt"
    packed = tmp_path / f"{bulk.stem}.gz"
    packed.write_bytes(gzip.compress(bulk.read_bytes(), mtime=0))
    place(packed)
    (entry,) = take()
    assert entry.file_name == "COMTRADE-FINAL-CM398202203H6[2022-06-14]"
    assert (str(entry.manifest.published), entry.manifest.complete) == ("2022-06-14", True)
    assert entry.sha256 == archive.digest(bulk)


@pytest.mark.parametrize("how", ["add", "drop"])
def test_a_hostile_zip_is_refused_and_nothing_placed(settings, ledger, place, take, drop, tmp_path, how):
    path = zipped(tmp_path / "hostile_export.zip", {"a_export.csv": EXPORT, "../../evil.csv": b"x"})
    if how == "add":
        with pytest.raises(UnsafeArchive, match=r"hostile_export\.zip: member \.\./\.\./evil\.csv"):
            place(path)
        assert tree(settings.inbox) == []
    else:
        drop(path.name, path)
        assert take() == []
        assert "evil.csv" in waiting(ledger)[f"inbox/gacc/{path.name}"]
        assert tree(settings.inbox) == [f"gacc/{path.name}"]
    assert tree(settings.archive) == []
    assert not list(tmp_path.rglob("evil.csv"))


def test_one_bad_member_keeps_the_whole_zip_out(settings, ledger, place, take, drop, tmp_path):
    path = zipped(tmp_path / "drop.zip", {"a_export.csv": EXPORT, "b_export.csv": b""})
    with pytest.raises(ManifestError, match=r"b_export\.csv: the file is empty"):
        place(path)
    drop("drop.zip", path)
    assert take() == []
    assert waiting(ledger) == {"inbox/gacc/drop.zip": "b_export.csv: the file is empty"}
    assert (ledger.files(), tree(settings.archive)) == ([], [])


def test_a_zip_of_hidden_files_only_is_refused(place, tmp_path):
    with pytest.raises(ReadingError, match=r"drop\.zip is an archive without a data file in it"):
        place(zipped(tmp_path / "drop.zip", {"._a.csv": b"x", ".DS_Store": b"y"}))


def test_a_zip_dropped_by_hand_is_unpacked_under_the_yaml_beside_it(settings, ledger, take, drop, tmp_path):
    path = zipped(tmp_path / "drop.zip", {"one.csv": EXPORT, "two.csv": WITHOUT_MONTH})
    drop("drop.zip", path, "direction: export\nperiod: 2022-01\n")
    entered = take()
    assert [(e.file_name, e.manifest.direction, e.manifest.period) for e in entered] == [
        ("one.csv", "export", "2022-01"),
        ("two.csv", "export", "2022-01"),
    ]
    assert {entry.origin for entry in entered} == {"inbox/gacc/drop.zip"}
    assert tree(settings.inbox) == []


def test_a_dropped_file_whose_name_gives_the_direction_needs_nothing_else(take, drop):
    drop("gacc_export_202201.csv", EXPORT)
    (entry,) = take()
    assert entry.manifest == Manifest(source="gacc", direction="export", currency="USD")


def test_a_dropped_file_without_direction_waits_and_says_why(settings, ledger, take, drop):
    path = drop("download.csv", EXPORT)
    assert take() == []
    assert "download.csv: give --direction export|import" in waiting(ledger)["inbox/gacc/download.csv"]
    assert path.exists()
    assert (ledger.files(), tree(settings.archive)) == ([], [])
    manifest.sidecar(path).write_text("direction: import\n", encoding="utf-8")
    (entry,) = take()
    assert entry.manifest.direction == "import"
    assert (tree(settings.inbox), waiting(ledger)) == ([], {})


def test_a_broken_yaml_beside_a_file_keeps_it_waiting(ledger, take, drop):
    drop("gacc_export_202201.csv", EXPORT, "partner: 344\n")
    drop("other_export.csv", WITHOUT_MONTH, "period: 2022-01\n")
    assert [entry.file_name for entry in take()] == ["other_export.csv"]  # one bad file stops no other
    assert "put the value in quotes" in waiting(ledger)["inbox/gacc/gacc_export_202201.csv"]


def test_a_broken_yaml_does_not_stop_a_refresh(settings, ledger, drop, monkeypatch):
    asked = []
    monkeypatch.setattr("orchestration.pulls.run_due", lambda *_: asked.append("yes") or [])
    drop("gacc_export_202201.csv", EXPORT, "direction: [\n")
    (warning,) = gather.gather(settings, ledger, "run")
    assert warning.startswith(
        "inbox/gacc/gacc_export_202201.csv waits in the inbox: gacc_export_202201.csv.yml: "
    )
    assert asked == ["yes"]  # it is a real file, so that the sample is not all there is
    assert [row["message"] for row in ledger.rows("select message from warnings")] == [warning]


@pytest.mark.parametrize("folder", ["", "gacc", "gacc/2022/january"])
def test_where_in_the_inbox_a_file_may_lie(settings, take, drop, folder):
    drop("gacc_export_202201.csv", EXPORT, folder=folder)
    (entry,) = take()
    assert entry.source == "gacc"
    assert entry.origin == str((settings.inbox / folder / entry.file_name).relative_to(settings.data))
    assert tree(settings.inbox) == []


def test_the_folder_names_the_source(take, drop):
    drop("drop.csv", HEADERLESS, "layout: english-2018\ndirection: import\nsource: comtrade\n")
    assert [entry.source for entry in take()] == ["gacc"]


def test_a_folder_of_no_source_waits(ledger, take, drop):
    drop("export.csv", EXPORT, folder="customs")
    assert take() == []
    assert "no source named 'customs'" in waiting(ledger)["inbox/customs/export.csv"]


def test_hidden_and_half_written_files_are_left_alone(settings, ledger, take, drop):
    drop(".gacc_export_1.csv.partial", EXPORT)
    drop("gacc_export_2.csv", EXPORT, folder=".trash")
    assert (take(), ledger.files(), waiting(ledger)) == ([], [], {})
    assert len(tree(settings.inbox)) == 2


def test_a_manifest_that_waits_for_its_file_is_no_data(settings, take, drop):
    drop("gacc_202201.csv.yml", b"direction: export\n")
    assert take() == []
    assert collect.inbox_files(settings) == []
    drop("gacc_202201.csv", EXPORT)
    assert [entry.manifest.direction for entry in take()] == ["export"]


def test_known_bytes_with_other_facts_beside_them_wait_for_the_users_word(settings, ledger, take, drop):
    drop("gacc_export_202201.csv", EXPORT)
    take()
    drop("corrected.csv", EXPORT, "direction: import\n")
    assert take() == []
    reason = waiting(ledger)["inbox/gacc/corrected.csv"]
    assert "dualuse add --amend would change direction export -> import" in reason
    assert ledger.files()[0].manifest.direction == "export"
    drop("corrected.csv", EXPORT, "direction: export\nnote: the same again\n")
    assert take() == []
    assert (waiting(ledger), tree(settings.inbox)) == ({}, [])


class Killed(BaseException):
    """Stands for SIGKILL: nothing catches it, so nothing is tidied up."""


def killed(*_arguments, **_more):
    raise Killed


def test_a_kill_after_archiving_and_before_the_ledger_is_made_good(settings, ledger, take, drop, monkeypatch):
    drop("gacc_202201.csv", EXPORT, "direction: import\n")
    monkeypatch.setattr(Ledger, "add_file", killed)
    with pytest.raises(Killed):
        take()
    monkeypatch.undo()
    assert (len(tree(settings.archive)), ledger.files()) == (1, [])
    assert tree(settings.inbox) == ["gacc/gacc_202201.csv", "gacc/gacc_202201.csv.yml"]
    (entry,) = take()
    assert (entry.manifest.direction, len(tree(settings.archive))) == ("import", 1)
    assert tree(settings.inbox) == []


@pytest.mark.parametrize("kept", [{"gacc_202201.csv", "gacc_202201.csv.yml"}, {"gacc_202201.csv"}])
def test_a_kill_before_the_inbox_is_cleared_is_made_good(settings, ledger, take, drop, monkeypatch, kept):
    path = drop("gacc_202201.csv", EXPORT, "direction: import\n")
    unlink = type(path).unlink
    dies_at = path if kept == {"gacc_202201.csv"} else manifest.sidecar(path)
    monkeypatch.setattr(
        type(path), "unlink", lambda self, **more: killed() if self == dies_at else unlink(self, **more)
    )
    with pytest.raises(Killed):
        take()
    monkeypatch.undo()
    (before,) = ledger.files()
    assert {p.name for p in (settings.inbox / "gacc").iterdir()} == kept
    assert take() == []
    assert (ledger.files(), tree(settings.inbox), waiting(ledger)) == ([before], [], {})


def test_no_kill_leaves_a_yaml_to_speak_for_the_next_file(settings, take, drop, monkeypatch):
    """The YAML goes before its file: alone it would describe whatever comes under that name."""
    path = drop("gacc_202201.csv", EXPORT, "direction: import\n")
    order = []
    unlink = type(path).unlink
    monkeypatch.setattr(
        type(path), "unlink", lambda self, **more: (order.append(self.name), unlink(self, **more))
    )
    take()
    assert order[-2:] == ["gacc_202201.csv.yml", "gacc_202201.csv"]


def test_a_kill_in_the_middle_of_a_zip_is_made_good(settings, ledger, take, drop, tmp_path, monkeypatch):
    drop(
        "drop.zip",
        zipped(
            tmp_path / "drop.zip",
            {"a_export.csv": EXPORT, "b_export.csv": DATA / "gacc" / "two_currencies_export.csv"},
        ),
    )
    store = archive.store
    monkeypatch.setattr(
        archive,
        "store",
        lambda root, source, path: killed() if path.name.startswith("b") else store(root, source, path),
    )
    with pytest.raises(Killed):
        take()
    monkeypatch.undo()
    assert [entry.file_name for entry in ledger.files()] == ["a_export.csv"]
    assert [entry.file_name for entry in take()] == ["b_export.csv"]
    assert tree(settings.inbox) == []


def test_a_kill_while_placing_leaves_nothing_that_is_collected(settings, ledger, take, place, monkeypatch):
    monkeypatch.setattr(collect.manifest, "write", killed)
    with pytest.raises(Killed):
        place(EXPORT)
    monkeypatch.undo()
    assert (take(), ledger.files(), collect.inbox_files(settings)) == ([], [], [])
    assert place(EXPORT)[0].outcome == "placed"
    assert len(take()) == 1


def test_the_sample_is_placed_whole_and_synthetic(settings, ledger, take):
    assert collect.is_untouched(settings, ledger)
    placed = collect.place_sample(settings, ledger)
    assert not collect.is_untouched(settings, ledger)
    assert len(placed) == len(sample.files(SAMPLE)) > 5
    entered = take()
    assert len(entered) == len(placed)
    assert all(entry.manifest.is_synthetic for entry in entered)
    assert collect.only_sample(ledger)


@pytest.mark.parametrize("how", ["add", "drop", "zip", "denied"])
def test_the_samples_bytes_stay_synthetic_however_they_arrive(take, place, drop, tmp_path, how):
    copy = tmp_path / "china_export_2021.csv"
    shutil.copy(GACC_SAMPLE, copy)
    if how == "add":
        place(copy)
    elif how == "drop":
        drop(copy.name, copy)
    elif how == "zip":
        drop("china.zip", zipped(tmp_path / "china.zip", {copy.name: copy}))
    else:
        drop(copy.name, copy, "is_synthetic: false\ngrade: official\n")
    (entry,) = take()
    assert (entry.file_name, entry.manifest.is_synthetic) == (copy.name, True)


def test_one_byte_more_is_no_longer_the_sample(take, drop):
    drop("china_export_2021.csv", GACC_SAMPLE.read_bytes() + b"\n")
    assert [entry.manifest.is_synthetic for entry in take()] == [False]


@pytest.fixture
def synthetic(ledger, place, take):
    """A landed file of the sample."""
    place(GACC_SAMPLE)
    (entry,) = take()
    land_all(ledger)
    return entry.sha256


def active(ledger):
    return {entry.sha256 for entry in collect.active_files(ledger)}


def test_the_sample_stands_until_the_first_real_file_is_landed(ledger, place, take, synthetic):
    assert active(ledger) == {synthetic}
    place(EXPORT)
    assert active(ledger) == {synthetic}  # it waits
    (real,) = take()
    assert active(ledger) == {synthetic}  # it is archived
    assert not collect.only_sample(ledger)
    land_all(ledger)
    assert active(ledger) == {real.sha256}


def test_a_refused_file_does_not_set_the_sample_aside(ledger, place, take, synthetic):
    place(EXPORT)
    take()
    land_all(ledger, "refused")
    assert active(ledger) == {synthetic}


def test_the_sample_is_back_when_the_only_real_file_is_rejected(ledger, place, take, synthetic):
    place(EXPORT)
    (real,) = take()
    land_all(ledger)
    ledger.reject(real.sha256, "the wrong month")
    assert active(ledger) == {synthetic}
    assert collect.only_sample(ledger)
    ledger.unreject(real.sha256)
    assert active(ledger) == {real.sha256}


def test_both_count_on_request_and_a_rejected_sample_does_not(ledger, place, take, synthetic):
    place(EXPORT)
    (real,) = take()
    land_all(ledger)
    ledger.set_option(collect.SAMPLE_MODE, "with-real")
    assert active(ledger) == {synthetic, real.sha256}
    ledger.reject(synthetic, "not wanted")
    assert active(ledger) == {real.sha256}
    ledger.unreject(synthetic)
    ledger.set_option(collect.SAMPLE_MODE, "")
    assert active(ledger) == {real.sha256}
