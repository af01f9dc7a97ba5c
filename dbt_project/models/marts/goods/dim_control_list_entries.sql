with seeded as (

    select
        e.list_id,
        e.hs_code,
        e.code_as_published,
        e.is_partial,
        e.nomenclature,
        e.hs_revision,
        e.tier,
        e.valid_from,
        v.valid_to,
        v.date_precision,
        v.amending_act,
        e.source,
        e.verification
    from {{ ref('control_list_entries') }} as e
    inner join {{ ref('control_list_versions') }} as v
        on e.list_id = v.list_id and e.valid_from = v.valid_from

),

own as (

    select
        list_id,
        hs_code,
        code_as_published,
        is_partial,
        nomenclature,
        hs_revision,
        tier,
        valid_from,
        valid_to,
        'day' as date_precision,
        null as amending_act,
        source,
        'user' as verification
    from {{ ref('stg_control_lists__entries') }}
    where is_current

),

entries as (

    select * from seeded

    union all

    select * from own

)

select
    list_id,
    hs_code,
    code_as_published,
    cast(length(hs_code) as integer) as code_length,
    is_partial,
    left(hs_code, 6) as match_prefix,
    nomenclature,
    hs_revision,
    tier,
    valid_from,
    valid_to,
    date_precision,
    amending_act,
    source,
    verification
from entries
