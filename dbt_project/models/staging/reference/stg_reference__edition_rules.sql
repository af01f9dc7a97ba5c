select
    source,
    reporter as reporter_iso2,
    cast(start as date) as valid_from,
    coalesce(
        lead(cast(start as date)) over (partition by source, reporter order by start),
        date '9999-12-31'
    ) as valid_until,
    edition as hs_revision,
    evidence
from {{ source('landing', 'edition_rules') }}
