select
    source,
    published_unit,
    unit,
    cast(factor as decimal(20, 10)) as factor,
    note
from {{ source('landing', 'quantity_units') }}
