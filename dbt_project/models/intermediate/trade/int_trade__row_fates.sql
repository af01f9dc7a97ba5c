{#- Every staged row and what became of it. Nothing leaves here without a name. -#}

with observations as (

    select * from {{ ref('int_trade__observations') }}

),

named_keys as (

    -- the newest version that names a key; a file limited to one regime speaks for that regime only
    select
        source,
        revision_key,
        only_selection,
        max(revision_order) as newest
    from observations
    group by 1, 2, 3

),

complete_blocks as (

    select
        source,
        revision_block,
        only_selection,
        max(revision_order) as newest
    from observations
    where is_complete
    group by 1, 2, 3

),

superseded as (

    select distinct
        o._landing_id,
        o._row_number
    from observations as o
    inner join named_keys as k
        on o.source = k.source and o.revision_key = k.revision_key
    where
        k.newest > o.revision_order
        and (
            k.only_selection is null
            or strpos(';' || o.breakdown || ';', ';' || k.only_selection || ';') > 0
        )

    union

    select distinct
        o._landing_id,
        o._row_number
    from observations as o
    inner join complete_blocks as b
        on o.source = b.source and o.revision_block = b.revision_block
    where
        b.newest > o.revision_order
        and (
            b.only_selection is null
            or strpos(';' || o.breakdown || ';', ';' || b.only_selection || ';') > 0
        )

),

current_rows as (

    select o.*
    from observations as o
    left join superseded as s
        on o._landing_id = s._landing_id and o._row_number = s._row_number
    where s._row_number is null

),

ranked as (

    select
        *,
        min(selection_rank) over (partition by source, observation_key) as best_rank,
        -- one edition for a period with a partner: as reported before converted, then the newest
        first_value(coalesce(hs_revision_stated, '')) over (
            partition by
                source, reporter_code, reporter_area, partner_code, flow, period_start, period_end,
                is_synthetic
            order by is_original_edition desc, file_order desc, hs_revision_stated desc
            rows between unbounded preceding and unbounded following
        ) as best_edition
    from current_rows
    where quality_flag is distinct from 'not_available'

),

judged as (

    select
        _landing_id,
        _row_number,
        case
            when selection_rank > best_rank then 'other_breakdown'
            when coalesce(hs_revision_stated, '') <> best_edition then 'other_edition'
            else 'counted'
        end as fate
    from ranked

    union all

    select
        _landing_id,
        _row_number,
        'not_available' as fate
    from current_rows
    where quality_flag = 'not_available'

)

select
    o.*,
    coalesce(j.fate, 'superseded') as fate
from observations as o
left join judged as j
    on o._landing_id = j._landing_id and o._row_number = j._row_number
