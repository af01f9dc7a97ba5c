with outcomes as (

    select
        _landing_id,
        count(*) filter (where outcome = 'flow') as rows_in_flows,
        count(*) filter (where outcome = 'total') as rows_in_totals,
        count(*) filter (where outcome = 'total' and total_kind = 'world_partner') as world_rows,
        count(*) filter (where outcome = 'superseded') as rows_superseded,
        count(*) filter (where outcome in ('other_breakdown', 'other_edition'))
            as rows_not_additive,
        count(*) filter (where outcome = 'not_available') as rows_not_available
    from {{ ref('int_ops__row_outcomes') }}
    group by _landing_id

)

select
    f.sha256,
    f.source,
    f.file_name,
    f.origin,
    f.archived_path,
    f.bytes,
    f.first_seen,
    f.vintage_date,
    f.vintage_basis,
    f.source_grade,
    f.is_synthetic,
    f.state,
    f.is_active,
    f.layout,
    f.note,
    f.rows_in,
    f.rows_landed,
    f.rows_quarantined,
    coalesce(o.rows_in_flows, 0) as rows_in_flows,
    coalesce(o.rows_in_totals, 0) as rows_in_totals,
    coalesce(o.rows_superseded, 0) as rows_superseded,
    coalesce(o.rows_not_additive, 0) as rows_not_additive,
    coalesce(o.rows_not_available, 0) as rows_not_available,
    case
        when f.state in ('refused', 'rejected') then f.reason
        when f.state = 'archived' then 'not landed yet'
        when not f.is_active then 'synthetic sample, set aside because real files are loaded'
        when
            f.rows_landed = 0 and f.rows_in = 0
            then 'no data: the publisher has no rows for this query'
        when f.rows_landed = 0 then 'no record could be split into fields: see ops_quarantine'
        when said.cadence is null
            then 'reference facts, used by other sources'
        when o.rows_in_flows = 0 and o.world_rows > 0
            then
                'all that counts are world totals: in fct_trade_totals, none in fct_trade_flows'
        when o.rows_in_flows = 0 and o.rows_superseded = f.rows_landed
            then 'every row is superseded by a newer file'
        when o.rows_in_flows = 0 and o.rows_not_additive = f.rows_landed
            then
                'every row has a preferred one of its key: another currency, breakdown, edition'
        when o.rows_in_flows = 0 then 'no row is additive: see fct_trade_totals'
        else 'in fct_trade_flows'
    end as explanation
from {{ source('landing', 'files') }} as f
left join {{ ref('ops_sources') }} as said on f.source = said.source
left join outcomes as o on f.landing_id = o._landing_id
