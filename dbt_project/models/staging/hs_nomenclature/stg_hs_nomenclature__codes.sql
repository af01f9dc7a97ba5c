{#- One row per landed row; the newest file of an edition is current whole. -#}

with landed as (

    select
        *,
        trim(code) as trimmed_code,
        trim(description) as published_name
    from {{ source('landing', 'hs_nomenclature__codes') }}

)

select
    hs_revision,
    trimmed_code as hs_code,
    case when trimmed_code = 'TOTAL' then 0 else length(trimmed_code) end as hs_level,
    -- the UN writes `010121 - Horses; ...`
    case
        when starts_with(published_name, trimmed_code || ' - ')
            then trim(substr(published_name, length(trimmed_code) + 4))
        else {{ given('description') }}
    end as label,
    {{ given('parent') }} as parent_code,
    nullif({{ given('standard_unit') }}, 'n/a') as standard_unit,
    file_order = max(file_order) over (partition by hs_revision) as is_current,
    _file_sha256,
    _landing_id,
    _row_number,
    file_name,
    file_order,
    vintage_date,
    vintage_basis
from landed
