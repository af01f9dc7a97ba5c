{#-
    Along the HS axis: the finest level of a branch is additive, what stands above it is a total, and where the
    parts do not add up to their heading the difference is a remainder at the heading's level. Finest first:
    each round takes the headings of one level and sets them against what is additive below them. Masked codes are
    parts at the level that they show, never headings.
-#}
{% set levels = [8, 6, 4, 2, 0] %}

with cells as (

    select * from {{ ref('int_trade__cells') }}
    where
        partner_kind not in ('world', 'group')
        and reporter_kind not in ('world', 'group')
        and not is_inside_whole

),

additive_10 as (

    select
        cell_id,
        branch_id,
        code_prefix,
        currency,
        value_original,
        value_usd,
        false as is_remainder
    from cells
    where hs_level > 8 or row_kind = 'confidential'

),

{% for level in levels %}
    {% set finer = 10 if loop.first else levels[loop.index0 - 1] %}
    children_{{ level }} as (

        select
            branch_id,
            left(code_prefix, {{ level }}) as code_prefix,
            {{ same_or_null('currency') }} as currency,
            sum(value_original) as value_original,
            sum(value_usd) as value_usd
        from additive_{{ finer }}
        group by 1, 2

    ),

    headings_{{ level }} as (

        select
            h.*,
            c.branch_id is not null as has_parts,
            case
                when c.currency = h.currency then h.value_original - c.value_original
            end as gap_original,
            h.value_usd - c.value_usd as gap_usd
        from cells as h
        left join children_{{ level }} as c
            on h.branch_id = c.branch_id and h.code_prefix = c.code_prefix
        where
            h.hs_level > {{ level - 2 }}
            and h.hs_level <= {{ level }}
            and h.row_kind <> 'confidential'

    ),

    additive_{{ level }} as (

        select * from additive_{{ finer }}

        union all

        select
            cell_id,
            branch_id,
            code_prefix,
            currency,
            case when has_parts then gap_original else value_original end as value_original,
            case when has_parts then gap_usd else value_usd end as value_usd,
            has_parts as is_remainder
        from headings_{{ level }}
        where not has_parts or coalesce(gap_original, gap_usd, 0) <> 0

    ){% if not loop.last %},{% endif %}
{% endfor %}

select
    cell_id,
    is_remainder,
    value_original,
    value_usd
from additive_0
