{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='_landing_id',
    on_schema_change='fail',
    pre_hook="{{ forget_withdrawn_landings() }}"
) }}

with source as (

    select * from {{ source('landing', 'baci__trade_rows') }}
    {{ only_new_landings() }}

),

typed as (

    select
        *,
        trim(i) as exporter,
        trim(j) as importer,
        -- an integer of five digits has lost its zero
        case when length(trim(k)) = 5 then '0' || trim(k) else trim(k) end as code,
        {{ amount('v') }} as thousand_usd,
        nullif(trim(q), 'NA') as tonnes_text,
        {{ amount("nullif(trim(q), 'NA')") }} as tonnes,
        try_cast(trim(t) || '-01-01' as date) as starts,
        try_cast(trim(t) || '-12-31' as date) as ends,
        case edition
            when 'HS92' then 'HS1992' when 'HS96' then 'HS1996' when 'HS02' then 'HS2002'
            when 'HS07' then 'HS2007' when 'HS12' then 'HS2012' when 'HS17' then 'HS2017'
            when 'HS22' then 'HS2022'
        end as hs_edition,
        -- V202401b is newer than V202401 and older than V202402
        cast(left(release, 6) as bigint) * 100
        + coalesce(strpos('abcdefghijklmnopqrstuvwxyz', nullif(substr(release, 7), '')), 0)
            as release_order
    from source

),

keyed as (

    select
        *,
        -- years in which reporters themselves still used the edition
        cast(right(hs_edition, 4) as integer) <= extract(year from starts)
        and extract(year from starts) < case hs_edition
            when 'HS1992' then 1996 when 'HS1996' then 2002 when 'HS2002' then 2007
            when 'HS2007' then 2012 when 'HS2012' then 2017 when 'HS2017' then 2022
            else 2028
        end as is_in_force,
        concat_ws('|', edition, is_synthetic) as block_key
    from typed

)

select
    -- provenance
    _file_sha256,
    _landing_id,
    _row_number,
    file_order,
    'baci' as source,

    -- roles: a flow is told from its exporter's side
    exporter as reporter_code,
    cast(null as varchar) as reporter_area,
    importer as partner_code,
    'export' as flow,

    -- period
    'annual' as frequency,
    starts as period_start,
    ends as period_end,
    false as is_partial,

    -- goods
    code as commodity_code,
    6 as hs_level,
    hs_edition as hs_revision_stated,
    coalesce(is_in_force, false) as is_original_edition,
    case when left(code, 2) in ('98', '99') then 'unallocated' else 'reported' end as row_kind,

    -- measures: thousand dollars and tonnes in the file
    cast(thousand_usd * 1000 as decimal(28, 6)) as value_original,
    'USD' as currency,
    'fob' as value_basis,
    tonnes as quantity,
    case when tonnes is not null then 't' end as quantity_unit_published,
    cast(null as decimal(28, 6)) as quantity_2,
    cast(null as varchar) as quantity_2_unit_published,
    cast(tonnes * 1000 as decimal(28, 6)) as net_weight_kg,
    false as is_quantity_estimated,

    -- how we know
    'reconciled' as evidence_type,
    source_grade,
    is_synthetic,
    vintage_date,
    vintage_basis,
    is_complete,
    manifest_only as only_selection,
    cast(null as varchar) as breakdown,

    -- a release replaces the one before it; its files share one order and stand beside each other
    1 as selection_rank,
    cast(null as varchar) as quality_flag,
    concat_ws('|', block_key, trim(t), exporter, importer, code) as revision_key,
    block_key as revision_block,
    release_order as revision_order,
    concat_ws('|', block_key, trim(t), exporter, importer, code) as observation_key,
    {{ untyped_fields([('v', 'v', 'thousand_usd'), ('q', 'tonnes_text', 'tonnes')]) }}
        as untyped_fields
from keyed
