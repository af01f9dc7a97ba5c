select
    source,
    code,
    iso2,
    label,
    note
from {{ ref('stg_reference__country_codes') }}
