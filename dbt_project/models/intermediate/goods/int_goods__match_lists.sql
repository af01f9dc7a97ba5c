{#-
    Flows at the finest code, each with every list and product set that touches it. A remainder below zero is rounding
    among the parts of a heading and says nothing of goods, so no definition touches it.
-#}

select
    f.national_flow_id,
    m.definition_kind,
    m.definition_id,
    m.version_basis,
    m.version_from,
    m.tier,
    m.entry_code,
    m.certainty,
    m.reason
from {{ ref('int_trade__national_flows') }} as f
inner join {{ ref('stg_reference__national_nomenclatures') }} as n on f.source = n.source
inner join {{ ref('int_goods__match_periods') }} as m
    on
        n.national_nomenclature = m.nomenclature
        and f.hs_revision = m.hs_revision
        and f.national_code = m.national_code
        and f.period_start = m.period_start
        and f.period_end = m.period_end
where f.row_kind <> 'remainder' or f.value_usd >= 0
