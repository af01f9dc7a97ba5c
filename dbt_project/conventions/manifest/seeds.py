"""House rules for seeds that dbt-bouncer does not bring.

Belongs here: checks of one seed on the parsed manifest. Does not belong here: anything that needs the data.
"""

from typing import Any

from dbt_bouncer.check_framework.decorator import check, fail

KEYS = {"unique", "unique_combination"}


@check
def check_seed_has_unique_test(seed: Any, ctx: Any) -> None:
    """A seed must say what its key is, with a `unique` or `unique_combination` test."""
    tests = ctx.tests_by_attached_node.get(seed.unique_id, [])
    if not any(test.test_metadata and test.test_metadata.name in KEYS for test in tests):
        fail(f"Seed `{seed.name}` has no test for a unique key.")


@check
def check_seed_columns_described_and_typed(seed: Any) -> None:
    """A seed's columns must be described and have a type in `column_types`: guessed, 0101 becomes 101."""
    typed = (seed.config.column_types if seed.config else None) or {}
    columns = seed.columns or {}
    if not columns:
        fail(f"Seed `{seed.name}` describes no column.")
    bad = [name for name, column in columns.items() if not column.description or name not in typed]
    if bad:
        fail(f"Seed `{seed.name}`: no description or no column type for {', '.join(sorted(bad))}.")
