"""The archive, landing and raw gate of every source folder there is.

Belongs here: the loop over the registry and the landing database that dbt reads. Does not belong here: the
shape of the assets (factory).
"""

from collections.abc import Iterator

import dagster as dg

from orchestration import catalogue, progress
from orchestration.defs.raw.factory import OWNERS, archive_asset, landed_asset, raw_gate
from orchestration.defs.resources import POOL, Writer
from orchestration.sources import all_sources

COPIES = {
    "files": "Every archived file with its landing, its manifest and whether it counts now.",
    "quarantine": "Records that could not be split into fields, with their raw text.",
    "gate_results": "Results of every gate of every run so far, red runs included.",
    "sources": "Publisher, licence, cadence and bounds of each source.",
    "country_codes": "The country codes of every source, each mapped to a country.",
    "quantity_units": "The units of every source and how they convert to standard units.",
    "landed_values": "Money of every landed row, read from its text by the SQL in its source's YAML.",
    "clock": "The day of the refresh, which says what is late.",
    "chosen_lists": "Versions of control lists that the user chose for all periods.",
    "edition_rules": "From which day a reporter's codes follow which HS edition.",
    "ecb_package_rates": "Euro reference rates by day and currency, as a package ships them.",
    "previous_coverage": "Coverage as published before this refresh.",
    "previous_files": "Files that counted before this refresh.",
}


def landing_database() -> dg.AssetsDefinition:
    """The small tables beside the landed rows, written once the raw gates have let the rows through."""

    @dg.multi_asset(
        name="landing_database",
        specs=[
            dg.AssetSpec(
                ["landing", name],
                deps=[dg.AssetKey(spec.asset.split("/")) for spec in all_sources()],
                group_name="landing",
                kinds={"python", "duckdb"},
                owners=OWNERS,
                description=description,
            )
            for name, description in COPIES.items()
        ],
        pool=POOL,
    )
    def build(context: dg.AssetExecutionContext, writer: Writer) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        progress.stage("landing database")
        catalogue.build(writer.settings, writer.ledger)
        counts = catalogue.counts(writer.settings, list(COPIES))
        for name, rows in counts.items():
            yield dg.MaterializeResult(asset_key=["landing", name], metadata={"dagster/row_count": rows})

    return build


@dg.definitions
def raw() -> dg.Definitions:
    """Assets and checks before dbt."""
    specs = all_sources()
    return dg.Definitions(
        assets=[*(archive_asset(s) for s in specs), *(landed_asset(s) for s in specs), landing_database()],
        asset_checks=[raw_gate(spec) for spec in specs],
    )
