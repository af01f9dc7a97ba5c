{{ config(materialized='view') }}

{#- The one place where sources meet: a new source is one more entry. -#}
{% set staged = ['stg_gacc__trade_rows', 'stg_comtrade__trade_rows', 'stg_fts__trade_rows', 'stg_table__trade_rows'] %}

{% for model in staged %}
    select {{ observation_columns() | join(', ') }}
    from {{ ref(model) }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
