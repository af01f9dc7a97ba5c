{#- Counted rows with one country code, one edition, standard units and US dollars. -#}

with counted as (

    select * from {{ ref('int_trade__row_fates') }}
    where fate = 'counted'

),

countries as (

    select
        codes.source,
        codes.code,
        codes.iso2,
        places.kind
    from {{ ref('stg_reference__country_codes') }} as codes
    inner join {{ ref('countries') }} as places on codes.iso2 = places.iso2

),

editions as (

    select * from {{ ref('stg_reference__edition_rules') }}

),

periods as (

    select distinct
        currency,
        period_start,
        period_end
    from counted
    where currency <> 'USD'

),

span_rates as (

    -- mean of the days of the span; null where any of its months has no rate
    select
        p.currency,
        p.period_start,
        p.period_end,
        case
            when
                count(r.month)
                = (extract(year from p.period_end) - extract(year from p.period_start)) * 12
                + extract(month from p.period_end) - extract(month from p.period_start) + 1
                then cast(
                    sum(r.usd_per_unit * r.days_with_rate) / sum(r.days_with_rate)
                    as decimal(20, 10)
                )
        end as usd_per_unit
    from periods as p
    left join {{ ref('int_rates__average_months') }} as r
        on p.currency = r.currency and r.month between p.period_start and p.period_end
    group by 1, 2, 3

)

select
    c.*,
    reporters.iso2 as reporter_iso2,
    reporters.kind as reporter_kind,
    partners.iso2 as partner_iso2,
    partners.kind as partner_kind,
    coalesce(c.hs_revision_stated, e.hs_revision) as hs_revision,
    case c.currency when 'USD' then cast(1 as decimal(20, 10)) else x.usd_per_unit end as fx_rate,
    case c.currency
        when 'USD' then c.value_original
        else cast(c.value_original * x.usd_per_unit as decimal(28, 6))
    end as value_usd,
    cast(c.quantity * u1.factor as decimal(28, 6)) as quantity_standard,
    u1.unit as quantity_unit,
    cast(c.quantity_2 * u2.factor as decimal(28, 6)) as quantity_2_standard,
    u2.unit as quantity_2_unit,
    coalesce(
        c.net_weight_kg,
        case when u1.unit = 'kg' then cast(c.quantity * u1.factor as decimal(28, 6)) end,
        case when u2.unit = 'kg' then cast(c.quantity_2 * u2.factor as decimal(28, 6)) end
    ) as weight_kg
from counted as c
left join countries as reporters
    on c.source = reporters.source and c.reporter_code = reporters.code
left join countries as partners
    on c.source = partners.source and c.partner_code = partners.code
left join editions as e
    on
        c.source = e.source
        and e.reporter_iso2 in (reporters.iso2, '*')
        and c.period_start >= e.valid_from
        and c.period_start < e.valid_until
left join span_rates as x
    on
        c.currency = x.currency
        and c.period_start = x.period_start
        and c.period_end = x.period_end
left join {{ ref('stg_reference__quantity_units') }} as u1
    on c.source = u1.source and c.quantity_unit_published = u1.published_unit
left join {{ ref('stg_reference__quantity_units') }} as u2
    on c.source = u2.source and c.quantity_2_unit_published = u2.published_unit
