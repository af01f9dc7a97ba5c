with rates as (

    select * from {{ ref('int_rates__average_months') }}

),

spans as (

    select
        currency,
        min(month) as first_month
    from rates
    group by currency

),

known as (

    select
        max(month) as last_month,
        max(rate_source) as rate_source
    from rates

),

months as (

    -- every month since the currency was first quoted, so that those without a rate can be counted
    select
        s.currency,
        k.rate_source,
        cast(unnest(generate_series(s.first_month, k.last_month, interval 1 month)) as date)
            as month
    from spans as s
    cross join known as k

)

select
    m.currency,
    m.month,
    r.usd_per_unit,
    coalesce(r.days_with_rate, 0) as days_with_rate,
    r.first_day,
    r.last_day,
    m.rate_source
from months as m
left join rates as r on m.currency = r.currency and m.month = r.month
