with covered as (

    select * from {{ ref('int_analysis__cover_periods') }}

),

years as (

    select
        {{ series_columns() }},
        frequency,
        year,
        count(*) as periods_covered
    from covered
    group by {{ series_columns() }}, frequency, year

),

compared as (

    select
        {{ series_columns('n.') }},
        n.frequency,
        n.year,
        count(*) as periods_compared,
        string_agg(lpad(cast(n.month as varchar), 2, '0'), ',' order by n.month) as months_compared,
        sum(b.value_usd_low) as base_usd_low,
        sum(b.value_usd_high) as base_usd_high,
        sum(n.value_usd_low) as value_usd_low,
        sum(n.value_usd_high) as value_usd_high,
        string_agg(distinct b.hs_revision, ', ' order by b.hs_revision) as base_hs_revision,
        string_agg(distinct n.hs_revision, ', ' order by n.hs_revision) as hs_revision,
        count(distinct n.hs_revision) = 1
        and count(distinct b.hs_revision) = 1
        and min(n.hs_revision) = min(b.hs_revision) as is_one_edition,
        bool_or(n.is_series_break or b.is_series_break) as is_series_break
    from covered as n
    inner join covered as b
        on
            {{ same_series('n', 'b') }}
            and n.frequency = b.frequency
            and n.month = b.month
            and n.year = b.year + 1
    group by {{ series_columns('n.') }}, n.frequency, n.year

),

judged as (

    select
        {{ series_columns('y.') }},
        y.frequency,
        y.year,
        y.periods_covered,
        coalesce(c.periods_compared, 0) as periods_compared,
        case y.frequency when 'monthly' then c.months_compared end as months_compared,
        c.base_hs_revision,
        c.hs_revision,
        c.base_usd_low,
        c.base_usd_high,
        c.value_usd_low,
        c.value_usd_high,
        case
            when c.year is null then 'no_base'
            when c.is_series_break and not c.is_one_edition then 'banded'
            when c.base_usd_low = 0 and c.base_usd_high > 0 then 'upper_only'
            else 'plain'
        end as growth_kind,
        {{ growth_pct('c.base_usd_low', 'c.value_usd_low') }} as pct_of_low,
        {{ growth_pct('c.base_usd_high', 'c.value_usd_high') }} as pct_of_high
    from years as y
    left join compared as c
        on {{ same_series('y', 'c') }} and y.frequency = c.frequency and y.year = c.year

)

select
    md5(concat_ws(
        '|', definition_kind, definition_id, version_basis, coalesce(tier, ''), source,
        reporter_iso2, coalesce(reporter_area, ''), partner_iso2, flow, frequency,
        cast(year as varchar), value_basis, cast(is_synthetic as varchar)
    )) as growth_id,
    definition_kind,
    definition_id,
    version_basis,
    tier,
    source,
    reporter_iso2,
    reporter_area,
    partner_iso2,
    flow,
    frequency,
    year,
    value_basis,
    periods_covered,
    periods_compared,
    months_compared,
    base_hs_revision,
    hs_revision,
    cast(base_usd_low as decimal(28, 6)) as base_usd_low,
    cast(base_usd_high as decimal(28, 6)) as base_usd_high,
    cast(value_usd_low as decimal(28, 6)) as value_usd_low,
    cast(value_usd_high as decimal(28, 6)) as value_usd_high,
    cast(case growth_kind
        when 'banded' then value_usd_low - base_usd_high
        when 'plain' then least(value_usd_low - base_usd_low, value_usd_high - base_usd_high)
        else value_usd_high - base_usd_high
    end as decimal(28, 6)) as change_usd_min,
    cast(case growth_kind
        when 'banded' then value_usd_high - base_usd_low
        when 'plain' then greatest(value_usd_low - base_usd_low, value_usd_high - base_usd_high)
        else value_usd_high - base_usd_high
    end as decimal(28, 6)) as change_usd_max,
    case growth_kind
        when 'banded' then {{ growth_pct('base_usd_high', 'value_usd_low') }}
        when 'plain' then least(pct_of_low, pct_of_high)
        else pct_of_high
    end as growth_pct_min,
    case growth_kind
        when 'banded' then {{ growth_pct('base_usd_low', 'value_usd_high') }}
        when 'plain' then greatest(pct_of_low, pct_of_high)
        else pct_of_high
    end as growth_pct_max,
    growth_kind,
    growth_kind = 'plain' and base_usd_high > 0 as comparable,
    case
        when growth_kind = 'no_base' then 'no period is covered in this year and in the one before'
        when growth_kind = 'banded'
            then
                'the codes changed between ' || base_hs_revision || ' and ' || hs_revision
                || '; growth lies between two ends, the upper one open where the base may be nil'
        when growth_kind = 'upper_only'
            then
                'the base holds only codes of which the goods may be a part; '
                || 'the growth given is that of all they hold'
        when base_usd_high = 0 then 'nothing in the base'
    end as reason,
    is_synthetic
from judged
