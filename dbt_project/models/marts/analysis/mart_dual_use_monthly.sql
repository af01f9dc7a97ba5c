with summed as (

    select
        {{ series_columns() }},
        version_from,
        frequency,
        period_start,
        period_end,
        hs_revision,
        bool_or(is_partial) as is_partial,
        {{ band('value_usd') }},
        sum(value_usd) filter (where certainty = 'unknown') as value_usd_unknown,
        {{ band('net_weight_kg') }},
        count(distinct hs_code) filter (where certainty <> 'unknown') as codes_with_data,
        count(*) as flow_count
    from {{ ref('fct_dual_use_trade') }}
    group by
        {{ series_columns() }}, version_from, frequency, period_start, period_end, hs_revision

)

select
    md5(concat_ws(
        '|', s.definition_kind, s.definition_id, s.version_basis,
        coalesce(cast(s.version_from as varchar), ''), coalesce(s.tier, ''), s.source,
        s.reporter_iso2, coalesce(s.reporter_area, ''), s.partner_iso2, s.flow, s.frequency,
        cast(s.period_start as varchar), cast(s.period_end as varchar), s.hs_revision,
        s.value_basis, cast(s.is_synthetic as varchar)
    )) as dual_use_period_id,
    s.definition_kind,
    s.definition_id,
    s.version_basis,
    s.version_from,
    s.tier,
    s.source,
    s.reporter_iso2,
    s.reporter_area,
    s.partner_iso2,
    s.flow,
    s.frequency,
    s.period_start,
    s.period_end,
    s.is_partial,
    s.hs_revision,
    coalesce(c.is_series_break, false) as is_series_break,
    s.value_basis,
    cast(coalesce(s.value_usd_low, 0) as decimal(28, 6)) as value_usd_low,
    cast(coalesce(s.value_usd_near, 0) as decimal(28, 6)) as value_usd_near,
    cast(coalesce(s.value_usd_high, 0) as decimal(28, 6)) as value_usd_high,
    cast(coalesce(s.value_usd_unknown, 0) as decimal(28, 6)) as value_usd_unknown,
    cast(s.net_weight_kg_low as decimal(28, 6)) as net_weight_kg_low,
    cast(s.net_weight_kg_high as decimal(28, 6)) as net_weight_kg_high,
    s.codes_with_data,
    c.codes_in_edition,
    s.flow_count,
    s.is_synthetic
from summed as s
left join {{ ref('int_goods__count_codes') }} as c
    on
        s.definition_kind = c.definition_kind
        and s.definition_id = c.definition_id
        and s.version_from is not distinct from c.version_from
        and s.tier is not distinct from c.tier
        and s.hs_revision = c.hs_revision
