{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='_landing_id',
    on_schema_change='fail',
    pre_hook="{{ forget_withdrawn_landings() }}"
) }}

{% set numbers = ['value', 'quantity', 'quantity_2', 'net_weight_kg'] %}

with source as (

    select * from {{ source('landing', 'table__trade_rows') }}
    {{ only_new_landings() }}

),

cleaned as (

    -- what marks nothing is nothing; what is left is a number in the marks that the mapping names
    select
        *,
        {% for name in numbers %}
            case
                when
                    lower(trim({{ name }}))
                    not in (
                        '', '-', '—', '?', ':', '..', 'na', 'n/a', '#n/a', 'nan', 'none', 'null',
                        'nil'
                    )
                    then trim({{ name }})
            end as {{ name }}_given,
        {% endfor %}
        upper(replace(replace(regexp_replace(trim(hs_code), '[.]0$', ''), '.', ''), ' ', ''))
            as code_text,
        upper(trim(hs_revision)) as edition,
        try_cast(period_start as date) as starts,
        try_cast(period_end as date) as ends
    from source

),

typed as (

    select
        *,
        {% for name in numbers %}
            {% set spaced = "replace(" ~ name ~ "_given, chr(160), ' ')" %}
            {% set joined = "replace(" ~ spaced ~ ", coalesce(thousands_mark, chr(160)), '')" %}
            {% set plain = "replace(replace(" ~ joined ~ ", ' ', ''), decimal_mark, '.')" %}
            try_cast({{ plain }} as decimal(28, 6)) as {{ name }}_typed,
        {% endfor %}
        lower(trim(regexp_replace(replace(reporter, chr(160), ' '), '\s+', ' ', 'g')))
            as reporter_folded,
        lower(trim(regexp_replace(replace(partner, chr(160), ' '), '\s+', ' ', 'g')))
            as partner_folded,
        strpos(code_text, 'X') > 0 and code_text <> 'TOTAL' as is_masked,
        regexp_extract(code_text, '^[0-9]*') as digits
    from cleaned

),

coded as (

    -- a code of an odd number of digits has lost its leading zero
    select
        *,
        case
            when code_text = 'TOTAL' or digits = '' then 'TOTAL'
            when is_masked then left(digits, cast(floor(length(digits) / 2) * 2 as integer))
            when length(digits) % 2 = 1 then '0' || digits
            else digits
        end as code
    from typed

),

keyed as (

    select
        *,
        concat_ws('|', reporter_folded, flow_name, starts, ends, is_synthetic) as block_key
    from coded

)

select
    -- provenance
    _file_sha256,
    _landing_id,
    _row_number,
    file_order,
    'table' as source,

    -- roles
    reporter_folded as reporter_code,
    nullif(manifest_area, 'national') as reporter_area,
    partner_folded as partner_code,
    flow_name as flow,

    -- period
    {{ frequency('starts', 'ends') }} as frequency,
    starts as period_start,
    ends as period_end,
    false as is_partial,

    -- goods
    code as commodity_code,
    cast(case when code = 'TOTAL' then 0 else length(code) end as integer) as hs_level,
    -- null, for in_force, leaves it to the edition rules
    case
        when edition in ('H0', 'HS92', 'HS1992') then 'HS1992'
        when edition in ('H1', 'HS96', 'HS1996') then 'HS1996'
        when edition in ('H2', 'HS02', 'HS2002') then 'HS2002'
        when edition in ('H3', 'HS07', 'HS2007') then 'HS2007'
        when edition in ('H4', 'HS12', 'HS2012') then 'HS2012'
        when edition in ('H5', 'HS17', 'HS2017') then 'HS2017'
        when edition in ('H6', 'HS22', 'HS2022') then 'HS2022'
    end as hs_revision_stated,
    true as is_original_edition,
    case
        when is_masked then 'confidential'
        when left(code, 2) in ('98', '99') then 'unallocated'
        else 'reported'
    end as row_kind,

    -- measures
    cast(value_typed * cast(value_scale as decimal(18, 0)) as decimal(28, 6)) as value_original,
    upper(trim(currency)) as currency,
    value_basis,
    case when unit is not null then quantity_typed end as quantity,
    lower({{ given('unit') }}) as quantity_unit_published,
    case when unit_2 is not null then quantity_2_typed end as quantity_2,
    lower({{ given('unit_2') }}) as quantity_2_unit_published,
    net_weight_kg_typed as net_weight_kg,
    false as is_quantity_estimated,

    -- how we know
    evidence_type,
    source_grade,
    is_synthetic,
    vintage_date,
    vintage_basis,
    is_complete,
    file_order as revision_order,
    manifest_only as only_selection,
    breakdown,

    -- rows of one key are added up; the table is checked for doubled keys before it lands
    1 as selection_rank,
    cast(null as varchar) as quality_flag,
    concat_ws('|', block_key, partner_folded, value_basis, code, is_masked) as revision_key,
    block_key as revision_block,
    concat_ws('|', block_key, partner_folded, value_basis, code, is_masked) as observation_key,
    {{ untyped_fields([
        ('value', 'value_given', 'value_typed'),
        ('quantity', 'quantity_given', 'quantity_typed'),
        ('quantity_2', 'quantity_2_given', 'quantity_2_typed'),
        ('net_weight_kg', 'net_weight_kg_given', 'net_weight_kg_typed'),
    ]) }} as untyped_fields
from keyed
