{{ config(materialized='view') }}

{#- The one place where sources meet: a new source is one more line. -#}
{% set staged = [
    'stg_baci__trade_rows',
    'stg_census__trade_rows',
    'stg_comexstat__trade_rows',
    'stg_comext__trade_rows',
    'stg_comext_easy__trade_rows',
    'stg_comtrade__trade_rows',
    'stg_eurostat_workbook__cells',
    'stg_fts__trade_rows',
    'stg_gacc__trade_rows',
    'stg_table__trade_rows',
] %}

{% for model in staged %}
    select {{ observation_columns() | join(', ') }}
    from {{ ref(model) }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
