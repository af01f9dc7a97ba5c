with flows as (

    select
        source,
        reporter_iso2,
        flow,
        frequency,
        period_start,
        period_end,
        is_synthetic,
        count(*) as flow_count,
        count(distinct partner_iso2) as partner_count,
        count(distinct hs_code) as hs_code_count,
        cast(sum(value_usd) as decimal(28, 6)) as value_usd,
        count(*) filter (where value_usd is null) as flows_without_usd,
        max(vintage_date) as newest_vintage_date
    from {{ ref('fct_trade_flows') }}
    group by 1, 2, 3, 4, 5, 6, 7

),

withdrawn_sources as (

    -- sources of which a file that counted is rejected or set aside now: their months may go
    select distinct p.source
    from {{ source('landing', 'previous_files') }} as p
    inner join {{ source('landing', 'files') }} as f on p.sha256 = f.sha256
    where not f.is_active

),

vanished as (

    select p.*
    from {{ source('landing', 'previous_coverage') }} as p
    -- a finer span inside the old one stands for it
    left join flows as f
        on
            p.source = f.source
            and p.reporter_iso2 = f.reporter_iso2
            and p.flow = f.flow
            and p.period_start <= f.period_start
            and p.period_end >= f.period_end
            and p.is_synthetic = f.is_synthetic
    left join withdrawn_sources as w on p.source = w.source
    where f.source is null and w.source is null and p.flow_count > 0

)

select
    source,
    reporter_iso2,
    flow,
    frequency,
    period_start,
    period_end,
    is_synthetic,
    flow_count,
    partner_count,
    hs_code_count,
    value_usd,
    flows_without_usd,
    newest_vintage_date,
    false as is_vanished
from flows

union all

select
    source,
    reporter_iso2,
    flow,
    frequency,
    period_start,
    period_end,
    is_synthetic,
    cast(0 as bigint) as flow_count,
    cast(0 as bigint) as partner_count,
    cast(0 as bigint) as hs_code_count,
    cast(null as decimal(28, 6)) as value_usd,
    cast(0 as bigint) as flows_without_usd,
    cast(null as date) as newest_vintage_date,
    true as is_vanished
from vanished
