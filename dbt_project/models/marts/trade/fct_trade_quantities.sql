with flows as (

    select
        cell_id,
        flow_id,
        row_kind
    from {{ ref('int_trade__national_flows') }}
    where row_kind <> 'remainder'

),

counted as (

    select
        {{ flow_key('commodity_code') }} as cell_id,
        is_synthetic,
        is_quantity_estimated,
        value_usd,
        quantity_standard,
        quantity_unit,
        quantity_2_standard,
        quantity_2_unit
    from {{ ref('int_trade__mapped') }}

),

amounts as (

    select
        cell_id,
        is_synthetic,
        is_quantity_estimated,
        value_usd,
        quantity_unit,
        quantity_standard as quantity
    from counted
    where quantity_unit is not null

    union all

    select
        cell_id,
        is_synthetic,
        is_quantity_estimated,
        value_usd,
        quantity_2_unit as quantity_unit,
        quantity_2_standard as quantity
    from counted
    where quantity_2_unit is not null and quantity_2_unit is distinct from quantity_unit

)

select
    f.flow_id,
    a.quantity_unit,
    cast(sum(a.quantity) as decimal(28, 6)) as quantity,
    cast(sum(a.value_usd) as decimal(28, 6)) as covered_value_usd,
    bool_or(a.is_quantity_estimated) as is_quantity_estimated,
    a.is_synthetic,
    count(*) as source_row_count
from flows as f
inner join amounts as a on f.cell_id = a.cell_id
group by f.flow_id, a.quantity_unit, a.is_synthetic
