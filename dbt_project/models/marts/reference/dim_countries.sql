with codes as (

    select
        iso2,
        string_agg(source || ' ' || code, ', ' order by source, code) as source_codes
    from {{ ref('stg_reference__country_codes') }}
    group by iso2

)

select
    places.iso2,
    places.iso3,
    places.m49,
    places.name,
    places.kind,
    places.kind in ('country', 'territory', 'former', 'area') as is_additive_partner,
    codes.source_codes
from {{ ref('countries') }} as places
left join codes on places.iso2 = codes.iso2
