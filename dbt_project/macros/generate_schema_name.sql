{#- A schema named in dbt_project.yml is used as it is: marts stand in `main`, not in `main_main`. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name is not none else target.schema }}
{%- endmacro %}
