with flows as (

    select
        source,
        reporter_iso2,
        coalesce(reporter_area, '') as area,
        flow,
        frequency,
        period_start,
        period_end,
        is_synthetic,
        bool_or(is_partial) as is_partial,
        count(*) as flow_count,
        count(distinct partner_iso2) as partner_count,
        count(distinct hs_code) as hs_code_count,
        sum(value_usd) as value_usd,
        count(*) filter (where value_usd is null) as flows_without_usd,
        coalesce(
            sum(value_usd) filter (
                where hs_level < 6 or row_kind in ('confidential', 'unallocated')
            )
            / nullif(sum(value_usd), 0),
            0
        ) as share_without_hs6,
        max(vintage_date) as newest_vintage_date
    from {{ ref('fct_trade_flows') }}
    group by all

),

rows_behind as (

    select
        o.source,
        places.iso2 as reporter_iso2,
        coalesce(o.reporter_area, '') as area,
        o.flow,
        o.frequency,
        o.period_start,
        o.period_end,
        o.is_synthetic,
        count(*) as source_rows,
        count(*) filter (where o.fate = 'not_available') as rows_not_available,
        count(distinct o._file_sha256) as file_count
    from {{ ref('int_trade__row_fates') }} as o
    inner join {{ ref('stg_reference__country_codes') }} as places
        on o.source = places.source and o.reporter_code = places.code
    where o.fate <> 'superseded' and o.period_start is not null
    group by all

),

present as (

    select
        b.source,
        b.reporter_iso2,
        b.area,
        b.flow,
        b.frequency,
        b.period_start,
        b.period_end,
        b.is_synthetic,
        b.source_rows,
        b.rows_not_available,
        b.file_count,
        f.* exclude (
            source, reporter_iso2, area, flow, frequency, period_start, period_end, is_synthetic
        ),
        case
            when f.flow_count is null and b.rows_not_available = b.source_rows then 'empty'
            when f.flow_count is null then 'totals_only'
            when f.is_partial then 'partial'
            else 'complete'
        end as coverage_status
    from rows_behind as b
    left join flows as f
        on
            b.source = f.source
            and b.reporter_iso2 = f.reporter_iso2
            and b.area = f.area
            and b.flow = f.flow
            and b.frequency = f.frequency
            and b.period_start = f.period_start
            and b.period_end = f.period_end
            and b.is_synthetic = f.is_synthetic

),

series as (

    select
        source,
        reporter_iso2,
        area,
        flow,
        frequency,
        is_synthetic,
        min(period_start) filter (where coverage_status <> 'empty') as first_period_start,
        max(period_start) filter (where coverage_status <> 'empty') as last_period_start
    from present
    group by all

),

steps as (

    -- months (or years) between the first and the last of a series
    select
        series.*,
        cast(
            unnest(generate_series(
                cast(first_period_start as timestamp),
                cast(last_period_start as timestamp),
                case frequency when 'monthly' then interval 1 month else interval 1 year end
            )) as date
        ) as period_start
    from series
    where frequency in ('monthly', 'annual') and first_period_start is not null

),

gaps as (

    select g.*
    from steps as g
    left join present as p
        on
            g.source = p.source
            and g.reporter_iso2 = p.reporter_iso2
            and g.area = p.area
            and g.flow = p.flow
            and g.frequency = p.frequency
            and g.is_synthetic = p.is_synthetic
            and g.period_start = p.period_start
    where p.source is null

),

withdrawn_sources as (

    -- sources of which a file that counted is rejected or set aside now: their months may go
    select distinct p.source
    from {{ source('landing', 'previous_files') }} as p
    inner join {{ source('landing', 'files') }} as f on p.sha256 = f.sha256
    where not f.is_active

),

vanished as (

    select p.*
    from {{ source('landing', 'previous_coverage') }} as p
    -- a finer span inside the old one stands for it
    left join flows as f
        on
            p.source = f.source
            and p.reporter_iso2 = f.reporter_iso2
            and p.flow = f.flow
            and p.period_start <= f.period_start
            and p.period_end >= f.period_end
            and p.is_synthetic = f.is_synthetic
    left join withdrawn_sources as w on p.source = w.source
    where f.source is null and w.source is null and p.flow_count > 0

),

listed as (

    select
        source,
        reporter_iso2,
        area,
        flow,
        frequency,
        period_start,
        period_end,
        is_synthetic,
        coverage_status,
        source_rows,
        rows_not_available,
        file_count,
        flow_count,
        partner_count,
        hs_code_count,
        value_usd,
        flows_without_usd,
        share_without_hs6,
        newest_vintage_date
    from present

    union all by name

    select
        source,
        reporter_iso2,
        area,
        flow,
        frequency,
        period_start,
        case frequency
            when 'monthly' then last_day(period_start)
            else cast(period_start + interval 1 year - interval 1 day as date)
        end as period_end,
        is_synthetic,
        'gap' as coverage_status
    from gaps

    union all by name

    select
        v.source,
        v.reporter_iso2,
        '' as area,
        v.flow,
        v.frequency,
        v.period_start,
        v.period_end,
        v.is_synthetic,
        'vanished' as coverage_status
    from vanished as v

),

ranked as (

    -- a period that vanished may still have rows of totals, or stand in a gap
    select
        *,
        row_number() over (
            partition by
                source, reporter_iso2, area, flow, frequency, period_start, period_end,
                is_synthetic
            order by coverage_status = 'vanished' desc, coverage_status
        ) as choice
    from listed

)

select
    l.source,
    l.reporter_iso2,
    nullif(l.area, '') as reporter_area,
    l.flow,
    l.frequency,
    l.period_start,
    l.period_end,
    l.is_synthetic,
    l.coverage_status,
    coalesce(l.source_rows, 0) as source_row_count,
    coalesce(l.rows_not_available, 0) as rows_not_available,
    coalesce(l.file_count, 0) as file_count,
    coalesce(l.flow_count, 0) as flow_count,
    coalesce(l.partner_count, 0) as partner_count,
    coalesce(l.hs_code_count, 0) as hs_code_count,
    cast(l.value_usd as decimal(28, 6)) as value_usd,
    coalesce(l.flows_without_usd, 0) as flows_without_usd,
    cast(l.share_without_hs6 as decimal(9, 6)) as share_without_hs6,
    l.newest_vintage_date,
    s.first_period_start,
    s.last_period_start,
    case
        when l.period_start = s.last_period_start and l.frequency in ('monthly', 'annual')
            then cast(
                case l.frequency
                    when 'monthly' then last_day(l.period_end + 1)
                    else l.period_end + interval 1 year
                end + to_days(said.expected_lag_days) as date
            )
    end as next_due_on,
    case
        when next_due_on is not null and not l.is_synthetic
            then greatest(0, clock.refreshed_on - next_due_on)
    end as days_late
from ranked as l
left join series as s
    on
        l.source = s.source
        and l.reporter_iso2 = s.reporter_iso2
        and l.area = s.area
        and l.flow = s.flow
        and l.frequency = s.frequency
        and l.is_synthetic = s.is_synthetic
inner join {{ ref('ops_sources') }} as said on l.source = said.source
cross join {{ source('landing', 'clock') }} as clock
where l.choice = 1
