"""The landing database: what it remembers of the last publish, and when it is built anew.

Belongs here: tables that Python writes for dbt. Does not belong here: what dbt makes of them.
"""

from dataclasses import replace

import duckdb
import pytest

from orchestration import catalogue
from orchestration.ledger import Ledger
from orchestration.settings import Settings


@pytest.fixture
def published(tmp_path):
    """A data root whose published file covers one month of one source."""
    settings = Settings(data=tmp_path / "data")
    settings.prepare()
    with duckdb.connect(str(settings.marts_database)) as db:
        db.execute(
            "create table ops_coverage as select 'gacc' as source, 'CN' as reporter_iso2, 'export' as flow,"
            " 'monthly' as frequency, date '2023-01-01' as period_start, date '2023-01-31' as period_end,"
            " false as is_synthetic, 3 as flow_count"
        )
        db.execute("create table ops_files as select 'x' as sha256, 'gacc' as source, true as is_active")
    return settings


def previous(settings):
    with duckdb.connect(str(settings.landing_database), read_only=True) as db:
        periods = db.execute("select source, period_start::varchar from previous_coverage").fetchall()
        return periods, db.execute("select sha256 from previous_files").fetchall()


def test_what_was_published_is_remembered(published):
    catalogue.build(published, Ledger(published.ledger_path))
    assert previous(published) == ([("gacc", "2023-01-01")], [("x",)])


def test_where_vanished_periods_are_accepted_nothing_is_remembered(published):
    catalogue.build(replace(published, accept_vanished=True), Ledger(published.ledger_path))
    assert previous(published) == ([], [])


def test_acceptance_comes_from_the_environment(monkeypatch):
    assert Settings.from_env().accept_vanished is False
    monkeypatch.setenv("DUALUSE_ACCEPT_VANISHED", "1")
    assert Settings.from_env().accept_vanished is True


def test_it_is_built_once_for_the_same_files(published):
    ledger = Ledger(published.ledger_path)
    catalogue.ensure(published, ledger)
    first = published.landing_database.stat().st_mtime_ns
    catalogue.ensure(published, ledger)
    assert published.landing_database.stat().st_mtime_ns == first
    published.landing_database.unlink()
    catalogue.ensure(published, ledger)
    assert published.landing_database.exists()


def test_the_day_of_the_refresh_is_that_of_the_clock(published, monkeypatch):
    monkeypatch.setenv("DUALUSE_CLOCK", "2024-03-01T23:30:00")
    catalogue.build(published, Ledger(published.ledger_path))
    with duckdb.connect(str(published.landing_database), read_only=True) as db:
        assert db.execute("select refreshed_on::varchar from clock").fetchall() == [("2024-03-01",)]
