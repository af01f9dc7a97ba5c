{#- One row per landed row; the newest file of a pair of editions is current whole. -#}

select
    edition_from,
    edition_to,
    trim(code_from) as code_from,
    trim(code_to) as code_to,
    trim(relationship) as relationship,
    file_order = max(file_order) over (partition by edition_from, edition_to) as is_current,
    _file_sha256,
    _landing_id,
    _row_number,
    file_name,
    file_order,
    vintage_date,
    vintage_basis
from {{ source('landing', 'hs_correlations__pairs') }}
