"""The dbt project as Dagster assets and checks: one build a refresh, into the build database.

Belongs here: the one op that runs dbt. Does not belong here: names and texts (translator), SQL (dbt_project),
or whether the result may be published (publish).
"""

import io
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext, redirect_stdout
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslatorSettings, DbtCliResource, dbt_assets

from orchestration import dbt_results, progress, publish
from orchestration.defs.dbt.translator import Translator
from orchestration.defs.raw.factory import TRIGGER_TAG
from orchestration.defs.resources import POOL, Writer
from orchestration.settings import DBT_PROJECT

MANIFEST = DBT_PROJECT / "target" / "manifest.json"
REBUILD_TAG = "dualuse/rebuild"


@dbt_assets(
    manifest=MANIFEST,
    name="dbt_build",
    pool=POOL,
    dagster_dbt_translator=Translator(
        # A test on a source let dbt run past a red raw gate, so tests on sources are no checks here.
        settings=DagsterDbtTranslatorSettings(enable_asset_checks=True, enable_source_tests_as_checks=False)
    ),
)
def dbt_build(context: dg.AssetExecutionContext, writer: Writer, dbt: DbtCliResource) -> Iterator[Any]:
    """Seeds, models and tests, into a build that starts from a copy of what is published."""
    progress.stage("dbt")
    os.environ.update(writer.settings.tool_environment())
    is_fresh = publish.prepare_build(writer.settings, rebuild=context.run.tags.get(REBUILD_TAG) == "true")
    progress.stage("dbt", "from nothing" if is_fresh else "from a copy of the published file")
    # A folder of its own per data root, so that dbt finds what it parsed there last time.
    target = writer.settings.build / "target"
    invocation = dbt.cli(
        ["build", "--exclude-resource-type", "unit_test"],
        context=context,
        raise_on_error=False,
        target_path=target,
    )
    is_terminal_run = context.run.tags.get(TRIGGER_TAG) == "cli"
    with (
        redirect_stdout(io.StringIO()) if is_terminal_run else nullcontext()
    ):  # dbt's own lines are in its log
        events = list(_told(invocation.stream()))
    results = dbt_results.read(invocation.target_path)
    checks = dbt_results.enter(results, writer.settings, writer.ledger, context.run.run_id)
    models = dbt_results.row_counts(writer.settings)
    progress.stage("dbt", f"{len(models)} tables, {checks.count} tests, {checks.red} red")
    for event in events:
        yield _with_rows(event, models)
    if not invocation.is_successful():
        raise dg.Failure("dbt build failed: " + (dbt_results.first_error(results) or "see its log"))


def _told(events: Iterable[Any]) -> Iterator[Any]:
    """The events, with a line of progress for every fifty of them."""
    for number, event in enumerate(events, 1):
        if number % 50 == 0:
            progress.stage("dbt", f"{number} models, seeds and tests done")
        yield event


def _with_rows(event: Any, counts: Mapping[str, int]) -> Any:
    """Add the row count to what dbt reports of a model."""
    if isinstance(event, dg.Output):
        name = str(event.metadata.get("unique_id", dg.MetadataValue.text("")).value).split(".")[-1]
        if name in counts:
            metadata: dict[str, Any] = {**event.metadata, "dagster/row_count": counts[name]}
            return dg.Output(None, output_name=event.output_name, metadata=metadata)
    return event


@dg.definitions
def dbt() -> dg.Definitions:
    """The dbt assets with their tests as checks, and the dbt command line."""
    executable = Path(sys.executable).parent / "dbt"  # the one installed with us, whatever PATH says
    resource = DbtCliResource(
        project_dir=str(DBT_PROJECT), profiles_dir=str(DBT_PROJECT), dbt_executable=str(executable)
    )
    return dg.Definitions(assets=[dbt_build], resources={"dbt": resource})
