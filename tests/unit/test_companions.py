"""Files that come beside a source's data and hold none: left out, visibly, and never taken for data.

Belongs here: `sources.companion` and what adding and collecting do with such files. Does not belong here: the
data beside them (the adapters' tests).
"""

import shutil
import zipfile

import pytest
from decoding import DATA

from orchestration import collect, sources
from orchestration.ledger import Ledger
from orchestration.manifest import Manifest
from orchestration.reading import ReadingError
from orchestration.settings import Settings

FILES = DATA / "baci"
YEAR, CODES = "BACI_HS17_Y2020_V202201.csv", "country_codes_V202201.csv"


@pytest.fixture
def settings(tmp_path):
    made = Settings(data=tmp_path / "data")
    made.prepare()
    return made


@pytest.fixture
def ledger(settings):
    return Ledger(settings.ledger_path)


@pytest.fixture
def release(tmp_path):
    """A release's zip: one year, both lists of codes and a note."""
    path = tmp_path / "BACI_HS17_V202201.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(FILES / CODES, CODES)
        archive.write(FILES / YEAR, YEAR)
        archive.writestr("product_codes_HS17_V202201.csv", "code,description\n010121,Horses\n")
        archive.writestr("Readme.txt", "Version : 202201\n")
    return path


def inbox(settings):
    return sorted(path.name for path in collect.inbox_files(settings))


def test_a_release_brings_its_years_and_names_what_it_leaves_out(settings, ledger, release):
    placed = collect.place(settings, ledger, release, Manifest())
    assert [(each.name, each.outcome) for each in placed] == [
        (YEAR, "placed"),
        (CODES, "companion"),
        ("product_codes_HS17_V202201.csv", "companion"),
        ("Readme.txt", "companion"),
    ]
    assert placed[1].detail == "BACI (CEPII): the release's list of country codes; no data, so it is left out"
    assert inbox(settings) == [YEAR]
    (entry,) = collect.collect(settings, ledger)
    assert (entry.file_name, entry.manifest.layout, entry.manifest.complete) == (YEAR, "HS17_V202201", True)


def test_a_release_dropped_into_the_inbox_is_taken_as_well(settings, ledger, release):
    shutil.copy(release, settings.inbox)
    assert [entry.file_name for entry in collect.collect(settings, ledger)] == [YEAR]
    assert inbox(settings) == []


def test_a_companion_alone_is_no_fault_when_added_and_waits_when_dropped(settings, ledger):
    (alone,) = collect.place(settings, ledger, FILES / CODES, Manifest())
    assert alone.outcome == "companion"
    assert inbox(settings) == []
    shutil.copy(FILES / CODES, settings.inbox)
    assert collect.collect(settings, ledger) == []
    assert inbox(settings) == [CODES]
    assert "list of country codes, no data" in ledger.rows("select reason from waiting")[0]["reason"]


def test_an_archive_of_companions_alone_has_no_data(settings, ledger, tmp_path):
    path = tmp_path / "lists.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(FILES / CODES, CODES)
    with pytest.raises(ReadingError, match=r"lists\.zip is an archive without a data file in it"):
        collect.place(settings, ledger, path, Manifest())


def test_data_under_a_companions_name_is_data(tmp_path):
    path = tmp_path / CODES
    shutil.copy(FILES / YEAR, path)
    assert sources.companion(path, path.name) is None
    assert sources.companion(FILES / CODES, CODES) is not None


@pytest.mark.parametrize("name", ["my_country_codes_V202201.csv", "country_codes.csv", "Readme.txt.csv"])
def test_only_the_whole_name_counts(tmp_path, name):
    path = tmp_path / name
    shutil.copy(FILES / CODES, path)
    assert sources.companion(path, name) is None
