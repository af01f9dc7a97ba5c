"""The mart gate: every entry of `gates/marts.yml` as one check on its mart.

Belongs here: the wiring. Does not belong here: the entries and their bounds.
"""

from collections.abc import Iterator

import dagster as dg

from orchestration import progress
from orchestration.defs.metadata import check_result, check_spec
from orchestration.defs.resources import POOL, Writer
from orchestration.gates.entries import mart_checks, run_marts


@dg.multi_asset_check(
    name="mart_gate",
    specs=[check_spec(check, dg.AssetKey(check.asset.split("/"))) for check in mart_checks()],
    pool=POOL,
)
def mart_gate(context: dg.AssetCheckExecutionContext, writer: Writer) -> Iterator[dg.AssetCheckResult]:
    """Run the checks on the build database; publishing waits for them."""
    progress.stage("mart gate")
    results = run_marts(writer.settings, writer.ledger, context.run.run_id)
    progress.stage("mart gate", f"{len(results)} checks, {sum(1 for r in results if r.blocks)} red")
    for result in results:
        yield check_result(result, dg.AssetKey(result.check.asset.split("/")))


@dg.definitions
def gates() -> dg.Definitions:
    """The checks between dbt and publish."""
    return dg.Definitions(asset_checks=[mart_gate])
