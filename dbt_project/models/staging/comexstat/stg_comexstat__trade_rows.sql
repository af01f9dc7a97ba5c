{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='_landing_id',
    on_schema_change='fail',
    pre_hook="{{ forget_withdrawn_landings() }}"
) }}

with source as (

    select * from {{ source('landing', 'comexstat__trade_rows') }}
    {{ only_new_landings() }}

),

typed as (

    select
        *,
        -- eight digits and three: a spreadsheet may have taken their zeros
        case
            when length(trim("CO_NCM")) = 7 then '0' || trim("CO_NCM") else trim("CO_NCM")
        end as code,
        lpad(trim("CO_PAIS"), 3, '0') as partner,
        trim("CO_ANO") as year_text,
        lpad(trim("CO_MES"), 2, '0') as month_text,
        {{ amount('"VL_FOB"') }} as fob,
        {{ amount('"VL_FRETE"') }} as freight,
        {{ amount('"VL_SEGURO"') }} as insurance,
        {{ amount('"QT_ESTAT"') }} as amount_1,
        {{ amount('"KG_LIQUIDO"') }} as net_weight
    from source

),

keyed as (

    select
        *,
        try_cast(year_text || '-' || month_text || '-01' as date) as starts,
        concat_ws('|', manifest_direction, year_text, is_synthetic) as block_key
    from typed

)

select
    -- provenance
    _file_sha256,
    _landing_id,
    _row_number,
    file_order,
    'comexstat' as source,

    -- roles
    '105' as reporter_code,
    cast(null as varchar) as reporter_area,
    partner as partner_code,
    manifest_direction as flow,

    -- period
    'monthly' as frequency,
    starts as period_start,
    last_day(starts) as period_end,
    false as is_partial,

    -- goods: the eight digits of the Mercosur nomenclature
    code as commodity_code,
    cast(length(code) as integer) as hs_level,
    cast(null as varchar) as hs_revision_stated,
    true as is_original_edition,
    case when left(code, 2) in ('98', '99') then 'unallocated' else 'reported' end as row_kind,

    -- measures: FOB for imports too
    fob as value_original,
    'USD' as currency,
    'fob' as value_basis,
    freight as freight_usd,
    insurance as insurance_usd,
    amount_1 as quantity,
    trim("CO_UNID") as quantity_unit_published,
    cast(null as decimal(28, 6)) as quantity_2,
    cast(null as varchar) as quantity_2_unit_published,
    net_weight as net_weight_kg,
    false as is_quantity_estimated,

    -- how we know
    'statistics' as evidence_type,
    source_grade,
    is_synthetic,
    vintage_date,
    vintage_basis,
    is_complete,
    manifest_only as only_selection,
    concat_ws(
        ';', 'state=' || trim("SG_UF_NCM"), 'mode=' || trim("CO_VIA"), 'office=' || trim("CO_URF")
    ) as breakdown,

    -- rows of states, modes and offices add up
    1 as selection_rank,
    cast(null as varchar) as quality_flag,
    concat_ws('|', block_key, month_text, partner, code) as revision_key,
    block_key as revision_block,
    file_order as revision_order,
    concat_ws('|', block_key, month_text, partner, code) as observation_key,
    {{ untyped_fields([
        ('VL_FOB', '"VL_FOB"', 'fob'),
        ('VL_FRETE', '"VL_FRETE"', 'freight'),
        ('VL_SEGURO', '"VL_SEGURO"', 'insurance'),
        ('QT_ESTAT', '"QT_ESTAT"', 'amount_1'),
        ('KG_LIQUIDO', '"KG_LIQUIDO"', 'net_weight'),
    ]) }} as untyped_fields
from keyed
