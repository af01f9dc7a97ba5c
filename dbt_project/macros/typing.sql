{# Text to types. Anything that cannot be typed becomes null; `untyped_fields` lists it for the quarantine. #}

{% macro given(column) -%}
    {#- Text without padding; null for the marks that sources write where there is nothing. -#}
    case
        when trim({{ column }}) in ('', '?', '-', '—', 'N/A', 'NULL', '#N/A') then null
        else trim({{ column }})
    end
{%- endmacro %}

{% macro amount(column, thousands_comma=false) -%}
    try_cast(
        {%- if thousands_comma %} replace({{ given(column) }}, ',', '')
        {%- else %} {{ given(column) }}
        {%- endif %} as decimal(28, 6)
    )
{%- endmacro %}

{% macro month_start(column) -%}
    {#- First day of `202301` or `2023-01`. -#}
    try_cast(
        left(trim({{ column }}), 4) || '-' || right(trim({{ column }}), 2) || '-01' as date
    )
{%- endmacro %}

{% macro untyped_fields(fields) -%}
    {#- `name=raw text` of each field that has text and no typed value, joined by an unprintable mark; null if none. -#}
    nullif(concat_ws(
        chr(31)
        {%- for name, raw, typed in fields %},
        case
            when {{ given(raw) }} is not null and {{ typed }} is null
                then '{{ name }}=' || {{ raw }}
        end
        {%- endfor %}
    ), '')
{%- endmacro %}

{% macro same_or_null(column) -%}
    {#- In a grouping: the value where all rows agree, else null. -#}
    case when min({{ column }}) = max({{ column }}) then min({{ column }}) end
{%- endmacro %}
