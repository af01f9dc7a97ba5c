{#- The newest version is the chosen one unless the user names another (DUALUSE_CHOSEN_LISTS). -#}

with own_versions as (

    select
        list_id,
        valid_from,
        case when count(*) = count(valid_to) then max(valid_to) end as valid_to,
        max(source) as source
    from {{ ref('stg_control_lists__entries') }}
    where is_current
    group by 1, 2

),

versions as (

    select
        list_id,
        valid_from,
        valid_to,
        is_known,
        date_precision,
        verification,
        amending_act,
        source,
        note
    from {{ ref('control_list_versions') }}

    union all

    select
        list_id,
        valid_from,
        coalesce(
            valid_to,
            cast(
                lead(valid_from) over (partition by list_id order by valid_from)
                - interval 1 day as date
            )
        ) as valid_to,
        true as is_known,
        'day' as date_precision,
        'user' as verification,
        null as amending_act,
        source,
        null as note
    from own_versions

),

entries as (

    select
        list_id,
        valid_from,
        count(*) as entry_count
    from {{ ref('dim_control_list_entries') }}
    group by 1, 2

),

newest as (

    select
        v.list_id,
        coalesce(max(c.version_from), max(v.valid_from)) as valid_from
    from versions as v
    left join {{ ref('stg_reference__chosen_lists') }} as c on v.list_id = c.list_id
    where v.is_known
    group by 1

)

select
    v.list_id,
    v.valid_from,
    v.valid_to,
    least(coalesce(v.valid_to, l.verified_through), l.verified_through) as known_until,
    v.is_known,
    n.list_id is not null as is_chosen,
    coalesce(e.entry_count, 0) as entry_count,
    v.date_precision,
    v.verification,
    v.amending_act,
    v.source,
    v.note
from versions as v
inner join {{ ref('dim_control_lists') }} as l on v.list_id = l.list_id
left join newest as n on v.list_id = n.list_id and v.valid_from = n.valid_from
left join entries as e on v.list_id = e.list_id and v.valid_from = e.valid_from
