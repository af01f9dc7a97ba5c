with codes as (

    select * from {{ ref('int_goods__list_codes') }}

),

names as (

    select * from {{ ref('goods_names') }}

)

select
    c.code as hs_code,
    c.hs_revision,
    cast(c.hs_level as integer) as hs_level,
    case when c.hs_level > 2 then left(c.code, c.hs_level - 2) end as parent_code,
    coalesce(own.short_name, general.short_name) as short_name,
    c.official_name,
    c.standard_unit,
    c.is_in_edition
from codes as c
left join names as own on c.code = own.code and c.hs_revision = own.hs_revision
left join names as general on c.code = general.code and general.hs_revision is null
