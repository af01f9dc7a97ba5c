"""The published file, downstream of every mart and therefore of every blocking check.

Belongs here: the asset. Does not belong here: the swap itself (module `publish`).
"""

import dagster as dg

from orchestration import progress, publish
from orchestration.defs.dbt.build import REBUILD_TAG, dbt_build
from orchestration.defs.raw.factory import OWNERS
from orchestration.defs.resources import POOL, Writer

MARTS = sorted(key for key in dbt_build.keys if key.path[0] == "marts")


@dg.asset(
    key=["published", "marts"],
    deps=MARTS,
    group_name="publish",
    kinds={"duckdb"},
    owners=OWNERS,
    pool=POOL,
)
def published_marts(context: dg.AssetExecutionContext, writer: Writer) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """The database users read: the build, swapped in by one rename, with `manifest.json` beside it."""
    progress.stage("publish")
    started = writer.ledger.rows("select started_at from runs where run_id = ?", (context.run.run_id,))[0][
        "started_at"
    ]
    rebuild = context.run.tags.get(REBUILD_TAG) == "true"
    done = publish.publish(writer.settings, writer.ledger, context.run.run_id, started, rebuild)
    writer.ledger.end_run(
        context.run.run_id, "published" if done.is_new else "unchanged", {"marts": done.marts}
    )
    progress.stage("publish", str(done.path) if done.is_new else "nothing new: the published file stays")
    manifest = publish.published_manifest(writer.settings)
    return dg.MaterializeResult(
        data_version=dg.DataVersion(manifest["database"]["sha256"]),
        metadata={
            "path": dg.MetadataValue.path(str(done.path)),
            "is_new": done.is_new,
            "sha256": manifest["database"]["sha256"],
            "contains_synthetic": manifest["contains_synthetic"],
            "code_version": manifest["code_version"],
            "row_counts": dg.MetadataValue.json(done.marts),
        },
    )


@dg.definitions
def publishing() -> dg.Definitions:
    """The last asset of the lineage."""
    return dg.Definitions(assets=[published_marts])
