{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='_landing_id',
    on_schema_change='fail',
    pre_hook="{{ forget_withdrawn_landings() }}"
) }}

with source as (

    select * from {{ source('landing', 'gacc__trade_rows') }}
    {{ only_new_landings() }}

),

typed as (

    select
        *,
        {{ given('commodity_code') }} as code,
        {{ amount('value_usd', thousands_comma=true) }} as usd,
        {{ amount('value_cny', thousands_comma=true) }} as cny,
        {{ amount('quantity', thousands_comma=true) }} as amount_1,
        {{ amount('quantity_2', thousands_comma=true) }} as amount_2,
        lower({{ given('unit') }}) as unit_1_name,
        lower({{ given('unit_2') }}) as unit_2_name,
        coalesce({{ month_start('period') }}, manifest_period_start) as starts,
        coalesce(last_day({{ month_start('period') }}), manifest_period_end) as ends,
        coalesce({{ given('partner_code') }}, manifest_partner) as partner
    from source

),

keyed as (

    select
        *,
        case when usd is not null or cny is null then 'USD' else 'CNY' end as unit_of_value,
        concat_ws('|', manifest_direction, starts, ends, partner, is_synthetic) as block_key
    from typed

)

select
    -- provenance
    _file_sha256,
    _landing_id,
    _row_number,
    file_order,
    'gacc' as source,

    -- roles
    '142' as reporter_code,
    cast(null as varchar) as reporter_area,
    partner as partner_code,
    manifest_direction as flow,

    -- period
    {{ frequency('starts', 'ends') }} as frequency,
    starts as period_start,
    ends as period_end,
    false as is_partial,

    -- goods: the tariff's own eight digits where the query had them
    code as commodity_code,
    cast(length(code) as integer) as hs_level,
    cast(null as varchar) as hs_revision_stated,
    true as is_original_edition,
    case when left(code, 2) in ('98', '99') then 'unallocated' else 'reported' end as row_kind,

    -- measures
    coalesce(usd, cny) as value_original,
    unit_of_value as currency,
    case when manifest_direction = 'import' then 'cif' else 'fob' end as value_basis,
    case when unit_1_name is not null then amount_1 end as quantity,
    unit_1_name as quantity_unit_published,
    case when unit_2_name is not null then amount_2 end as quantity_2,
    unit_2_name as quantity_2_unit_published,
    cast(null as decimal(28, 6)) as net_weight_kg,
    false as is_quantity_estimated,

    -- how we know
    'statistics' as evidence_type,
    source_grade,
    is_synthetic,
    vintage_date,
    vintage_basis,
    is_complete,
    file_order as revision_order,
    manifest_only as only_selection,
    'regime=' || coalesce(regime_code, '') || ';province=' || coalesce(province_code, '')
        as breakdown,

    -- a key in yuan counts only where there is none in dollars
    cast(case unit_of_value when 'USD' then 1 else 2 end as integer) as selection_rank,
    cast(null as varchar) as quality_flag,
    concat_ws('|', block_key, unit_of_value, code) as revision_key,
    concat_ws('|', block_key, unit_of_value) as revision_block,
    concat_ws('|', block_key, code) as observation_key,
    {{ untyped_fields([
        ('value_usd', 'value_usd', 'usd'),
        ('value_cny', 'value_cny', 'cny'),
        ('quantity', 'quantity', 'amount_1'),
        ('quantity_2', 'quantity_2', 'amount_2'),
    ]) }} as untyped_fields
from keyed
