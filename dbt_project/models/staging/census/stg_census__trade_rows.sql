{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='_landing_id',
    on_schema_change='fail',
    pre_hook="{{ forget_withdrawn_landings() }}"
) }}

with source as (

    select * from {{ source('landing', 'census__trade_rows') }}
    {{ only_new_landings() }}

),

typed as (

    select
        *,
        case when "I_COMMODITY" is not null then 'import' else 'export' end as direction,
        case trim(coalesce("I_COMMODITY", "E_COMMODITY"))
            when '-' then 'TOTAL' else trim(coalesce("I_COMMODITY", "E_COMMODITY"))
        end as code,
        trim("CTY_CODE") as partner,
        {{ month_start('"time"') }} as starts,
        {{ amount('"ALL_VAL_MO"') }} as export_value,
        {{ amount('"GEN_VAL_MO"') }} as import_value,
        {{ amount('"CON_VAL_MO"') }} as consumption_value,
        {{ amount('"QTY_1_MO"') }} as export_amount_1,
        {{ amount('"GEN_QY1_MO"') }} as import_amount_1,
        {{ amount('"QTY_2_MO"') }} as export_amount_2,
        {{ amount('"GEN_QY2_MO"') }} as import_amount_2,
        -- X is a code without a unit, a dash a row that adds up several units
        nullif(lower({{ given('"UNIT_QY1"') }}), 'x') as unit_1,
        nullif(lower({{ given('"UNIT_QY2"') }}), 'x') as unit_2,
        -- what other dimensions say; a dash, or no column, is their total
        case when {{ given('"DF"') }} is not null then 1 else 0 end
        + case when {{ given('"DISTRICT"') }} is not null then 1 else 0 end
        + case when {{ given('"RP"') }} is not null then 1 else 0 end
        + case when {{ given('"CTY_SUBCODE"') }} is not null then 1 else 0 end as broken_down
    from source

),

keyed as (

    select
        *,
        concat_ws('|', direction, starts, is_synthetic) as block_key
    from typed

)

select
    -- provenance
    _file_sha256,
    _landing_id,
    _row_number,
    file_order,
    'census' as source,

    -- roles
    '1000' as reporter_code,
    cast(null as varchar) as reporter_area,
    partner as partner_code,
    direction as flow,

    -- period
    'monthly' as frequency,
    starts as period_start,
    last_day(starts) as period_end,
    false as is_partial,

    -- goods: Schedule B for exports, the Harmonized Tariff Schedule for imports
    code as commodity_code,
    cast(case code when 'TOTAL' then 0 else length(code) end as integer) as hs_level,
    cast(null as varchar) as hs_revision_stated,
    true as is_original_edition,
    case when left(code, 2) in ('98', '99') then 'unallocated' else 'reported' end as row_kind,

    -- measures: exports free alongside ship, imports at customs value
    case direction when 'import' then import_value else export_value end as value_original,
    'USD' as currency,
    case direction when 'import' then 'customs' else 'fas' end as value_basis,
    consumption_value as value_for_consumption,
    case
        when unit_1 is not null
            then case direction when 'import' then import_amount_1 else export_amount_1 end
    end as quantity,
    unit_1 as quantity_unit_published,
    case
        when unit_2 is not null
            then case direction when 'import' then import_amount_2 else export_amount_2 end
    end as quantity_2,
    unit_2 as quantity_2_unit_published,
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
    concat_ws(
        ';', 'origin=' || "DF", 'district=' || "DISTRICT", 'provision=' || "RP",
        'subcode=' || "CTY_SUBCODE", 'unit=' || "UNIT_QY1"
    ) as breakdown,

    -- the total of all dimensions and units counts; without one, the least broken down are summed
    cast(broken_down * 10 + case when unit_1 is null then 0 else 1 end as integer)
        as selection_rank,
    case when broken_down > 0 then 'summed_from_breakdown' end as quality_flag,
    concat_ws('|', block_key, partner, code) as revision_key,
    block_key as revision_block,
    concat_ws('|', block_key, partner, code) as observation_key,
    {{ untyped_fields([
        ('ALL_VAL_MO', '"ALL_VAL_MO"', 'export_value'),
        ('GEN_VAL_MO', '"GEN_VAL_MO"', 'import_value'),
        ('CON_VAL_MO', '"CON_VAL_MO"', 'consumption_value'),
        ('QTY_1_MO', '"QTY_1_MO"', 'export_amount_1'),
        ('GEN_QY1_MO', '"GEN_QY1_MO"', 'import_amount_1'),
        ('QTY_2_MO', '"QTY_2_MO"', 'export_amount_2'),
        ('GEN_QY2_MO', '"GEN_QY2_MO"', 'import_amount_2'),
    ]) }} as untyped_fields
from keyed
