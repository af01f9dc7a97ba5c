{#-
    Along time: where a finer span of the same trade is there, the coarser one is a total. Codes count as the same
    trade where one is the other's heading, whatever the edition.
-#}

with additive as (

    select
        a.cell_id,
        a.is_remainder,
        a.value_original,
        a.value_usd,
        c.code_prefix,
        c.period_start,
        c.period_end,
        c.period_end - c.period_start as days,
        md5(concat_ws(
            '|', c.source, c.reporter_iso2, coalesce(c.reporter_area, ''), c.partner_iso2, c.flow,
            c.value_basis, cast(c.is_synthetic as varchar)
        )) as series_id
    from {{ ref('int_trade__resolve_levels') }} as a
    inner join {{ ref('int_trade__cells') }} as c on a.cell_id = c.cell_id

),

mixed_series as (

    select series_id
    from additive
    group by series_id
    having min(days) + 3 < max(days) -- months differ by up to three days

),

spans as (

    select a.*
    from additive as a
    inner join mixed_series as m on a.series_id = m.series_id

),

coarse as (

    select distinct wide.cell_id
    from spans as wide
    inner join spans as fine
        on
            wide.series_id = fine.series_id
            and wide.period_start <= fine.period_start
            and wide.period_end >= fine.period_end
            and wide.days > fine.days
    where
        starts_with(fine.code_prefix, wide.code_prefix)
        or starts_with(wide.code_prefix, fine.code_prefix)

)

select
    a.cell_id,
    a.is_remainder,
    a.value_original,
    a.value_usd,
    coarse.cell_id is not null as is_coarser_period
from additive as a
left join coarse on a.cell_id = coarse.cell_id
