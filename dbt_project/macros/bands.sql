{# Bands of what a definition holds: from what surely belongs to it to all that it touches. #}

{% macro series_columns(prefix='') -%}
    {#- What makes two periods parts of one series of one definition. -#}
    {%- for column in [
        'definition_kind', 'definition_id', 'version_basis', 'tier', 'source', 'reporter_iso2', 'reporter_area',
        'partner_iso2', 'flow', 'value_basis', 'is_synthetic'
    ] -%}
        {{ prefix }}{{ column }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro same_series(left, right) -%}
    {#- Join condition of two relations of series. -#}
    {{ same(left, right, series_columns().split(', ')) }}
{%- endmacro %}

{% macro band(amount) -%}
    {#- low is exact and near, near alone beside it; an amount below zero lowers no high end that is merely possible. -#}
    sum({{ amount }}) filter (where certainty in ('exact', 'near')) as {{ amount }}_low,
    sum({{ amount }}) filter (where certainty = 'near') as {{ amount }}_near,
    sum({{ amount }}) filter (
        where certainty in ('exact', 'near') or (certainty = 'possible' and {{ amount }} >= 0)
    ) as {{ amount }}_high
{%- endmacro %}

{% macro growth_pct(base, later) -%}
    {#- Growth in percent; null where there is nothing to grow from. -#}
    cast(100 * ({{ later }} - {{ base }}) / nullif({{ base }}, 0) as decimal(18, 4))
{%- endmacro %}
