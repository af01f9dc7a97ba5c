{#-
    One origin, two destinations, by what the exporter or what the importers say, never one of
    each.
-#}

with covered as (

    select
        *,
        case flow when 'import' then reporter_iso2 else partner_iso2 end as destination_iso2,
        case flow when 'import' then partner_iso2 else reporter_iso2 end as origin_iso2
    from {{ ref('int_analysis__cover_periods') }}
    -- a region is no destination beside a country
    where flow in ('export', 'import') and reporter_area is null

),

compared as (

    select
        a.definition_kind,
        a.definition_id,
        a.version_basis,
        a.tier,
        a.source,
        a.flow,
        a.frequency,
        a.value_basis,
        a.is_synthetic,
        a.origin_iso2,
        a.destination_iso2,
        b.destination_iso2 as compared_with_iso2,
        a.year,
        count(*) as periods_compared,
        string_agg(lpad(cast(a.month as varchar), 2, '0'), ',' order by a.month) as months_compared,
        string_agg(distinct a.hs_revision, ', ' order by a.hs_revision) as hs_revision,
        string_agg(distinct b.hs_revision, ', ' order by b.hs_revision) as compared_hs_revision,
        bool_and(a.hs_revision = b.hs_revision or not (a.is_series_break or b.is_series_break))
            as is_one_definition,
        sum(a.value_usd_low) as value_usd_low,
        sum(a.value_usd_high) as value_usd_high,
        sum(b.value_usd_low) as compared_usd_low,
        sum(b.value_usd_high) as compared_usd_high
    from covered as a
    inner join covered as b
        on
            a.definition_kind = b.definition_kind
            and a.definition_id = b.definition_id
            and a.version_basis = b.version_basis
            and a.tier is not distinct from b.tier
            and a.source = b.source
            and a.flow = b.flow
            and a.frequency = b.frequency
            and a.value_basis = b.value_basis
            and a.is_synthetic = b.is_synthetic
            and a.origin_iso2 = b.origin_iso2
            and a.period_start = b.period_start
    inner join {{ ref('destination_pairs') }} as p
        on a.destination_iso2 = p.destination_iso2 and b.destination_iso2 = p.compared_with_iso2
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13

)

select
    md5(concat_ws(
        '|', definition_kind, definition_id, version_basis, coalesce(tier, ''), source, flow,
        frequency, value_basis, cast(is_synthetic as varchar), origin_iso2, destination_iso2,
        compared_with_iso2, cast(year as varchar)
    )) as comparison_id,
    definition_kind,
    definition_id,
    version_basis,
    tier,
    source,
    origin_iso2,
    destination_iso2,
    compared_with_iso2,
    flow,
    frequency,
    year,
    periods_compared,
    case frequency when 'monthly' then months_compared end as months_compared,
    hs_revision,
    value_basis,
    cast(value_usd_low as decimal(28, 6)) as value_usd_low,
    cast(value_usd_high as decimal(28, 6)) as value_usd_high,
    cast(compared_usd_low as decimal(28, 6)) as compared_usd_low,
    cast(compared_usd_high as decimal(28, 6)) as compared_usd_high,
    cast(value_usd_low / nullif(compared_usd_high, 0) as decimal(18, 6)) as ratio_min,
    cast(value_usd_high / nullif(compared_usd_low, 0) as decimal(18, 6)) as ratio_max,
    is_one_definition and compared_usd_low > 0 as comparable,
    case
        when not is_one_definition
            then 'the two destinations report by ' || hs_revision || ' and ' || compared_hs_revision
        when compared_usd_high = 0 then 'nothing to the other destination'
        when compared_usd_low = 0
            then 'only codes of which the goods may be a part went there: no upper end'
    end as reason,
    is_synthetic
from compared
