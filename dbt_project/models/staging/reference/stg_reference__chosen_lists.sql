select
    list_id,
    cast(version_from as date) as version_from
from {{ source('landing', 'chosen_lists') }}
