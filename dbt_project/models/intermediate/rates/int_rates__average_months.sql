{#-
    US dollars per unit, mean of the days of a month. Whole numbers throughout (a quotient keeps eighteen decimals),
    so that the mean does not depend on the order of the days.
-#}

with quotes as (

    select
        quoted_on,
        currency,
        rate_source,
        cast(cast(units_per_euro as decimal(38, 6)) * 1000000 as hugeint) as millionths
    from {{ ref('stg_ecb__daily_rates') }}
    where units_per_euro is not null

),

dollars as (

    select
        quoted_on,
        rate_source,
        millionths
    from quotes
    where currency = 'USD'

),

daily as (

    select
        q.currency,
        q.quoted_on,
        q.rate_source,
        d.millionths * 1000000000000000000 // q.millionths as dollars_e18
    from quotes as q
    inner join dollars as d on q.quoted_on = d.quoted_on
    where q.currency <> 'USD'

    union all

    select
        'EUR' as currency,
        quoted_on,
        rate_source,
        millionths * 1000000000000 as dollars_e18
    from dollars

),

monthly as (

    select
        currency,
        cast(date_trunc('month', quoted_on) as date) as month,
        -- the mean in units of 1e-10, rounded half up
        (2 * sum(dollars_e18) + count(*) * 100000000) // (2 * count(*) * 100000000) as dollars_e10,
        cast(count(*) as integer) as days_with_rate,
        min(quoted_on) as first_day,
        max(quoted_on) as last_day,
        min(rate_source) as rate_source
    from daily
    group by 1, 2

)

select
    currency,
    month,
    cast(cast(dollars_e10 as decimal(20, 0)) * 0.0000000001 as decimal(20, 10)) as usd_per_unit,
    days_with_rate,
    first_day,
    last_day,
    rate_source
from monthly
