"""DUALUSE_CHOSEN_LISTS: its form, and that another choice is another input of a refresh.

Belongs here: reading the variable. Does not belong here: what the choice does to rows (tests/e2e).
"""

from datetime import date

import pytest

from orchestration import publish
from orchestration.ledger import Ledger
from orchestration.settings import Settings, SettingsError, chosen_versions


def test_lists_and_days_are_read():
    assert chosen_versions("") == {}
    text = " CHPL=2023-09-14, EU833_XL = 2024-06-25,"
    assert chosen_versions(text) == {"CHPL": date(2023, 9, 14), "EU833_XL": date(2024, 6, 25)}


@pytest.mark.parametrize("text", ["CHPL", "CHPL=", "CHPL=14.9.2023", "CHPL=2023-02-30"])
def test_other_words_are_refused_by_name(text, monkeypatch):
    monkeypatch.setenv("DUALUSE_CHOSEN_LISTS", f"EU833_XL=2024-06-25,{text}")
    with pytest.raises(SettingsError, match=f"DUALUSE_CHOSEN_LISTS: '{text}' is not LIST=YYYY-MM-DD"):
        Settings.from_env()


def test_another_choice_is_something_new(tmp_path):
    """Else a refresh would find nothing new and publish nothing."""
    newest = Settings(data=tmp_path)
    newest.prepare()
    ledger = Ledger(newest.ledger_path)
    older = Settings(data=tmp_path, chosen_lists={"CHPL": date(2023, 9, 14)})
    assert publish.inputs(newest, ledger) != publish.inputs(older, ledger)
    assert publish.inputs(older, ledger) == publish.inputs(older, ledger)
