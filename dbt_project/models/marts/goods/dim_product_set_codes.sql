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

reached as (

    select
        *,
        row_number() over (
            partition by definition_id, hs_revision, hs6
            order by certainty_rank, entry_code, reason
        ) as choice
    from {{ ref('int_goods__expand_definitions') }}
    where definition_kind = 'set' and hs_revision <> entry_revision

),

derived as (

    select
        definition_id as set_id,
        'HS' as nomenclature,
        hs_revision,
        hs6 as code,
        {{ certainty('certainty_rank') }} as certainty,
        reason as why,
        entry_revision as defined_in
    from reached
    where choice = 1

)

select * from authored

union all

select * from derived
