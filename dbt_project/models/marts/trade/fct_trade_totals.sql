with cells as (

    select * from {{ ref('int_trade__cells') }}

),

additive as (

    select
        cell_id,
        bool_or(is_coarser_period) as is_coarser_period,
        bool_or(is_remainder) as is_remainder
    from {{ ref('int_trade__resolve_periods') }}
    group by cell_id

),

reasons as (

    select
        c.*,
        case
            when c.partner_kind = 'world' then 'world_partner'
            when c.partner_kind = 'group' then 'partner_group'
            when c.reporter_kind in ('world', 'group') then 'reporter_group'
            when c.is_inside_whole then 'area_of_reporter'
            when a.cell_id is null or a.is_remainder then 'hs_heading'
            when a.is_coarser_period then 'coarser_period'
        end as total_kind
    from cells as c
    left join additive as a on c.cell_id = a.cell_id

)

select
    cell_id as total_id,
    total_kind,
    source,
    reporter_iso2,
    reporter_area,
    partner_iso2,
    flow,
    frequency,
    period_start,
    period_end,
    is_partial,
    commodity_code as hs_code,
    hs_level,
    hs_revision,
    value_usd,
    value_basis,
    value_original,
    currency,
    fx_rate,
    quantity,
    quantity_unit,
    net_weight_kg,
    is_quantity_estimated,
    row_kind,
    evidence_type,
    source_grade,
    is_synthetic,
    vintage_date,
    vintage_basis,
    source_row_count,
    quality_flags
from reasons
where total_kind is not null
