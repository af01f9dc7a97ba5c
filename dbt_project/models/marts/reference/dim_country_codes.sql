select
    system as code_system,
    code,
    iso2,
    label,
    note
from {{ ref('country_codes') }}
