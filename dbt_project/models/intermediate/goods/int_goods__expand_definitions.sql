{#-
    The six-digit codes of every edition that a definition touches, and how surely. A national code of a list stands
    for a part of its six-digit code; a national code of a product set narrows nothing but its own nomenclature, so it
    is not here. Ranks: 1 exact, 2 near, 3 possible.
-#}

with entries as (

    select
        *,
        left(entry_code, 6) as hs_prefix,
        case when length(entry_code) > 6 then 3 else entry_rank end as hs_rank
    from {{ ref('int_goods__define') }}
    where definition_kind = 'list' or nomenclature = 'HS'

),

links as (

    select * from {{ ref('int_goods__link_editions') }}

),

linked_editions as (

    select distinct
        edition,
        other_edition
    from links

),

codes as (

    select
        code,
        hs_revision
    from {{ ref('int_goods__list_codes') }}
    where hs_level = 6

),

in_own_edition as (

    select
        e.*,
        e.hs_revision as target_revision,
        c.code as hs6,
        1 as link_rank,
        e.entry_code as linked_from
    from entries as e
    inner join codes as c
        on e.hs_revision = c.hs_revision and starts_with(c.code, e.hs_prefix)

),

in_linked_editions as (

    select
        e.*,
        l.other_edition as target_revision,
        l.other_code as hs6,
        l.distance as link_rank,
        l.code as linked_from
    from entries as e
    inner join links as l
        on e.hs_revision = l.edition and starts_with(l.code, e.hs_prefix)

),

strays as (

    -- a code of another edition of which some goods lie outside the listed heading
    select distinct
        i.entry_code,
        i.hs_revision,
        i.target_revision,
        i.hs6
    from in_linked_editions as i
    inner join links as l
        on i.target_revision = l.edition and i.hs6 = l.code and i.hs_revision = l.other_edition
    where not starts_with(l.other_code, i.hs_prefix)

),

contained as (

    -- a heading or chapter listed whole holds a code whole when all its links lead into it
    select
        i.* exclude (link_rank),
        case
            when length(i.entry_code) < 6 and s.hs6 is null then 1 else i.link_rank
        end as link_rank
    from in_linked_editions as i
    left join strays as s
        on
            i.entry_code = s.entry_code
            and i.hs_revision = s.hs_revision
            and i.target_revision = s.target_revision
            and i.hs6 = s.hs6

),

without_table as (

    select
        e.*,
        c.hs_revision as target_revision,
        c.code as hs6,
        4 as link_rank, -- as possible as 3, with another reason
        e.entry_code as linked_from
    from entries as e
    inner join codes as c
        on e.hs_revision <> c.hs_revision and starts_with(c.code, e.hs_prefix)
    left join linked_editions as l
        on e.hs_revision = l.edition and c.hs_revision = l.other_edition
    where l.edition is null

),

touched as (

    select * from in_own_edition

    union all by name

    select * from contained

    union all by name

    select * from without_table

),

best as (

    select
        *,
        row_number() over (
            partition by
                definition_kind, definition_id, version_from, entry_code, nomenclature,
                hs_revision, tier, target_revision, hs6
            order by link_rank, linked_from <> hs6, linked_from
        ) as choice
    from touched

)

select
    definition_kind,
    definition_id,
    version_from,
    tier,
    entry_code,
    code_as_published,
    nomenclature,
    hs_revision as entry_revision,
    target_revision as hs_revision,
    hs6,
    least(link_rank, 3) as link_rank,
    least(greatest(link_rank, hs_rank), 3) as certainty_rank,
    case
        when link_rank = 4
            then 'no correlation table links ' || hs_revision || ' to ' || target_revision
        when link_rank = 3
            then
                hs_revision || ' ' || linked_from || ' shares goods with ' || target_revision
                || ' ' || hs6
        when hs_rank = 3 and length(entry_code) > 6
            then 'listed by the national code ' || entry_code || ', a part of ' || hs6
        when hs_rank = 3 then 'a part of ' || entry_code || ' only'
        when link_rank = 2
            then
                'the same digits in ' || hs_revision || ' and ' || target_revision
                || '; a part of the goods moved'
        when hs_revision <> target_revision
            then hs_revision || ' ' || linked_from || ' is ' || target_revision || ' ' || hs6
        else 'the whole code'
    end as reason
from best
where choice = 1
