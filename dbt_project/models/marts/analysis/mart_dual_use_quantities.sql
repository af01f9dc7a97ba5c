with summed as (

    select
        {{ series_columns() }},
        frequency,
        period_start,
        period_end,
        hs_revision,
        quantity_unit,
        {{ band('quantity') }},
        sum(value_usd) filter (where certainty <> 'unknown') as covered_value_usd
    from {{ ref('fct_dual_use_trade') }}
    where quantity is not null and quantity_unit <> 'mixed' and certainty <> 'unknown'
    group by
        {{ series_columns() }}, frequency, period_start, period_end, hs_revision, quantity_unit

)

select
    definition_kind,
    definition_id,
    version_basis,
    tier,
    source,
    reporter_iso2,
    reporter_area,
    partner_iso2,
    flow,
    frequency,
    period_start,
    period_end,
    hs_revision,
    value_basis,
    quantity_unit,
    cast(coalesce(quantity_low, 0) as decimal(28, 6)) as quantity_low,
    cast(coalesce(quantity_high, 0) as decimal(28, 6)) as quantity_high,
    cast(covered_value_usd as decimal(28, 6)) as covered_value_usd,
    is_synthetic
from summed
