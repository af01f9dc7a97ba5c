select
    source,
    national_nomenclature
from {{ source('landing', 'sources') }}
where national_nomenclature is not null
