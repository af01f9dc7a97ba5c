{#-
    A workbook of the United Nations that the user brings stands for the whole pair of editions;
    else the seed.
-#}

with from_files as (

    select
        edition_from,
        edition_to,
        code_from,
        code_to,
        relationship
    from {{ ref('stg_hs_correlations__pairs') }}
    where is_current

),

pairs_from_files as (

    select distinct
        edition_from,
        edition_to
    from from_files

)

select
    *,
    'file' as origin
from from_files

union all

select
    s.edition_from,
    s.edition_to,
    s.code_from,
    s.code_to,
    s.relationship,
    'seed' as origin
from {{ ref('hs_correlations') }} as s
left join pairs_from_files as f
    on s.edition_from = f.edition_from and s.edition_to = f.edition_to
where f.edition_from is null
