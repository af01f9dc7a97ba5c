{# Staging is incremental by landing: one landing is one file under one adapter version and one manifest. #}

{% macro forget_withdrawn_landings() %}
    {#- Rows of files that were rejected, set aside or landed anew leave the table before new ones come in. -#}
    {% if is_incremental() %}
        delete from {{ this }}
        where _landing_id not in (
            select landing_id from {{ source('landing', 'files') }}
            where is_active
        )
    {% endif %}
{% endmacro %}

{% macro only_new_landings() %}
    {%- if is_incremental() %}
        where _landing_id not in (select distinct _landing_id from {{ this }})
    {%- endif %}
{% endmacro %}
