with codes as (

    select
        iso2,
        string_agg(code, ', ' order by code) filter (where system = 'gacc') as gacc_codes,
        string_agg(code, ', ' order by code) filter (where system = 'comtrade') as comtrade_codes
    from {{ ref('country_codes') }}
    group by iso2

)

select
    places.iso2,
    places.iso3,
    places.m49,
    places.name,
    places.kind,
    places.kind in ('country', 'territory', 'former', 'area') as is_additive_partner,
    codes.gacc_codes,
    codes.comtrade_codes
from {{ ref('countries') }} as places
left join codes on places.iso2 = codes.iso2
