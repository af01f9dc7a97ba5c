{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='_landing_id',
    on_schema_change='fail',
    pre_hook="{{ forget_withdrawn_landings() }}"
) }}

with source as (

    select * from {{ source('landing', 'comtrade__trade_rows') }}
    {{ only_new_landings() }}

),

typed as (

    select
        *,
        trim(period) as span,
        trim("reporterCode") as reporter,
        trim("partnerCode") as partner,
        trim("cmdCode") as code,
        trim("classificationCode") as edition,
        trim("flowCode") as flow_code,
        {{ amount('"primaryValue"') }} as primary_value,
        {{ amount('cifvalue') }} as cif_value,
        {{ amount('fobvalue') }} as fob_value,
        {{ amount('qty') }} as amount_1,
        {{ amount('"altQty"') }} as amount_2,
        {{ amount('"netWgt"') }} as net_weight,
        trim("qtyUnitCode") as unit_1,
        trim("altQtyUnitCode") as unit_2,
        -- what the four other dimensions say; the old layout leaves them empty, which is the total
        case when coalesce(nullif(trim("customsCode"), ''), 'C00') <> 'C00' then 1 else 0 end
            as by_procedure,
        case when coalesce(nullif(trim("motCode"), ''), '0') <> '0' then 1 else 0 end as by_mode,
        case when coalesce(nullif(trim("partner2Code"), ''), '0') <> '0' then 1 else 0 end
            as by_partner_2,
        coalesce(nullif(trim("mosCode"), ''), '0') as mode_of_supply
    from source

),

named as (

    select
        *,
        case
            when length(span) = 4 then try_cast(span || '-01-01' as date)
            else {{ month_start('span') }}
        end as starts,
        case
            when length(span) = 4 then try_cast(span || '-12-31' as date)
            else last_day({{ month_start('span') }})
        end as ends,
        case flow_code
            when 'M' then 'import' when '1' then 'import'
            when 'X' then 'export' when '2' then 'export'
            when 'RX' then 're_export' when '3' then 're_export'
            when 'RM' then 're_import' when '4' then 're_import'
            when 'DX' then 'domestic_export'
            when 'FM' then 'foreign_import'
            when 'MIP' then 'import_for_inward_processing'
            when 'MOP' then 'import_after_outward_processing'
            when 'XIP' then 'export_after_inward_processing'
            when 'XOP' then 'export_for_outward_processing'
        end as flow_name,
        case edition
            when 'H0' then 'HS1992' when 'H1' then 'HS1996' when 'H2' then 'HS2002'
            when 'H3' then 'HS2007' when 'H4' then 'HS2012' when 'H5' then 'HS2017'
            when 'H6' then 'HS2022'
        end as hs_edition,
        case when mode_of_supply in ('0', '-1') then 0 else 1 end as by_supply
    from typed

),

keyed as (

    select
        *,
        concat_ws('|', reporter, span, is_synthetic) as block_key,
        by_procedure + by_mode + by_partner_2 + by_supply as broken_down
    from named

)

select
    -- provenance
    _file_sha256,
    _landing_id,
    _row_number,
    file_order,
    'comtrade' as source,

    -- roles
    reporter as reporter_code,
    cast(null as varchar) as reporter_area,
    partner as partner_code,
    flow_name as flow,

    -- period
    {{ frequency('starts', 'ends') }} as frequency,
    starts as period_start,
    ends as period_end,
    false as is_partial,

    -- goods
    code as commodity_code,
    cast(case when code = 'TOTAL' then 0 else length(code) end as integer) as hs_level,
    hs_edition as hs_revision_stated,
    coalesce(lower(trim("isOriginalClassification")), 'true') in ('true', '1')
        as is_original_edition,
    case when left(code, 2) in ('98', '99') then 'unallocated' else 'reported' end as row_kind,

    -- measures
    primary_value as value_original,
    'USD' as currency,
    case
        when flow_name like '%import%' and primary_value = cif_value then 'cif'
        when primary_value = fob_value then 'fob'
        when primary_value = cif_value or flow_name like '%import%' then 'cif'
        else 'fob'
    end as value_basis,
    case when unit_1 not in ('-1', '1') then amount_1 end as quantity,
    case when unit_1 not in ('-1', '1') then unit_1 end as quantity_unit_published,
    -- the second quantity: the alternative one, or the net weight where neither is in kilograms
    case
        when unit_2 not in ('-1', '1', coalesce(unit_1, '')) then amount_2
        when coalesce(unit_1, '') <> '8' and net_weight > 0 then net_weight
    end as quantity_2,
    case
        when unit_2 not in ('-1', '1', coalesce(unit_1, '')) then unit_2
        when coalesce(unit_1, '') <> '8' and net_weight > 0 then '8'
    end as quantity_2_unit_published,
    -- Comtrade writes 0 beside a positive value where it has no weight
    case when net_weight > 0 or primary_value = 0 then net_weight end as net_weight_kg,
    coalesce(lower(trim("isQtyEstimated")), 'false') in ('true', '1')
    or coalesce(lower(trim("isNetWgtEstimated")), 'false') in ('true', '1')
        as is_quantity_estimated,

    -- how we know
    'statistics' as evidence_type,
    source_grade,
    is_synthetic,
    vintage_date,
    vintage_basis,
    is_complete,
    file_order as revision_order,
    manifest_only as only_selection,
    concat_ws(
        ';', 'procedure=' || "customsCode", 'mode=' || "motCode", 'supply=' || mode_of_supply,
        'partner2=' || "partner2Code"
    ) as breakdown,

    -- the total of all four dimensions counts; without one, the least broken down rows are summed
    cast(
        broken_down * 1000
        + (by_procedure * 8 + by_mode * 4 + by_partner_2 * 2 + by_supply) * 10
        + case when mode_of_supply = '-1' then 1 else 0 end as integer
    ) as selection_rank,
    case
        when mode_of_supply = '-1' then 'mode_of_supply_unknown'
        when broken_down > 0 then 'summed_from_breakdown'
    end as quality_flag,
    concat_ws('|', block_key, flow_code, partner, edition, code) as revision_key,
    concat_ws('|', block_key, edition) as revision_block,
    concat_ws('|', block_key, flow_code, partner, edition, code) as observation_key,
    {{ untyped_fields([
        ('primaryValue', '"primaryValue"', 'primary_value'),
        ('cifvalue', 'cifvalue', 'cif_value'),
        ('fobvalue', 'fobvalue', 'fob_value'),
        ('qty', 'qty', 'amount_1'),
        ('altQty', '"altQty"', 'amount_2'),
        ('netWgt', '"netWgt"', 'net_weight'),
    ]) }} as untyped_fields
from keyed
