"""Archive and landing assets of one source, and the raw gate on them.

Belongs here: the shape every source shares, so that a new source needs nothing here. Does not belong here:
how bytes are fetched (pulls), kept (collect), decoded (landing) or checked (gates).
"""

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg

from orchestration import catalogue, collect, landing, progress
from orchestration.defs.metadata import check_result, check_spec
from orchestration.defs.resources import POOL, Writer
from orchestration.gates.entries import raw_checks, run_raw
from orchestration.gather import gather
from orchestration.sources import SourceSpec

OWNERS = ["team:trade-data"]  # of what belongs to no one source
TRIGGER_TAG = "dualuse/trigger"


def archive_asset(spec: SourceSpec) -> dg.AssetsDefinition:
    """The source's files as published."""

    @dg.asset(
        key=["archive", spec.code],
        group_name="archive",
        kinds={"python", "file"},
        owners=[spec.owner],
        pool=POOL,
        description=f"{spec.title}: every file as published, write-once, named by digest. {spec.description}",
        metadata={
            "licence": spec.licence,
            "publisher": spec.publisher,
            "homepage": dg.MetadataValue.url(spec.url),
        },
    )
    def archive(context: dg.AssetExecutionContext, writer: Writer) -> dg.MaterializeResult:  # type: ignore[type-arg]
        if (
            context.run.tags.get(TRIGGER_TAG) != "cli"
        ):  # the command line has gathered already, to see whether to run
            for warning in gather(writer.settings, writer.ledger, context.run.run_id):
                context.log.warning(warning)
        entries = [entry for entry in writer.ledger.files() if entry.source == spec.code]
        lines = [f"| {e.file_name} | {e.sha256[:12]} | {e.bytes} | {e.status} |" for e in entries[-50:]]
        table = "\n".join(["| file | sha256 | bytes | state |", "| --- | --- | --- | --- |", *lines])
        return dg.MaterializeResult(
            metadata={
                "files": len(entries),
                "bytes": sum(entry.bytes for entry in entries),
                "contains_synthetic": any(entry.manifest.is_synthetic for entry in entries),
                "newest_files": dg.MetadataValue.md(table),
            }
        )

    return archive


def landed_asset(spec: SourceSpec) -> dg.AssetsDefinition:
    """The source's rows as text."""

    @dg.asset(
        key=spec.asset.split("/"),
        deps=[dg.AssetKey(["archive", spec.code])],
        group_name="landing",
        kinds={"python", "parquet"},
        owners=[spec.owner],
        pool=POOL,
        description=f"{spec.table_description} Revision unit: {spec.revision_unit}",
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=timedelta(days=spec.cadence_days)),
        metadata={"cadence_days": spec.cadence_days, "cadence_reason": spec.cadence_reason},
    )
    def landed(context: dg.AssetExecutionContext, writer: Writer) -> dg.MaterializeResult:  # type: ignore[type-arg]
        progress.stage("land")
        for done in landing.land_pending(writer.settings, writer.ledger, spec.code):
            context.log.info(f"{done.sha256[:12]}: {done.state} {done.reason or ''} {done.rows_landed} rows")
        active = [entry for entry in collect.active_files(writer.ledger) if entry.source == spec.code]
        rows = sum(entry.rows_landed for entry in active)
        progress.stage("land", f"{spec.code}: {len(active)} files, {rows:,} rows")
        digest = "-".join(sorted(str(entry.landing_id)[:8] for entry in active))[:200]
        return dg.MaterializeResult(
            data_version=dg.DataVersion(digest or "empty"),
            metadata={
                "dagster/row_count": rows,
                "files": len(active),
                "rows_quarantined": sum(entry.rows_quarantined for entry in active),
                "contains_synthetic": any(entry.manifest.is_synthetic for entry in active),
                "sha256": dg.MetadataValue.json([entry.sha256 for entry in active][:200]),
            },
        )

    return landed


def raw_gate(spec: SourceSpec) -> dg.AssetChecksDefinition:
    """Every entry under `gates` of the source's YAML as one check of its own name."""
    key = dg.AssetKey(spec.asset.split("/"))

    @dg.multi_asset_check(
        name=f"raw_gate_{spec.code}",
        specs=[check_spec(check, key) for check in raw_checks(spec.code)],
        pool=POOL,
    )
    def gate(context: dg.AssetCheckExecutionContext, writer: Writer) -> Iterator[dg.AssetCheckResult]:
        progress.stage("raw gate")
        catalogue.ensure(writer.settings, writer.ledger)
        results = run_raw(writer.settings, writer.ledger, context.run.run_id, spec.code)
        red = sum(1 for result in results if result.blocks)
        progress.stage("raw gate", f"{spec.code}: {len(results)} checks, {red} red")
        for result in results:
            yield check_result(result, key)

    return gate
