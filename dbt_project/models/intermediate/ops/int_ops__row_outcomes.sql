{#- Every staged row with its fate and the published row it went into, for `dualuse trace`. -#}

with mapped as (

    select
        _landing_id,
        _row_number,
        {{ flow_key('commodity_code') }} as cell_id
    from {{ ref('int_trade__mapped') }}

),

in_flows as (

    select
        cell_id,
        flow_id,
        national_flow_id
    from {{ ref('int_trade__national_flows') }}
    where row_kind <> 'remainder'

),

remainders as (

    select
        cell_id,
        flow_id
    from {{ ref('int_trade__national_flows') }}
    where row_kind = 'remainder'

),

totals as (

    select
        total_id,
        total_kind
    from {{ ref('fct_trade_totals') }}

)

select
    f._file_sha256,
    f._landing_id,
    f._row_number,
    f.source,
    f.is_synthetic,
    f.value_original,
    f.currency,
    case
        when f.fate <> 'counted' then f.fate
        when i.flow_id is not null then 'flow'
        when t.total_id is not null then 'total'
        else 'lost'
    end as outcome,
    i.flow_id,
    i.national_flow_id,
    t.total_id,
    t.total_kind,
    r.flow_id as remainder_flow_id,
    f.untyped_fields
from {{ ref('int_trade__row_fates') }} as f
left join mapped as m on f._landing_id = m._landing_id and f._row_number = m._row_number
left join in_flows as i on m.cell_id = i.cell_id
left join totals as t on m.cell_id = t.total_id
left join remainders as r on m.cell_id = r.cell_id
