"""How the dbt project looks in Dagster: keys, groups, owners, and what each test asserts in words.

Belongs here: names and texts only. Does not belong here: running dbt (build).
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject

from orchestration.defs.raw.factory import OWNERS


class Translator(DagsterDbtTranslator):
    """Keys are layer and model; groups are what a reader looks for."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Layer and name, such as `marts/fct_trade_flows`; of a source, the asset that its YAML names."""
        if dbt_resource_props["resource_type"] == "source":
            named = dbt_resource_props.get("meta", {}).get("dagster", {}).get("asset_key")
            return dg.AssetKey(named or ["landing", dbt_resource_props["name"]])
        return dg.AssetKey([_layer(dbt_resource_props), dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The layer; marts by subject."""
        layer = _layer(dbt_resource_props)
        return f"marts_{dbt_resource_props['fqn'][2]}" if layer == "marts" else layer

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """Whoever owns the pipeline owns its models."""
        return OWNERS

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        """The test as a check that says what it asserts."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        return spec and spec._replace(description=in_words(manifest["nodes"][unique_id]))


def _layer(props: Mapping[str, Any]) -> str:
    return "reference" if props["resource_type"] == "seed" else str(props["fqn"][1])


def in_words(test: Mapping[str, Any]) -> str:
    """One sentence on a data test of the manifest: its description, else made from its arguments."""
    if test.get("description"):
        return str(test["description"])
    kind, arguments = test["test_metadata"]["name"], test["test_metadata"]["kwargs"]
    column = arguments.get("column_name")
    if kind == "columns_are_given":
        return f"Given in every row: {', '.join(arguments['columns'])}."
    if kind == "unique":
        return f"No two rows have the same {column}."
    if kind == "unique_combination":
        return f"No two rows have the same {', '.join(arguments['columns'])}."
    if kind == "accepted_values":
        return f"Every {column} is one of: {', '.join(map(str, arguments['values']))}."
    if kind == "relationships":
        return f"Every {column} is a value of {_referred(str(arguments['to']))}.{arguments['field']}."
    return f"dbt test {kind}" + (f" on {column}." if column else ".")


def _referred(reference: str) -> str:
    """The model's name out of `ref('model')`."""
    return reference.split("'")[1] if "'" in reference else reference
