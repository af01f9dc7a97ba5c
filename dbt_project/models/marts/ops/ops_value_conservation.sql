with staged as (

    select
        source,
        is_synthetic,
        currency,
        coalesce(sum(value_original), 0) as value_staged,
        coalesce(sum(value_original) filter (where outcome = 'flow'), 0) as value_into_flows
    from {{ ref('int_ops__row_outcomes') }}
    group by source, is_synthetic, currency

),

landed as (

    -- summed from the landed text itself, so that staging cannot hide what it did not type
    select
        source,
        is_synthetic,
        currency,
        sum(amount) as value_landed
    from {{ source('landing', 'landed_values') }}
    group by source, is_synthetic, currency

),

marts as (

    select
        source,
        is_synthetic,
        currency,
        sum(value_original) as value_in_flows
    from {{ ref('int_trade__national_flows') }}
    where row_kind <> 'remainder'
    group by source, is_synthetic, currency

),

published as (

    select
        source,
        is_synthetic,
        sum(value_usd) as value_usd
    from {{ ref('fct_trade_flows') }}
    group by source, is_synthetic

),

national as (

    select
        source,
        is_synthetic,
        sum(value_usd) as value_usd
    from {{ ref('int_trade__national_flows') }}
    group by source, is_synthetic

)

select
    coalesce(s.source, l.source) as source,
    coalesce(s.is_synthetic, l.is_synthetic) as is_synthetic,
    coalesce(s.currency, l.currency) as currency,
    cast(coalesce(l.value_landed, 0) as decimal(38, 6)) as value_landed,
    cast(coalesce(s.value_staged, 0) as decimal(38, 6)) as value_staged,
    cast(coalesce(s.value_into_flows, 0) as decimal(38, 6)) as value_into_flows,
    cast(coalesce(m.value_in_flows, 0) as decimal(38, 6)) as value_in_flows,
    coalesce(l.value_landed, 0) = coalesce(s.value_staged, 0)
    and coalesce(s.value_into_flows, 0) = coalesce(m.value_in_flows, 0)
    and coalesce(n.value_usd, 0) = coalesce(p.value_usd, 0) as is_balanced
from staged as s
full outer join landed as l
    on
        s.source = l.source
        and s.is_synthetic = l.is_synthetic
        and s.currency is not distinct from l.currency
left join marts as m
    on
        s.source = m.source
        and s.is_synthetic = m.is_synthetic
        and s.currency is not distinct from m.currency
left join national as n on s.source = n.source and s.is_synthetic = n.is_synthetic
left join published as p on s.source = p.source and s.is_synthetic = p.is_synthetic
