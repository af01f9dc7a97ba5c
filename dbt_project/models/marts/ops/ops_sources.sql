select
    source,
    title,
    publisher,
    licence,
    cast(cadence_days as integer) as cadence_days,
    cast(remainder_rounding as decimal(18, 6)) as remainder_rounding,
    revision_unit
from {{ source('landing', 'sources') }}
