{#-
    Passes when the high end of every definition, source and period is the sum of the flows that it touches, each counted
    once and read from the flows themselves; amounts below zero that are merely possible lower nothing.
-#}
{% test high_end_counts_each_flow_once(model, flows, matches) %}

with touched as (

    select distinct
        definition_id,
        version_basis,
        national_flow_id,
        certainty = 'possible' as is_possible
    from {{ matches }}
    where certainty <> 'unknown'

),

summed as (

    select
        t.definition_id,
        t.version_basis,
        f.source,
        f.period_start,
        f.period_end,
        sum(f.value_usd) as value_usd
    from touched as t
    inner join {{ flows }} as f on t.national_flow_id = f.national_flow_id
    where not t.is_possible or f.value_usd >= 0
    group by 1, 2, 3, 4, 5

),

shown as (

    select
        definition_id,
        version_basis,
        source,
        period_start,
        period_end,
        sum(value_usd_high) as value_usd_high
    from {{ model }}
    group by 1, 2, 3, 4, 5

)

select
    coalesce(shown.definition_id, summed.definition_id) as definition_id,
    coalesce(shown.version_basis, summed.version_basis) as version_basis,
    coalesce(shown.source, summed.source) as source,
    coalesce(shown.period_start, summed.period_start) as period_start,
    shown.value_usd_high,
    summed.value_usd
from shown
full outer join summed
    on
        shown.definition_id = summed.definition_id
        and shown.version_basis = summed.version_basis
        and shown.source = summed.source
        and shown.period_start = summed.period_start
        and shown.period_end = summed.period_end
where coalesce(shown.value_usd_high, 0) <> coalesce(summed.value_usd, 0)

{% endtest %}
