with outcomes as (

    select
        source,
        _landing_id,
        count(*) as rows_staged,
        count(*) filter (where outcome = 'flow') as rows_in_flows,
        count(*) filter (where outcome = 'total') as rows_in_totals,
        count(*) filter (where outcome = 'superseded') as rows_superseded,
        count(*) filter (where outcome in ('other_breakdown', 'other_edition'))
            as rows_not_additive,
        count(*) filter (where outcome = 'lost') as rows_lost,
        coalesce(sum(value_original) filter (where currency = 'USD'), 0) as value_staged,
        coalesce(sum(value_original) filter (where currency = 'USD' and outcome = 'flow'), 0)
            as value_in_flows
    from {{ ref('int_ops__row_outcomes') }}
    group by source, _landing_id

),

files as (

    select * from {{ source('landing', 'files') }}
    where is_active

),

by_source as (

    select
        f.source,
        f.is_synthetic,
        count(*) as file_count,
        cast(sum(f.rows_in) as bigint) as rows_in,
        cast(sum(f.rows_landed) as bigint) as rows_landed,
        cast(sum(f.rows_quarantined) as bigint) as rows_quarantined,
        cast(coalesce(sum(o.rows_staged), 0) as bigint) as rows_staged,
        cast(coalesce(sum(o.rows_in_flows), 0) as bigint) as rows_in_flows,
        cast(coalesce(sum(o.rows_in_totals), 0) as bigint) as rows_in_totals,
        cast(coalesce(sum(o.rows_superseded), 0) as bigint) as rows_superseded,
        cast(coalesce(sum(o.rows_not_additive), 0) as bigint) as rows_not_additive,
        cast(coalesce(sum(o.rows_lost), 0) as bigint) as rows_lost,
        cast(coalesce(sum(o.value_staged), 0) as decimal(38, 6)) as value_staged_usd,
        cast(coalesce(sum(o.value_in_flows), 0) as decimal(38, 6)) as value_into_flows_usd
    from files as f
    left join outcomes as o on f.landing_id = o._landing_id
    group by f.source, f.is_synthetic

),

landed as (

    -- summed from the landed text itself, so that staging cannot hide what it did not type
    select
        source,
        is_synthetic,
        cast(
            sum(try_cast(replace(trim(amount_text), ',', '') as decimal(38, 10))) as decimal(38, 6)
        ) as value_landed_usd
    from {{ source('landing', 'landed_values') }}
    where currency = 'USD'
    group by source, is_synthetic

),

marts as (

    select
        source,
        is_synthetic,
        cast(
            coalesce(
                sum(value_original) filter (where row_kind <> 'remainder' and currency = 'USD'), 0
            ) as decimal(38, 6)
        ) as value_in_flows_usd
    from {{ ref('fct_trade_flows') }}
    group by source, is_synthetic

)

select
    b.source,
    b.is_synthetic,
    b.file_count,
    b.rows_in,
    b.rows_landed,
    b.rows_quarantined,
    b.rows_staged,
    b.rows_in_flows,
    b.rows_in_totals,
    b.rows_superseded,
    b.rows_not_additive,
    coalesce(l.value_landed_usd, 0) as value_landed_usd,
    b.value_staged_usd,
    b.value_into_flows_usd,
    coalesce(m.value_in_flows_usd, 0) as value_in_flows_usd,
    b.rows_in = b.rows_landed + b.rows_quarantined
    and b.rows_landed = b.rows_staged
    and b.rows_staged
    = b.rows_in_flows + b.rows_in_totals + b.rows_superseded + b.rows_not_additive
        as is_rows_balanced,
    coalesce(l.value_landed_usd, 0) = b.value_staged_usd
    and b.value_into_flows_usd = coalesce(m.value_in_flows_usd, 0) as is_value_balanced
from by_source as b
left join landed as l on b.source = l.source and b.is_synthetic = l.is_synthetic
left join marts as m on b.source = m.source and b.is_synthetic = m.is_synthetic
