{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='_landing_id',
    on_schema_change='fail',
    pre_hook="{{ forget_withdrawn_landings() }}"
) }}

with source as (

    select * from {{ source('landing', 'comext_easy__trade_rows') }}
    {{ only_new_landings() }}

),

places as (

    -- all spellings of a place, in two languages and as a code, meet under one label
    select
        code,
        label
    from {{ source('landing', 'country_codes') }}
    where source = 'comext_easy'

),

split as (

    -- codes and labels apart: `2-EXPORT`, `T-Total`, `201952-Jan.-Dec. 2019`
    select
        *,
        {{ eurostat_place('reporter') }} as reporter_place,
        {{ eurostat_place('partner') }} as partner_place,
        case
            when lower(trim(product)) like 'total%' then 'TOTAL'
            else regexp_extract(upper(trim(product)), '^[0-9X]+')
        end as code,
        regexp_replace(lower(trim(flow)), '^[12]-', '') as flow_name,
        coalesce(regexp_replace(lower(trim(stat_procedure)), '^t-', ''), 'total') as procedure_name,
        nullif(regexp_extract(trim(period), '^[0-9]{6}'), '') as period_code,
        lower(trim(period)) as period_label,
        -- `jan.-dec. 2018`: the first word, and the one before the year
        regexp_extract(lower(trim(period)), '^[^0-9. -]+') as first_word,
        regexp_extract(lower(trim(period)), '([^0-9. -]+)[. ]+[0-9]{4}$', 1) as last_word,
        {{ amount('value_eur') }} as eur,
        {{ amount('quantity_kg') }} as kg,
        {{ amount('quantity_100kg') }} as hundred_kg,
        {{ amount('supplementary_quantity') }} as amount_2
    from source

),

dated as (

    -- year and months of a span: from the code where there is one, else from the label
    select
        *,
        coalesce(left(period_code, 4), right(period_label, 4)) as year_text,
        case
            when right(period_code, 2) = '52' then '01'
            else coalesce(right(period_code, 2), {{ eurostat_month('first_word') }})
        end as first_month,
        case
            when right(period_code, 2) = '52' then '12'
            else coalesce(right(period_code, 2), {{ eurostat_month('last_word') }})
        end as last_month
    from split

),

typed as (

    select
        dated.*,
        try_cast(year_text || '-' || first_month || '-01' as date) as starts,
        last_day(try_cast(year_text || '-' || last_month || '-01' as date)) as ends,
        case
            when flow_name = '1' or flow_name like 'import%' then 'import'
            when flow_name = '2' or flow_name like 'export%' then 'export'
        end as direction,
        coalesce(kg, hundred_kg * 100) as weight,
        coalesce(reporters.label, reporter_place) as reporter_label,
        coalesce(partners.label, partner_place) as partner_label
    from dated
    left join places as reporters on dated.reporter_place = reporters.code
    left join places as partners on dated.partner_place = partners.code

),

keyed as (

    select
        *,
        concat_ws(
            '|', reporter_label, partner_label, direction, starts, ends, is_synthetic
        ) as block_key
    from typed

)

select
    -- provenance
    _file_sha256,
    _landing_id,
    _row_number,
    file_order,
    'comext_easy' as source,

    -- roles: sums over the Union are places of their own kind
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

    -- measures
    eur as value_original,
    'EUR' as currency,
    case when direction = 'import' then 'cif' else 'fob' end as value_basis,
    cast(weight as decimal(28, 6)) as quantity,
    case when weight is not null then 'kg' end as quantity_unit_published,
    amount_2 as quantity_2,
    cast(null as varchar) as quantity_2_unit_published,
    cast(weight as decimal(28, 6)) as net_weight_kg,
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
    'procedure=' || procedure_name as breakdown,

    -- the sum over procedures counts; where it is not there, the procedures add up to it
    cast(case when procedure_name in ('total', 't') then 1 else 2 end as integer)
        as selection_rank,
    cast(null as varchar) as quality_flag,
    concat_ws('|', block_key, code) as revision_key,
    block_key as revision_block,
    concat_ws('|', block_key, code) as observation_key,
    {{ untyped_fields([
        ('value_eur', 'value_eur', 'eur'),
        ('quantity_kg', 'quantity_kg', 'kg'),
        ('quantity_100kg', 'quantity_100kg', 'hundred_kg'),
        ('supplementary_quantity', 'supplementary_quantity', 'amount_2'),
    ]) }} as untyped_fields
from keyed
