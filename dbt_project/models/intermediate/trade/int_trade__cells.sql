{#- Counted rows added up over what is not in the key: regimes, provinces, breakdowns. -#}

with mapped as (

    select * from {{ ref('int_trade__mapped') }}

),

spans as (

    select distinct
        source,
        reporter_iso2,
        reporter_area,
        flow,
        is_synthetic,
        period_start,
        period_end
    from mapped

),

inside_wholes as (

    -- a region's figures are inside the whole reporter's, where both speak of the same days
    select distinct
        part.source,
        part.reporter_iso2,
        part.reporter_area,
        part.flow,
        part.is_synthetic,
        part.period_start,
        part.period_end
    from spans as part
    inner join spans as whole
        on
            part.source = whole.source
            and part.reporter_iso2 = whole.reporter_iso2
            and part.flow = whole.flow
            and part.is_synthetic = whole.is_synthetic
            and part.period_start <= whole.period_end
            and part.period_end >= whole.period_start
    where part.reporter_area is not null and whole.reporter_area is null

),

cells as (

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
        bool_or(is_partial) as is_partial,
        cast(sum(value_usd) as decimal(28, 6)) as value_usd,
        case
            when min(currency) = max(currency) then cast(sum(value_original) as decimal(28, 6))
        end as value_original,
        {{ same_or_null('currency') }} as currency,
        {{ same_or_null('fx_rate') }} as fx_rate,
        case
            when count(distinct quantity_unit) = 1
                then cast(sum(quantity_standard) as decimal(28, 6))
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
    from mapped
    group by
        source, reporter_iso2, reporter_area, partner_iso2, flow, frequency, period_start,
        period_end, commodity_code, hs_level, hs_revision, value_basis, row_kind, is_synthetic

)

select
    c.*,
    i.source is not null as is_inside_whole
from cells as c
left join inside_wholes as i
    on
        c.source = i.source
        and c.reporter_iso2 = i.reporter_iso2
        and c.reporter_area = i.reporter_area
        and c.flow = i.flow
        and c.is_synthetic = i.is_synthetic
        and c.period_start = i.period_start
        and c.period_end = i.period_end
