{#-
    Every code that an edition has, where its codes are known: the seed's, and those of a
    nomenclature the user brought.
-#}

with seeded as (

    select
        code,
        'HS2012' as hs_revision
    from {{ ref('hs_codes') }}
    where in_hs2012

    union all

    select
        code,
        'HS2017' as hs_revision
    from {{ ref('hs_codes') }}
    where in_hs2017

    union all

    select
        code,
        'HS2022' as hs_revision
    from {{ ref('hs_codes') }}
    where in_hs2022

),

brought as (

    select
        hs_code as code,
        hs_revision,
        label as official_name,
        standard_unit
    from {{ ref('stg_hs_nomenclature__codes') }}
    where is_current and hs_level in (2, 4, 6)

),

codes as (

    select
        code,
        hs_revision
    from seeded

    union

    select
        code,
        hs_revision
    from brought

)

select
    c.code,
    c.hs_revision,
    b.official_name,
    b.standard_unit
from codes as c
left join brought as b on c.code = b.code and c.hs_revision = b.hs_revision
