with files as (

    select
        sha256,
        landing_id,
        file_name,
        is_synthetic
    from {{ source('landing', 'files') }}
    where is_active

),

fields as (

    select
        source,
        _landing_id,
        _row_number,
        unnest(string_split(untyped_fields, chr(31))) as field_text
    from {{ ref('int_ops__row_outcomes') }}
    where untyped_fields is not null

)

select
    f.file_name,
    f.sha256,
    q.source,
    q._row_number as row_number,
    'record' as quarantine_kind,
    cast(null as varchar) as field_name,
    q.reason,
    q.raw_text,
    f.is_synthetic
from {{ source('landing', 'quarantine') }} as q
inner join files as f on q._landing_id = f.landing_id

union all

select
    f.file_name,
    f.sha256,
    x.source,
    x._row_number as row_number,
    'field' as quarantine_kind,
    split_part(x.field_text, '=', 1) as field_name,
    'not a number' as reason,
    substr(x.field_text, strpos(x.field_text, '=') + 1) as raw_text,
    f.is_synthetic
from fields as x
inner join files as f on x._landing_id = f.landing_id
