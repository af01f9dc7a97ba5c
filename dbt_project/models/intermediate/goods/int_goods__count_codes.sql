{#-
    How many six-digit codes of an edition a definition touches, and whether the edition changed
    under it.
-#}

select
    definition_kind,
    definition_id,
    version_from,
    tier,
    hs_revision,
    count(distinct hs6) as codes_in_edition,
    bool_or(link_rank > 1) as is_series_break
from {{ ref('int_goods__expand_definitions') }}
group by 1, 2, 3, 4, 5
