{#-
    Codes of every edition, those that only the data have among them: published, or else not of
    their edition.
-#}

with published as (

    select * from {{ ref('int_goods__list_editions') }}

),

in_data as (

    select distinct
        hs_code as code,
        hs_revision
    from {{ ref('int_trade__national_flows') }}
    where hs_level in (2, 4, 6)

),

editions as (

    select distinct hs_revision
    from published

)

select
    coalesce(p.code, d.code) as code,
    coalesce(p.hs_revision, d.hs_revision) as hs_revision,
    length(coalesce(p.code, d.code)) as hs_level,
    case
        when p.code is not null then true
        when e.hs_revision is not null then false
    end as is_in_edition,
    p.official_name,
    p.standard_unit
from published as p
full outer join in_data as d on p.code = d.code and p.hs_revision = d.hs_revision
left join editions as e on coalesce(p.hs_revision, d.hs_revision) = e.hs_revision
