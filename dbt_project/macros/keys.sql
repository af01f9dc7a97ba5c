{# Identities of flows: the same text for the same key, whichever model asks. #}

{% macro flow_key(code) -%}
    md5(concat_ws(
        '|', source, reporter_iso2, partner_iso2, flow, frequency, cast(period_start as varchar),
        cast(period_end as varchar), {{ code }}, coalesce(hs_revision, ''), value_basis, row_kind,
        coalesce(reporter_area, ''), cast(is_synthetic as varchar)
    ))
{%- endmacro %}

{% macro frequency(start, end) -%}
    {#- A span's name by its length; a span that is neither a month nor a calendar year is `other`. -#}
    case
        when {{ end }} = last_day({{ start }}) then 'monthly'
        when extract(month from {{ start }}) = 1 and extract(month from {{ end }}) = 12
            and extract(year from {{ start }}) = extract(year from {{ end }}) then 'annual'
        else 'other'
    end
{%- endmacro %}

{% macro observation_columns() -%}
    {#- The one shape in which every source's staging hands over its rows. -#}
    {{ return([
        '_file_sha256', '_landing_id', '_row_number', 'file_order', 'source', 'reporter_code', 'reporter_area',
        'partner_code', 'flow',
        'frequency', 'period_start', 'period_end', 'is_partial', 'commodity_code', 'hs_level', 'hs_revision_stated',
        'is_original_edition', 'row_kind', 'value_original', 'currency', 'value_basis', 'quantity',
        'quantity_unit_published', 'quantity_2', 'quantity_2_unit_published', 'net_weight_kg',
        'is_quantity_estimated', 'evidence_type', 'source_grade', 'is_synthetic', 'vintage_date', 'vintage_basis',
        'is_complete', 'revision_order',
        'only_selection', 'breakdown', 'selection_rank', 'quality_flag', 'revision_key', 'revision_block',
        'observation_key', 'untyped_fields'
    ]) }}
{%- endmacro %}

{% macro dual_use_key(flow, match) -%}
    {#- A flow as one definition sees it on one basis. -#}
    md5(concat_ws(
        '|', {{ flow }}, {{ match }}.definition_kind, {{ match }}.definition_id,
        {{ match }}.version_basis
    ))
{%- endmacro %}

{% macro same(left, right, columns) -%}
    {#- Join condition of two relations that hold the same in all of `columns`; a null equals a null. -#}
    {%- for column in columns -%}
        {{ left }}.{{ column }} is not distinct from {{ right }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
