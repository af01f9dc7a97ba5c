{#- The pulled file counts; the copy in a package stands in for it until there is one. -#}

with pulled as (

    select
        day,
        currency,
        rate,
        'ECB euro reference rates, file of ' || cast(vintage_date as varchar) as rate_source
    from {{ source('landing', 'ecb__daily_rates') }}
    -- each file is the whole history: the newest one counts
    qualify file_order = max(file_order) over ()

),

shipped as (

    select
        day,
        currency,
        rate,
        rate_source
    from {{ source('landing', 'ecb_package_rates') }}
    where not exists (select 1 from pulled)

),

either as (

    select * from pulled
    union all
    select * from shipped

)

select
    cast(day as date) as quoted_on,
    currency,
    try_cast({{ given('rate') }} as decimal(18, 6)) as units_per_euro,
    rate_source
from either
