{#- One row per landed row; a newer file that names a list replaces the list whole. -#}

select
    trim(list_id) as list_id,
    {{ given('title') }} as title,
    coalesce(lower({{ given('kind') }}), 'own') as kind,
    trim(code) as code_as_published,
    translate(code, '. ' || chr(160), '') as hs_code,
    coalesce(lower({{ given('partial') }}), 'false') in ('true', 'yes', '1') as is_partial,
    coalesce(upper({{ given('nomenclature') }}), 'HS') as nomenclature,
    upper(trim(hs_revision)) as hs_revision,
    {{ given('tier') }} as tier,
    try_cast(trim(valid_from) as date) as valid_from,
    try_cast({{ given('valid_to') }} as date) as valid_to,
    {{ given('source') }} as source,
    file_order = max(file_order) over (partition by trim(list_id)) as is_current,
    _file_sha256,
    _landing_id,
    _row_number,
    file_name,
    file_order,
    vintage_date,
    vintage_basis
from {{ source('landing', 'control_lists__entries') }}
