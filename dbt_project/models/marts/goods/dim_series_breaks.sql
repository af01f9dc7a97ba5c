{#- What became of a code from one edition to a later one that a table links it to. -#}

with links as (

    select * from {{ ref('int_goods__link_editions') }}

),

left_behind as (

    -- codes of the earlier edition
    select
        edition as edition_from,
        other_edition as edition_to,
        code as hs_code,
        max(distance) as distance,
        bool_or(other_code = code) as is_kept,
        string_agg(other_code, ', ' order by other_code) as codes_to
    from links
    where edition < other_edition
    group by 1, 2, 3

),

arrived as (

    -- codes of the later edition that do not go on from the same digits
    select
        other_edition as edition_from,
        edition as edition_to,
        code as hs_code,
        max(distance) as distance,
        string_agg(other_code, ', ' order by other_code) as codes_to
    from links
    where edition > other_edition
    group by 1, 2, 3
    having not bool_or(other_code = code)

)

select
    l.edition_from,
    l.edition_to,
    l.hs_code,
    case
        when a.hs_code is not null then 'reused'
        when l.distance = 1 and l.is_kept then 'unchanged'
        when l.distance = 1 then 'renumbered'
        when l.is_kept then 'changed'
        else 'gone'
    end as change_kind,
    a.hs_code is not null or l.distance > 1 as is_series_break,
    l.codes_to
from left_behind as l
left join arrived as a
    on
        l.edition_from = a.edition_from
        and l.edition_to = a.edition_to
        and l.hs_code = a.hs_code

union all

select
    a.edition_from,
    a.edition_to,
    a.hs_code,
    'new' as change_kind,
    true as is_series_break,
    a.codes_to
from arrived as a
left join left_behind as l
    on
        a.edition_from = l.edition_from
        and a.edition_to = l.edition_to
        and a.hs_code = l.hs_code
-- a code that only got another number breaks nothing, and stands under its old one
where l.hs_code is null and a.distance > 1
