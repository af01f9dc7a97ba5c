{#-
    What each definition says of each code in each period that the data hold. A list speaks twice: by the version valid
    then (version_basis valid), and by the one version chosen for all periods (chosen). Days of which no version is
    known make a code of that list unknown, not unlisted.
-#}

with spans as (

    select distinct
        n.national_nomenclature as nomenclature,
        f.hs_revision,
        f.national_code,
        f.period_start,
        f.period_end
    from {{ ref('int_trade__national_flows') }} as f
    inner join {{ ref('stg_reference__national_nomenclatures') }} as n on f.source = n.source

),

matches as (

    select * from {{ ref('int_goods__match_codes') }}

),

versions as (

    select * from {{ ref('dim_control_list_versions') }}
    where is_known

),

for_all_periods as (

    select
        s.*,
        m.definition_kind,
        m.definition_id,
        case m.definition_kind when 'set' then 'set' else 'chosen' end as version_basis,
        m.version_from,
        m.tier,
        m.entry_code,
        m.certainty,
        m.reason
    from spans as s
    inner join matches as m
        on
            s.nomenclature = m.nomenclature
            and s.hs_revision = m.hs_revision
            and s.national_code = m.national_code
    left join versions as v on m.definition_id = v.list_id and m.version_from = v.valid_from
    where m.definition_kind = 'set' or v.is_chosen

),

periods as (

    select distinct
        period_start,
        period_end,
        datediff('day', period_start, period_end) + 1 as days
    from spans

),

version_days as (

    select
        p.period_start,
        p.period_end,
        p.days,
        v.list_id,
        v.valid_from,
        datediff(
            'day', greatest(p.period_start, v.valid_from), least(p.period_end, v.known_until)
        ) + 1 as version_days
    from periods as p
    inner join versions as v
        on p.period_start <= v.known_until and p.period_end >= v.valid_from

),

known_days as (

    select
        period_start,
        period_end,
        list_id,
        sum(version_days) as known_days
    from version_days
    group by 1, 2, 3

),

ever_listed as (

    select distinct
        nomenclature,
        hs_revision,
        national_code,
        definition_id
    from matches
    where definition_kind = 'list'

),

listed_days as (

    select
        s.nomenclature,
        s.hs_revision,
        s.national_code,
        s.period_start,
        s.period_end,
        m.definition_id,
        sum(d.version_days) as listed_days,
        max(m.certainty_rank) as certainty_rank,
        max(m.version_from) as version_from,
        max_by(m.tier, m.version_from) as tier,
        max_by(m.entry_code, m.version_from) as entry_code,
        -- of the least sure version, the newest
        max_by(
            m.reason, cast(m.certainty_rank as varchar) || cast(m.version_from as varchar)
        ) as reason
    from spans as s
    inner join matches as m
        on
            s.nomenclature = m.nomenclature
            and s.hs_revision = m.hs_revision
            and s.national_code = m.national_code
            and m.definition_kind = 'list'
    inner join version_days as d
        on
            s.period_start = d.period_start
            and s.period_end = d.period_end
            and m.definition_id = d.list_id
            and m.version_from = d.valid_from
    group by 1, 2, 3, 4, 5, 6

),

as_valid as (

    select
        s.*,
        'list' as definition_kind,
        e.definition_id,
        'valid' as version_basis,
        l.version_from,
        l.tier,
        l.entry_code,
        case
            when l.listed_days = p.days then {{ certainty('l.certainty_rank') }}
            when l.listed_days > 0 then 'possible'
            when coalesce(k.known_days, 0) < p.days then 'unknown'
        end as certainty,
        case
            when l.listed_days = p.days then l.reason
            when l.listed_days > 0
                then 'listed on ' || l.listed_days || ' of the ' || p.days || ' days'
            else
                'the list is known on ' || coalesce(k.known_days, 0) || ' of the ' || p.days
                || ' days'
        end as reason
    from spans as s
    inner join ever_listed as e
        on
            s.nomenclature = e.nomenclature
            and s.hs_revision = e.hs_revision
            and s.national_code = e.national_code
    inner join periods as p
        on s.period_start = p.period_start and s.period_end = p.period_end
    left join known_days as k
        on
            s.period_start = k.period_start
            and s.period_end = k.period_end
            and e.definition_id = k.list_id
    left join listed_days as l
        on
            s.nomenclature = l.nomenclature
            and s.hs_revision = l.hs_revision
            and s.national_code = l.national_code
            and s.period_start = l.period_start
            and s.period_end = l.period_end
            and e.definition_id = l.definition_id

)

select * from for_all_periods

union all by name

select * from as_valid
where certainty is not null
