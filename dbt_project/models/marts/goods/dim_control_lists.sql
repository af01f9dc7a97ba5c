with own_lists as (

    select
        list_id,
        max(title) as title,
        max(kind) as kind,
        min(valid_from) as verified_from,
        case
            when count(*) = count(valid_to) then max(valid_to)
            else date '9999-12-31'
        end as verified_through
    from {{ ref('stg_control_lists__entries') }}
    where is_current
    group by 1

)

select
    list_id,
    title,
    kind,
    issuer,
    meaning,
    verified_from,
    verified_through,
    note,
    false as is_own_list
from {{ ref('control_lists') }}

union all

select
    list_id,
    coalesce(title, list_id) as title,
    kind,
    null as issuer,
    null as meaning,
    verified_from,
    verified_through,
    'Brought by the user: valid for the days that its file gives.' as note,
    true as is_own_list
from own_lists
