{#-
    Which six-digit codes of two editions share goods, in both directions, and over one edition between them where no
    table links the two. distance: 1 one to one, 2 the same digits with a part moved, 3 anything else.
-#}

with directed as (

    select
        edition_from as edition,
        code_from as code,
        edition_to as other_edition,
        code_to as other_code,
        relationship
    from {{ ref('dim_hs_correlations') }}

    union all

    select
        edition_to as edition,
        code_to as code,
        edition_from as other_edition,
        code_from as other_code,
        relationship
    from {{ ref('dim_hs_correlations') }}

),

direct as (

    select
        edition,
        code,
        other_edition,
        other_code,
        case
            when relationship = '1:1' then 1
            when code = other_code then 2
            else 3
        end as distance
    from directed

),

linked_editions as (

    select distinct
        edition,
        other_edition
    from direct

),

over_one as (

    select
        a.edition,
        a.code,
        b.other_edition,
        b.other_code,
        min(case
            when a.distance = 1 and b.distance = 1 then 1
            when a.code = b.other_code and a.distance <= 2 and b.distance <= 2 then 2
            else 3
        end) as distance
    from direct as a
    inner join direct as b on a.other_edition = b.edition and a.other_code = b.code
    left join linked_editions as l on a.edition = l.edition and b.other_edition = l.other_edition
    where a.edition <> b.other_edition and l.edition is null
    group by 1, 2, 3, 4

)

select * from direct

union all

select * from over_one
