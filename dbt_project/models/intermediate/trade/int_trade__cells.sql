{#- Counted rows added up over what is not in the key: regimes, provinces, breakdowns. -#}

select
    {{ flow_key('commodity_code') }} as cell_id,
    md5(concat_ws(
        '|', source, reporter_iso2, coalesce(reporter_area, ''), partner_iso2, flow, frequency,
        cast(period_start as varchar), cast(period_end as varchar), coalesce(hs_revision, ''),
        value_basis, cast(is_synthetic as varchar)
    )) as branch_id,
    source,
    reporter_iso2,
    reporter_area,
    partner_iso2,
    flow,
    frequency,
    period_start,
    period_end,
    commodity_code,
    case when commodity_code = 'TOTAL' then '' else commodity_code end as code_prefix,
    hs_level,
    hs_revision,
    value_basis,
    row_kind,
    is_synthetic,
    min(reporter_kind) as reporter_kind,
    min(partner_kind) as partner_kind,
    -- a region's figures are inside the whole reporter's of the same year
    reporter_area is not null and bool_or(reporter_area is null) over (
        partition by source, reporter_iso2, flow, extract(year from period_start), is_synthetic
    ) as is_inside_whole,
    bool_or(is_partial) as is_partial,
    cast(sum(value_usd) as decimal(28, 6)) as value_usd,
    case
        when min(currency) = max(currency) then cast(sum(value_original) as decimal(28, 6))
    end as value_original,
    {{ same_or_null('currency') }} as currency,
    {{ same_or_null('fx_rate') }} as fx_rate,
    case
        when count(distinct quantity_unit) = 1 then cast(sum(quantity_standard) as decimal(28, 6))
    end as quantity,
    case
        when count(distinct quantity_unit) > 1 then 'mixed' else min(quantity_unit)
    end as quantity_unit,
    cast(sum(weight_kg) as decimal(28, 6)) as net_weight_kg,
    bool_or(is_quantity_estimated) as is_quantity_estimated,
    min(evidence_type) as evidence_type,
    case when min(source_grade) = max(source_grade) then min(source_grade) else 'mixed' end
        as source_grade,
    max(vintage_date) as vintage_date,
    case when min(vintage_basis) = max(vintage_basis) then min(vintage_basis) else 'mixed' end
        as vintage_basis,
    string_agg(distinct quality_flag, ', ' order by quality_flag) as quality_flags,
    count(*) as source_row_count,
    count(*) filter (where value_usd is null) as rows_without_usd
from {{ ref('int_trade__mapped') }}
group by
    source, reporter_iso2, reporter_area, partner_iso2, flow, frequency, period_start, period_end,
    commodity_code, hs_level, hs_revision, value_basis, row_kind, is_synthetic
