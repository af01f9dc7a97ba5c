{#-
    Series of a definition in every period that can be compared: the source holds the reporter's period whole, the pair
    has trade of some kind in it, and the reporter has trade in a chapter of the definition. A period so covered without
    trade in the definition is a zero; any other period says nothing. Sets, and lists in their chosen version: what a
    list held in each period is another question.
-#}

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
    inner join pairs as p
        on
            s.source = p.source
            and s.reporter_iso2 = p.reporter_iso2
            and s.reporter_area is not distinct from p.reporter_area
            and s.partner_iso2 = p.partner_iso2
            and s.flow = p.flow
            and s.frequency = p.frequency
            and s.is_synthetic = p.is_synthetic
    inner join complete as c
        on
            p.source = c.source
            and p.reporter_iso2 = c.reporter_iso2
            and p.reporter_area is not distinct from c.reporter_area
            and p.flow = c.flow
            and p.frequency = c.frequency
            and p.period_start = c.period_start
            and p.is_synthetic = c.is_synthetic
    inner join defined_in as d
        on
            s.definition_kind = d.definition_kind
            and s.definition_id = d.definition_id
            and s.version_from is not distinct from d.version_from
            and s.tier is not distinct from d.tier
            and p.hs_revision = d.hs_revision
            and p.source = d.source
            and p.reporter_iso2 = d.reporter_iso2
            and p.reporter_area is not distinct from d.reporter_area
            and p.flow = d.flow
            and p.frequency = d.frequency
            and p.period_start = d.period_start
            and p.is_synthetic = d.is_synthetic

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
        v.definition_kind = k.definition_kind
        and v.definition_id = k.definition_id
        and v.version_from is not distinct from k.version_from
        and v.tier is not distinct from k.tier
        and v.hs_revision = k.hs_revision
