{#- What became of a code from one edition to the next one that a table links it to. -#}

with links as (

    select
        *,
        count(*) over (partition by edition, code, other_edition) as link_count
    from {{ ref('int_goods__link_editions') }}
    where edition < other_edition

)

select
    edition as edition_from,
    other_edition as edition_to,
    code as hs_code,
    case
        when max(distance) = 1 and max(other_code) = code then 'unchanged'
        when max(distance) = 1 then 'renumbered'
        when bool_or(other_code = code) then 'changed'
        else 'gone'
    end as change_kind,
    max(distance) > 1 as is_series_break,
    string_agg(other_code, ', ' order by other_code) as codes_to
from links
group by edition, other_edition, code

union all

select
    other_edition as edition_from,
    edition as edition_to,
    code as hs_code,
    'new' as change_kind,
    true as is_series_break,
    string_agg(other_code, ', ' order by other_code) as codes_to
from {{ ref('int_goods__link_editions') }}
where edition > other_edition
group by edition, other_edition, code
having max(distance) > 1 and not bool_or(other_code = code)
