select
    source,
    title,
    publisher,
    licence,
    cadence,
    cast(cadence_days as integer) as cadence_days,
    cast(expected_lag_days as integer) as expected_lag_days,
    cast(remainder_rounding as decimal(18, 6)) as remainder_rounding,
    cast(revision_bound as decimal(9, 6)) as revision_bound,
    cast(edition_bound as decimal(9, 6)) as edition_bound,
    national_nomenclature,
    revision_unit,
    negative_value_means,
    zero_value_means,
    missing_value_means,
    known_defects
from {{ source('landing', 'sources') }}
