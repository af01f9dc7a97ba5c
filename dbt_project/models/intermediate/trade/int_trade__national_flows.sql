{#- Additive trade at the finest code the source has: where lists and product sets are matched. -#}

with resolved as (

    select * from {{ ref('int_trade__resolve_periods') }}
    where not is_coarser_period

),

cells as (

    select * from {{ ref('int_trade__cells') }}

),

editions as (

    select distinct hs_revision
    from {{ ref('int_goods__list_editions') }}

),

strangers as (

    -- codes that the edition they are reported in does not have
    select distinct
        c.hs_revision,
        left(c.commodity_code, 6) as hs_code
    from cells as c
    inner join editions as e on c.hs_revision = e.hs_revision
    left join {{ ref('int_goods__list_editions') }} as known
        on c.hs_revision = known.hs_revision and left(c.commodity_code, 6) = known.code
    where c.row_kind = 'reported' and c.hs_level >= 2 and known.code is null

),

kinds as (

    select
        c.cell_id,
        c.source,
        c.reporter_iso2,
        c.reporter_area,
        c.partner_iso2,
        c.flow,
        c.frequency,
        c.period_start,
        c.period_end,
        c.commodity_code,
        c.hs_level,
        c.hs_revision,
        c.value_basis,
        c.is_synthetic,
        c.currency,
        c.fx_rate,
        c.quantity,
        c.quantity_unit,
        c.net_weight_kg,
        c.is_quantity_estimated,
        c.evidence_type,
        c.source_grade,
        c.vintage_date,
        c.vintage_basis,
        c.is_partial,
        c.source_row_count,
        case when r.is_remainder then 'remainder' else c.row_kind end as row_kind,
        r.value_usd,
        r.value_original,
        r.is_remainder,
        nullif(concat_ws(
            ', ',
            case
                when not r.is_remainder then c.quality_flags
                when r.value_usd < 0 then 'parts_exceed_heading'
                else 'parts_below_heading'
            end,
            case when s.hs_code is not null then 'code_not_in_edition' end
        ), '') as quality_flags
    from resolved as r
    inner join cells as c on r.cell_id = c.cell_id
    left join strangers as s
        on c.hs_revision = s.hs_revision and left(c.commodity_code, 6) = s.hs_code

)

select
    {{ flow_key('commodity_code') }} as national_flow_id,
    {{ flow_key('left(commodity_code, 6)') }} as flow_id,
    cell_id,
    source,
    reporter_iso2,
    reporter_area,
    partner_iso2,
    flow,
    frequency,
    period_start,
    period_end,
    is_partial,
    commodity_code as national_code,
    hs_level as national_level,
    left(commodity_code, 6) as hs_code,
    cast(least(hs_level, 6) as integer) as hs_level,
    hs_revision,
    value_basis,
    row_kind,
    is_synthetic,
    value_usd,
    value_original,
    currency,
    fx_rate,
    case when is_remainder then null else quantity end as quantity,
    case when is_remainder then null else quantity_unit end as quantity_unit,
    case when is_remainder then null else net_weight_kg end as net_weight_kg,
    is_quantity_estimated,
    evidence_type,
    source_grade,
    vintage_date,
    vintage_basis,
    quality_flags,
    source_row_count
from kinds
