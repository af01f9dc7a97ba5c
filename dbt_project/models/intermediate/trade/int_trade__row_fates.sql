{#-
    Every staged row and what became of it. Nothing leaves here without a name. Nearly all rows are alone with their
    key, so each question is first put to the keys, and only what is contested is looked at row by row.
-#}

with observations as (

    select * from {{ ref('int_trade__observations') }}

),

key_versions as (

    -- a file limited to one regime speaks for that regime only
    select
        source,
        revision_key,
        only_selection,
        min(revision_order) as oldest,
        max(revision_order) as newest
    from observations
    group by 1, 2, 3

),

revised_keys as (

    select
        source,
        revision_key
    from key_versions
    group by 1, 2
    having min(oldest) < max(newest)

),

newer_versions as (

    -- the newest version that names a key
    select
        v.source,
        v.revision_key,
        v.only_selection,
        v.newest
    from key_versions as v
    inner join revised_keys as r
        on v.source = r.source and v.revision_key = r.revision_key

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

    select
        o._landing_id,
        o._row_number
    from observations as o
    inner join newer_versions as k
        on o.source = k.source and o.revision_key = k.revision_key
    where
        k.newest > o.revision_order
        and (
            k.only_selection is null
            or strpos(';' || o.breakdown || ';', ';' || k.only_selection || ';') > 0
        )

    union

    select
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

    select
        o._landing_id,
        o._row_number,
        o.source,
        o.observation_key,
        o.selection_rank,
        coalesce(o.quality_flag = 'not_available', false) as is_not_available,
        coalesce(o.hs_revision_stated, '') as edition,
        coalesce(o.is_original_edition, false) as is_original_edition,
        o.file_order,
        -- the edition is chosen once for a period with a partner
        concat_ws(
            '|', coalesce(o.reporter_code, ''), coalesce(o.reporter_area, ''),
            coalesce(o.partner_code, ''), o.flow, coalesce(cast(o.period_start as varchar), ''),
            cast(o.period_end as varchar), cast(o.is_synthetic as varchar)
        ) as edition_key
    from observations as o
    left join superseded as s
        on o._landing_id = s._landing_id and o._row_number = s._row_number
    where s._row_number is null

),

stated as (

    select * from current_rows
    where not is_not_available

),

ranked_keys as (

    select
        source,
        observation_key,
        min(selection_rank) as best_rank
    from stated
    group by 1, 2
    having min(selection_rank) < max(selection_rank)

),

editions as (

    -- as reported before converted, then the newest
    select
        source,
        edition_key,
        edition,
        row_number() over (
            partition by source, edition_key
            order by
                bool_or(is_original_edition) desc,
                coalesce(
                    max(file_order) filter (where is_original_edition), max(file_order)
                ) desc,
                edition desc
        ) as choice
    from stated
    group by 1, 2, 3

),

other_editions as (

    select * from editions
    where choice > 1

),

judged as (

    select
        c._landing_id,
        c._row_number,
        case
            when c.is_not_available then 'not_available'
            when c.selection_rank > k.best_rank then 'other_breakdown'
            when e.edition is not null then 'other_edition'
            else 'counted'
        end as fate
    from current_rows as c
    left join ranked_keys as k
        on c.source = k.source and c.observation_key = k.observation_key
    left join other_editions as e
        on
            c.source = e.source
            and c.edition_key = e.edition_key
            and c.edition = e.edition

)

select
    o.*,
    coalesce(j.fate, 'superseded') as fate
from observations as o
left join judged as j
    on o._landing_id = j._landing_id and o._row_number = j._row_number
