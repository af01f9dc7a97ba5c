{#-
    Every code that the data hold, set against every definition: which entry it meets and how surely. The surest entry
    speaks for a definition, of those the longest.
-#}

with codes as (

    select distinct
        n.national_nomenclature as nomenclature,
        f.hs_revision,
        f.national_code,
        f.national_level,
        left(f.national_code, 6) as hs6
    from {{ ref('int_trade__national_flows') }} as f
    inner join {{ ref('stg_reference__national_nomenclatures') }} as n on f.source = n.source
    where f.national_level >= 2

),

expanded as (

    select * from {{ ref('int_goods__expand_definitions') }}

),

national_entries as (

    select
        *,
        left(entry_code, 6) as hs6
    from {{ ref('int_goods__define') }}
    where length(entry_code) > 6

),

narrowed as (

    -- where a set names codes of a tariff, they replace the six-digit code for data in that tariff
    select distinct
        definition_id,
        nomenclature,
        hs_revision,
        hs6
    from national_entries
    where definition_kind = 'set'

),

by_national_code as (

    select
        c.nomenclature,
        c.hs_revision,
        c.national_code,
        e.definition_kind,
        e.definition_id,
        e.version_from,
        e.tier,
        e.entry_code,
        case
            when starts_with(c.national_code, e.entry_code) then e.entry_rank else 3
        end as certainty_rank,
        case
            when not starts_with(c.national_code, e.entry_code)
                then 'listed by the longer code ' || e.entry_code
            when e.entry_rank = 3 then 'a part of ' || e.entry_code || ' only'
            else 'the whole code'
        end as reason
    from codes as c
    inner join national_entries as e
        on
            c.nomenclature = e.nomenclature
            and c.hs_revision = e.hs_revision
            and c.hs6 = e.hs6
    where
        c.national_level > 6
        and (
            starts_with(c.national_code, e.entry_code)
            or starts_with(e.entry_code, c.national_code)
        )

),

by_six_digits as (

    select
        c.nomenclature,
        c.hs_revision,
        c.national_code,
        x.definition_kind,
        x.definition_id,
        x.version_from,
        x.tier,
        x.entry_code,
        x.certainty_rank,
        x.reason
    from codes as c
    inner join expanded as x on c.hs_revision = x.hs_revision and c.hs6 = x.hs6
    left join narrowed as n
        on
            x.definition_kind = 'set'
            and x.definition_id = n.definition_id
            and c.nomenclature = n.nomenclature
            and c.hs_revision = n.hs_revision
            and c.hs6 = n.hs6
    where
        c.national_level >= 6
        and (
            c.national_level = 6
            or (
                n.hs6 is null
                -- an entry of the code's own tariff was met above, or is not met at all
                and not (
                    length(x.entry_code) > 6
                    and x.nomenclature = c.nomenclature
                    and x.entry_revision = c.hs_revision
                )
            )
        )

),

headings as (

    select
        c.hs_revision,
        c.national_code,
        count(*) as code_count
    from (
        select distinct
            hs_revision,
            national_code
        from codes
        where national_level < 6
    ) as c
    inner join {{ ref('int_goods__list_codes') }} as k
        on
            c.hs_revision = k.hs_revision
            and k.hs_level = 6
            and starts_with(k.code, c.national_code)
    group by c.hs_revision, c.national_code

),

by_heading as (

    -- all codes of a heading listed whole: the heading is; some of them: it may hold listed goods
    select
        c.nomenclature,
        c.hs_revision,
        c.national_code,
        x.definition_kind,
        x.definition_id,
        x.version_from,
        x.tier,
        min(x.entry_code) as entry_code,
        case
            when count(distinct case when x.certainty_rank = 1 then x.hs6 end) = h.code_count
                then 1
            else 3
        end as certainty_rank,
        case
            when count(distinct case when x.certainty_rank = 1 then x.hs6 end) = h.code_count
                then 'the whole heading'
            else
                'reported by heading: ' || count(distinct x.hs6) || ' of ' || h.code_count
                || ' codes below ' || c.national_code || ' are touched'
        end as reason
    from codes as c
    inner join headings as h
        on c.hs_revision = h.hs_revision and c.national_code = h.national_code
    inner join expanded as x
        on c.hs_revision = x.hs_revision and starts_with(x.hs6, c.national_code)
    where c.national_level < 6
    group by
        c.nomenclature, c.hs_revision, c.national_code, x.definition_kind, x.definition_id,
        x.version_from, x.tier, h.code_count

),

met as (

    select * from by_national_code

    union all by name

    select * from by_six_digits

    union all by name

    select * from by_heading

),

ranked as (

    select
        *,
        row_number() over (
            partition by
                nomenclature, hs_revision, national_code, definition_kind, definition_id,
                version_from
            order by
                certainty_rank asc, length(entry_code) desc, entry_code asc, tier asc, reason asc
        ) as choice
    from met

)

select
    nomenclature,
    hs_revision,
    national_code,
    definition_kind,
    definition_id,
    version_from,
    tier,
    entry_code,
    certainty_rank,
    {{ certainty('certainty_rank') }} as certainty,
    reason
from ranked
where choice = 1
