{#- Passes when near <= low <= high in every row: what is sure is never more than all that is touched. -#}
{% test band_is_sound(model, low, high, near=none) %}

select *
from {{ model }}
where
    {{ low }} > {{ high }}
    {%- if near %}
        or {{ near }} > {{ low }}
    {%- endif %}

{% endtest %}
