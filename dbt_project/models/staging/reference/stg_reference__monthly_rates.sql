select
    currency,
    month,
    usd_per_unit,
    days_with_rate,
    rate_source
from {{ source('landing', 'ecb_monthly_rates') }}
