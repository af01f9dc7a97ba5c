select
    source,
    code,
    iso2,
    label,
    note
from {{ source('landing', 'country_codes') }}
