with outcomes as (

    select
        source,
        _landing_id,
        count(*) as rows_staged,
        count(*) filter (where outcome = 'flow') as rows_in_flows,
        count(*) filter (where outcome = 'total') as rows_in_totals,
        count(*) filter (where outcome = 'superseded') as rows_superseded,
        count(*) filter (where outcome in ('other_breakdown', 'other_edition'))
            as rows_not_additive,
        count(*) filter (where outcome = 'not_available') as rows_not_available
    from {{ ref('int_ops__row_outcomes') }}
    group by source, _landing_id

),

files as (

    select f.*
    from {{ source('landing', 'files') }} as f
    inner join {{ source('landing', 'sources') }} as s on f.source = s.source
    -- reference facts have no rows of trade
    where f.is_active and s.cadence is not null

),

by_source as (

    select
        f.source,
        f.is_synthetic,
        count(*) as file_count,
        cast(sum(f.rows_in) as bigint) as rows_in,
        cast(sum(f.rows_landed) as bigint) as rows_landed,
        cast(sum(f.rows_quarantined) as bigint) as rows_quarantined,
        cast(coalesce(sum(o.rows_staged), 0) as bigint) as rows_staged,
        cast(coalesce(sum(o.rows_in_flows), 0) as bigint) as rows_in_flows,
        cast(coalesce(sum(o.rows_in_totals), 0) as bigint) as rows_in_totals,
        cast(coalesce(sum(o.rows_superseded), 0) as bigint) as rows_superseded,
        cast(coalesce(sum(o.rows_not_additive), 0) as bigint) as rows_not_additive,
        cast(coalesce(sum(o.rows_not_available), 0) as bigint) as rows_not_available
    from files as f
    left join outcomes as o on f.landing_id = o._landing_id
    group by f.source, f.is_synthetic

),

money as (

    select
        source,
        is_synthetic,
        bool_and(is_balanced) as is_balanced
    from {{ ref('ops_value_conservation') }}
    group by source, is_synthetic

)

select
    b.*,
    b.rows_in = b.rows_landed + b.rows_quarantined
    and b.rows_landed = b.rows_staged
    and b.rows_staged
    = b.rows_in_flows + b.rows_in_totals + b.rows_superseded + b.rows_not_additive
    + b.rows_not_available as is_rows_balanced,
    coalesce(m.is_balanced, b.rows_landed = 0) as is_value_balanced
from by_source as b
left join money as m on b.source = m.source and b.is_synthetic = m.is_synthetic
