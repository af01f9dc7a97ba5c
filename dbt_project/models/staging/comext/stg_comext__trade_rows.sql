{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='_landing_id',
    on_schema_change='fail',
    pre_hook="{{ forget_withdrawn_landings() }}"
) }}

with source as (

    select * from {{ source('landing', 'comext__trade_rows') }}
    {{ only_new_landings() }}

),

typed as (

    select
        *,
        trim(period) as span,
        left(trim(period), 4) as year_text,
        trim(flow) as flow_code,
        upper(trim(product_nc)) as code_published,
        regexp_extract(trim(product_nc), '^[0-9]*') as code_digits,
        {{ amount('value_eur') }} as value_in_euro,
        {{ amount('quantity_kg') }} as kilograms,
        {{ amount('quantity_suppl_unit') }} as amount_supplementary,
        nullif(lower(trim(suppl_unit)), 'no_su') as unit_supplementary
    from source

),

keyed as (

    select
        *,
        {% for role in ['reporter', 'partner'] %}
            -- codes that stood for another territory in the past
            trim({{ role }}) || case
                when trim({{ role }}) in ('DE', 'YE') and year_text < '1991' then '_OLD'
                when trim({{ role }}) in ('CS', 'YU') and year_text < '1993' then '_OLD'
                when trim({{ role }}) = 'ET' and year_text < '1994' then '_OLD'
                when trim({{ role }}) = 'BE' and year_text < '1999' then '_OLD'
                else ''
            end as {{ role }}_read,
        {% endfor %}
        case
            when code_published like '%X%' and code_digits = '' then 'TOTAL'
            when code_published like '%X%' then code_digits
            else code_published
        end as code
    from typed

),

identified as (

    select
        *,
        concat_ws(
            '|', span, reporter_read, partner_read, flow_code, code_published, is_synthetic
        ) as key_of_row,
        -- 0 beside a value is less than half a unit, or not collected
        case when kilograms > 0 or value_in_euro = 0 then kilograms end as kilograms_known,
        case
            when unit_supplementary is null then null
            when amount_supplementary > 0 or value_in_euro = 0 then amount_supplementary
        end as amount_known
    from keyed

)

select
    -- provenance
    _file_sha256,
    _landing_id,
    _row_number,
    file_order,
    'comext' as source,

    -- roles
    reporter_read as reporter_code,
    case when reporter_read = 'XI' then 'Northern Ireland' end as reporter_area,
    partner_read as partner_code,
    case flow_code when '1' then 'import' when '2' then 'export' end as flow,

    -- period
    'monthly' as frequency,
    {{ month_start('span') }} as period_start,
    last_day({{ month_start('span') }}) as period_end,
    false as is_partial,

    -- goods: eight digits of the Combined Nomenclature, or those before the mask
    code as commodity_code,
    cast(case when code = 'TOTAL' then 0 else length(code) end as integer) as hs_level,
    cast(null as varchar) as hs_revision_stated,
    true as is_original_edition,
    case
        when code_published like '%X%' then 'confidential'
        when left(code, 2) in ('98', '99') then 'unallocated'
        else 'reported'
    end as row_kind,

    -- measures
    value_in_euro as value_original,
    'EUR' as currency,
    case flow_code when '1' then 'cif' else 'fob' end as value_basis,
    amount_known as quantity,
    case when amount_known is not null then unit_supplementary end as quantity_unit_published,
    kilograms_known as quantity_2,
    case when kilograms_known is not null then 'kg' end as quantity_2_unit_published,
    kilograms_known as net_weight_kg,
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
    'procedure=' || coalesce(trim(stat_procedure), '')
    || ';trade_type=' || coalesce(trim(trade_type), '') as breakdown,

    -- procedures and trade types are parts of one key: they are added up
    cast(1 as integer) as selection_rank,
    case
        when trim(partner) in ('QX', 'QY', 'QZ') then 'partner_withheld'
        when trim(partner) in ('QU', 'QV', 'QW', 'ZZ') then 'partner_not_specified'
    end as quality_flag,
    key_of_row as revision_key,
    concat_ws('|', span, is_synthetic) as revision_block,
    key_of_row as observation_key,
    {{ untyped_fields([
        ('value_eur', 'value_eur', 'value_in_euro'),
        ('quantity_kg', 'quantity_kg', 'kilograms'),
        ('quantity_suppl_unit', 'quantity_suppl_unit', 'amount_supplementary'),
    ]) }} as untyped_fields
from identified
