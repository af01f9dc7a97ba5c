{#- Passes when no row of `model` has a null in any of `columns`: one pass over a table instead of one a column. -#}
{% test columns_are_given(model, columns) %}

select *
from {{ model }}
where
    {%- for column in columns %}
        {{ column }} is null{{ ' or' if not loop.last }}
    {%- endfor %}

{% endtest %}
