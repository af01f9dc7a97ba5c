{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='_landing_id',
    on_schema_change='fail',
    pre_hook="{{ forget_withdrawn_landings() }}"
) }}

with source as (

    select * from {{ source('landing', 'eurostat_workbook__cells') }}
    {{ only_new_landings() }}

),

places as (

    -- labels and codes of a place meet under one label
    select
        code,
        label
    from {{ source('landing', 'country_codes') }}
    where source = 'eurostat_workbook'

),

split as (

    select
        *,
        {{ eurostat_place('reporter') }} as reporter_place,
        {{ eurostat_place('partner') }} as partner_place,
        -- the last brackets of the label, behind any notes on its validity
        regexp_extract(trim(product), '[[]([0-9A-Z]+)[]]$', 1) as code,
        lower(trim(flow)) as direction,
        trim(period) as span,
        nullif(trim(value), ':') as figure,
        nullif(trim(flag), '') as published_flag
    from source

),

typed as (

    select
        split.*,
        coalesce({{ month_start('span') }}, try_cast(span || '-01-01' as date)) as starts,
        coalesce(last_day({{ month_start('span') }}), try_cast(span || '-12-31' as date)) as ends,
        {{ amount('figure') }} as eur,
        coalesce(reporters.label, reporter_place) as reporter_label,
        coalesce(partners.label, partner_place) as partner_label
    from split
    left join places as reporters on split.reporter_place = reporters.code
    left join places as partners on split.partner_place = partners.code

),

keyed as (

    select
        *,
        concat_ws('|', reporter_label, partner_label, direction, span, is_synthetic) as block_key
    from typed

)

select
    -- provenance
    _file_sha256,
    _landing_id,
    _row_number,
    file_order,
    'eurostat_workbook' as source,

    -- roles
    reporter_place as reporter_code,
    cast(null as varchar) as reporter_area,
    partner_place as partner_code,
    direction as flow,

    -- period
    {{ frequency('starts', 'ends') }} as frequency,
    starts as period_start,
    ends as period_end,
    false as is_partial,

    -- goods
    {{ eurostat_code('code') }} as commodity_code,
    cast(length(regexp_extract(code, '^[0-9]*')) as integer) as hs_level,
    cast(null as varchar) as hs_revision_stated,
    true as is_original_edition,
    {{ eurostat_row_kind('code') }} as row_kind,

    -- measures: null is not zero
    eur as value_original,
    'EUR' as currency,
    case when direction = 'import' then 'cif' else 'fob' end as value_basis,
    cast(null as decimal(28, 6)) as quantity,
    cast(null as varchar) as quantity_unit_published,
    cast(null as decimal(28, 6)) as quantity_2,
    cast(null as varchar) as quantity_2_unit_published,
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
    cast(null as varchar) as breakdown,

    cast(1 as integer) as selection_rank,
    -- a newer `:` takes the place of a figure, and counts in no flow
    case
        when figure is null then 'not_available'
        when published_flag is not null then 'published_flag_' || published_flag
    end as quality_flag,
    concat_ws('|', block_key, code) as revision_key,
    block_key as revision_block,
    concat_ws('|', block_key, code) as observation_key,
    {{ untyped_fields([('value', 'figure', 'eur')]) }} as untyped_fields
from keyed
