{#-
    As written for the edition that a set is defined in, and as the correlation tables give it for
    the others.
-#}

with authored as (

    select
        set_id,
        nomenclature,
        hs_revision,
        code,
        certainty,
        why,
        hs_revision as defined_in
    from {{ ref('product_set_codes') }}

),

derived as (

    select
        x.definition_id as set_id,
        'HS' as nomenclature,
        x.hs_revision,
        x.hs6 as code,
        {{ certainty('min(x.certainty_rank)') }} as certainty,
        min_by(x.reason, x.certainty_rank) as why,
        min(x.entry_revision) as defined_in
    from {{ ref('int_goods__expand_definitions') }} as x
    where x.definition_kind = 'set' and x.hs_revision <> x.entry_revision
    group by 1, 2, 3, 4

)

select * from authored

union all

select * from derived
