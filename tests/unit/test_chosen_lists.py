"""The versions of control lists that a user chooses.

Belongs here: reading the setting. Does not belong here: what the choice changes (dbt).
"""

from datetime import date

import pytest

from orchestration.settings import Settings, chosen_versions


def test_lists_and_days_are_read():
    assert chosen_versions(" CHPL=2023-09-14, EU833_XL = 2024-06-25 ,") == {
        "CHPL": date(2023, 9, 14),
        "EU833_XL": date(2024, 6, 25),
    }


@pytest.mark.parametrize("text", ["CHPL", "CHPL=", "CHPL=September", "CHPL=2023-13-01"])
def test_anything_else_is_refused_by_name(text):
    with pytest.raises(ValueError, match=f"DUALUSE_CHOSEN_LISTS: '{text}' is not LIST=YYYY-MM-DD"):
        chosen_versions(text)


def test_without_a_choice_none_is_made(monkeypatch):
    monkeypatch.delenv("DUALUSE_CHOSEN_LISTS", raising=False)
    assert Settings.from_env().chosen_lists == {}
    monkeypatch.setenv("DUALUSE_CHOSEN_LISTS", "CHPL=2023-09-14")
    assert Settings.from_env().chosen_lists == {"CHPL": date(2023, 9, 14)}
