select
    source,
    reporter_iso2,
    flow,
    hs_revision,
    cast(extract(year from period_start) as integer) as year,
    is_synthetic,
    count(*) as flow_count,
    count(*) filter (where quality_flags like '%code_not_in_edition%') as flows_not_in_edition,
    cast(sum(value_usd) as decimal(28, 6)) as value_usd,
    cast(
        coalesce(sum(value_usd) filter (where quality_flags like '%code_not_in_edition%'), 0)
        as decimal(28, 6)
    ) as value_usd_not_in_edition,
    cast(
        coalesce(
            sum(value_usd) filter (where quality_flags like '%code_not_in_edition%')
            / nullif(sum(value_usd), 0),
            0
        ) as decimal(9, 6)
    ) as share_not_in_edition,
    string_agg(distinct hs_code, ', ' order by hs_code) filter (
        where quality_flags like '%code_not_in_edition%'
    ) as codes_not_in_edition
from {{ ref('fct_trade_flows') }}
group by 1, 2, 3, 4, 5, 6
