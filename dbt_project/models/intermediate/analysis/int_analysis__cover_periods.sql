{#-
    Series of a definition in every period that can be compared: the source holds the reporter's period whole, the pair
    has trade of some kind in it, and the reporter has trade in a chapter of the definition. A period so covered without
    trade in the definition is a zero; any other period says nothing. Sets, and lists in their chosen version: what a
    list held in each period is another question.
-#}

{% set reporter = [
    'source', 'reporter_iso2', 'reporter_area', 'flow', 'frequency', 'is_synthetic'
] %}

with monthly as (

    select * from {{ ref('mart_dual_use_monthly') }}
    where version_basis <> 'valid' and frequency in ('monthly', 'annual') and not is_partial

),

series as (

    select
        {{ series_columns() }},
        frequency,
        any_value(version_from) as version_from
    from monthly
    group by {{ series_columns() }}, frequency
    having sum(value_usd_high) > 0

),

complete as (

    select
        source,
        reporter_iso2,
        reporter_area,
        flow,
        frequency,
        period_start,
        period_end,
        is_synthetic
    from {{ ref('ops_coverage') }}
    where coverage_status = 'complete' and frequency in ('monthly', 'annual')

),

pairs as (

    select
        source,
        reporter_iso2,
        reporter_area,
        partner_iso2,
        flow,
        frequency,
        period_start,
        is_synthetic,
        min(hs_revision) as hs_revision
    from {{ ref('fct_trade_flows') }}
    group by
        source, reporter_iso2, reporter_area, partner_iso2, flow, frequency, period_start,
        is_synthetic

),

chapters as (

    select distinct
        source,
        reporter_iso2,
        reporter_area,
        flow,
        frequency,
        period_start,
        is_synthetic,
        left(hs_code, 2) as chapter
    from {{ ref('fct_trade_flows') }}

),

defined_chapters as (

    select distinct
        definition_kind,
        definition_id,
        version_from,
        tier,
        hs_revision,
        left(hs6, 2) as chapter
    from {{ ref('int_goods__expand_definitions') }}

),

defined_in as (

    -- periods of a reporter that hold a chapter of a definition
    select distinct
        d.definition_kind,
        d.definition_id,
        d.version_from,
        d.tier,
        d.hs_revision,
        c.* exclude (chapter)
    from defined_chapters as d
    inner join chapters as c on d.chapter = c.chapter

),

covered as (

    select
        s.*,
        c.period_start,
        c.period_end,
        p.hs_revision
    from series as s
    inner join pairs as p on {{ same('s', 'p', reporter + ['partner_iso2']) }}
    inner join complete as c on {{ same('p', 'c', reporter + ['period_start']) }}
    inner join defined_in as d
        on
            {{ same('s', 'd', ['definition_kind', 'definition_id', 'version_from', 'tier']) }}
            and {{ same('p', 'd', reporter + ['period_start', 'hs_revision']) }}

),

amounts as (

    select
        {{ series_columns() }},
        frequency,
        period_start,
        sum(value_usd_low) as value_usd_low,
        sum(value_usd_high) as value_usd_high
    from monthly
    group by {{ series_columns() }}, frequency, period_start

)

select
    {{ series_columns('v.') }},
    v.frequency,
    v.period_start,
    v.period_end,
    cast(extract(year from v.period_start) as integer) as year,
    case v.frequency
        when 'monthly' then cast(extract(month from v.period_start) as integer)
        else 0
    end as month,
    v.hs_revision,
    coalesce(k.is_series_break, false) as is_series_break,
    coalesce(a.value_usd_low, 0) as value_usd_low,
    coalesce(a.value_usd_high, 0) as value_usd_high
from covered as v
left join amounts as a
    on
        {{ same_series('v', 'a') }}
        and v.frequency = a.frequency
        and v.period_start = a.period_start
left join {{ ref('int_goods__count_codes') }} as k
    on
        {{
            same('v', 'k', [
                'definition_kind', 'definition_id', 'version_from', 'tier', 'hs_revision'
            ])
        }}
