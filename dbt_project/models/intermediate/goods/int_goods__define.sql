{#-
    What is looked for: every code of every known version of a list, and of every product set. A CN code that ends in 00
    is all of its six-digit code, which the European Union does not divide.
-#}

with listed as (

    select
        *,
        nomenclature = 'CN' and code_length = 8 and hs_code like '%00' as is_undivided
    from {{ ref('dim_control_list_entries') }}

)

select
    'list' as definition_kind,
    list_id as definition_id,
    valid_from as version_from,
    tier,
    case when is_undivided then match_prefix else hs_code end as entry_code,
    code_as_published,
    case when is_undivided then 'HS' else nomenclature end as nomenclature,
    hs_revision,
    -- 1 the whole code, 3 a part of it
    case when is_partial then 3 else 1 end as entry_rank
from listed

union all

select
    'set' as definition_kind,
    set_id as definition_id,
    null as version_from,
    null as tier,
    code as entry_code,
    code as code_as_published,
    nomenclature,
    hs_revision,
    case certainty when 'exact' then 1 else 3 end as entry_rank
from {{ ref('product_set_codes') }}
