"""What a check shows in the Dagster UI: value, threshold, reason and the rows behind a failure.

Belongs here: the one translation from our checks to Dagster's. Does not belong here: running them.
"""

from typing import Any

import dagster as dg

from orchestration.gates.model import Check, GateResult


def check_spec(check: Check, key: dg.AssetKey) -> dg.AssetCheckSpec:
    """A Dagster check of the same name; blocking as the entry says."""
    return dg.AssetCheckSpec(
        name=check.name,
        asset=key,
        blocking=check.severity == "block",
        description=f"{check.reason} Bound: {check.threshold}.",
        metadata={"expectation": check.expectation, "threshold": check.threshold},
    )


def check_result(result: GateResult, key: dg.AssetKey) -> dg.AssetCheckResult:
    """The result with what a reader needs to act on it."""
    is_blocking = result.check.severity == "block"
    metadata: dict[str, Any] = {
        "value": result.value,
        "threshold": result.check.threshold,
        "reason": result.check.reason,
    }
    if result.error:
        metadata["error"] = result.error
    if result.offending:
        metadata["offending_rows"] = dg.MetadataValue.json(result.offending)
        metadata["offending_count"] = result.offending_count or len(result.offending)
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=result.check.name,
        passed=result.passed,
        severity=dg.AssetCheckSeverity.ERROR if is_blocking else dg.AssetCheckSeverity.WARN,
        metadata=metadata,
    )
