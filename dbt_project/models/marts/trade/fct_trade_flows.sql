with national as (

    select * from {{ ref('int_trade__national_flows') }}

)

select
    flow_id,
    source,
    reporter_iso2,
    reporter_area,
    partner_iso2,
    flow,
    frequency,
    period_start,
    period_end,
    bool_or(is_partial) as is_partial,
    hs_code,
    hs_level,
    hs_revision,
    cast(sum(value_usd) as decimal(28, 6)) as value_usd,
    value_basis,
    case
        when min(currency) = max(currency) then cast(sum(value_original) as decimal(28, 6))
    end as value_original,
    {{ same_or_null('currency') }} as currency,
    {{ same_or_null('fx_rate') }} as fx_rate,
    case
        when count(distinct quantity_unit) = 1 and max(quantity_unit) <> 'mixed'
            then cast(sum(quantity) as decimal(28, 6))
    end as quantity,
    case
        when count(distinct quantity_unit) > 1 then 'mixed' else min(quantity_unit)
    end as quantity_unit,
    cast(sum(net_weight_kg) as decimal(28, 6)) as net_weight_kg,
    bool_or(is_quantity_estimated) as is_quantity_estimated,
    row_kind,
    min(evidence_type) as evidence_type,
    case when min(source_grade) = max(source_grade) then min(source_grade) else 'mixed' end
        as source_grade,
    is_synthetic,
    max(vintage_date) as vintage_date,
    case when min(vintage_basis) = max(vintage_basis) then min(vintage_basis) else 'mixed' end
        as vintage_basis,
    cast(sum(source_row_count) as bigint) as source_row_count,
    count(*) as national_code_count,
    string_agg(distinct quality_flags, ', ' order by quality_flags) as quality_flags
from national
group by
    flow_id, source, reporter_iso2, reporter_area, partner_iso2, flow, frequency, period_start,
    period_end, hs_code, hs_level, hs_revision, value_basis, row_kind, is_synthetic
