{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='_landing_id',
    on_schema_change='fail',
    pre_hook="{{ forget_withdrawn_landings() }}"
) }}

with source as (

    select * from {{ source('landing', 'fts__trade_rows') }}
    {{ only_new_landings() }}

),

cleaned as (

    -- a decimal comma or point, and never a mark between thousands but a space
    select
        *,
        {% for name in ['value', 'net_weight', 'quantity'] %}
            replace(replace(replace({{ name }}, chr(160), ''), ' ', ''), ',', '.')
                as {{ name }}_text,
        {% endfor %}
        trim(period) as span,
        -- the Cyrillic letter that looks like X is X
        replace(upper(trim(commodity_code)), 'Х', 'X') as code_text,
        lower(regexp_replace({{ given('unit') }}, '\s+', ' ', 'g')) as unit_name
    from source

),

typed as (

    select
        *,
        cast({{ amount('value_text') }} * cast(value_scale as integer) as decimal(28, 6)) as amount,
        {{ amount('net_weight_text') }} as weight,
        {{ amount('quantity_text') }} as amount_1,
        case
            when upper(trim(direction)) in ('ИМ', 'IMP', 'IMPORT', '1') then 'import'
            when upper(trim(direction)) in ('ЭК', 'EXP', 'EXPORT', '2') then 'export'
        end as flow_name,
        upper(trim(partner_code)) as partner,
        nullif(manifest_area, 'national') as area,
        strpos(code_text, 'X') > 0 as is_masked,
        regexp_extract(code_text, '^[0-9]*') as digits,
        try_cast(right(span, 4) as integer) as span_year,
        case
            when length(span) > 4
                then try_cast(
                    right(span, 4) || '-' || lpad(left(span, length(span) - 5), 2, '0')
                    || '-01' as date
                )
        end as month_named
    from cleaned

),

dated as (

    -- the month of the row; without one the span of the manifest, where it lies in the row's year;
    -- else the year
    select
        *,
        case
            when month_named is not null then month_named
            when
                manifest_period_start is not null
                and (
                    span_year is null
                    or (
                        extract(year from manifest_period_start) = span_year
                        and extract(year from manifest_period_end) = span_year
                    )
                )
                then manifest_period_start
            else try_cast(span_year || '-01-01' as date)
        end as starts
    from typed

),

spanned as (

    select
        *,
        case
            when month_named is not null then last_day(month_named)
            when starts = manifest_period_start then manifest_period_end
            else try_cast(span_year || '-12-31' as date)
        end as ends,
        max(span_year) over (partition by _landing_id) as last_year
    from dated

),

keyed as (

    select
        *,
        case
            when is_masked
                then left(digits, cast(floor(length(digits) / 2) * 2 as integer))
            when length(digits) % 2 = 1 then '0' || digits
            else digits
        end as code_digits,
        concat_ws('|', starts, ends, coalesce(area, ''), is_synthetic) as block_key
    from spanned

),

coded as (

    select
        *,
        case when is_masked and code_digits = '' then 'TOTAL' else nullif(code_digits, '') end
            as code
    from keyed

)

select
    -- provenance
    _file_sha256,
    _landing_id,
    _row_number,
    file_order,
    'fts' as source,

    -- roles
    'RU' as reporter_code,
    area as reporter_area,
    partner as partner_code,
    flow_name as flow,

    -- period
    {{ frequency('starts', 'ends') }} as frequency,
    starts as period_start,
    ends as period_end,
    -- nothing says that the last year of a file of years was over, but its publication date; of
    -- 2022 only January was ever out
    coalesce(
        month_named is null
        and starts = make_date(span_year, 1, 1)
        and ends = make_date(span_year, 12, 31)
        and (
            span_year >= 2022
            or (span_year = last_year and not (vintage_basis = 'published' and vintage_date > ends))
        ), false
    ) as is_partial,

    -- goods: the ten digits of the nomenclature of the Eurasian union
    code as commodity_code,
    cast(case when code = 'TOTAL' then 0 else length(code) end as integer) as hs_level,
    cast(null as varchar) as hs_revision_stated,
    true as is_original_edition,
    case
        when is_masked then 'confidential'
        when left(code, 2) in ('98', '99') then 'unallocated'
        else 'reported'
    end as row_kind,

    -- measures: the statistical value is free on board for exports, and with carriage to the
    -- border for imports
    amount as value_original,
    value_currency as currency,
    case flow_name when 'import' then 'cif' when 'export' then 'fob' end as value_basis,
    case when unit_name is not null then amount_1 end as quantity,
    unit_name as quantity_unit_published,
    cast(null as decimal(28, 6)) as quantity_2,
    cast(null as varchar) as quantity_2_unit_published,
    weight as net_weight_kg,
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
    'region=' || coalesce(trim(region), '') || ';district=' || coalesce(trim(district), '')
        as breakdown,

    -- all regions of a key are added up
    1 as selection_rank,
    cast(null as varchar) as quality_flag,
    concat_ws('|', block_key, flow_name, partner, code, is_masked) as revision_key,
    block_key as revision_block,
    concat_ws('|', block_key, flow_name, partner, code, is_masked) as observation_key,
    {{ untyped_fields([
        ('value', 'value', 'amount'),
        ('net_weight', 'net_weight', 'weight'),
        ('quantity', 'quantity', 'amount_1'),
    ]) }} as untyped_fields
from coded
