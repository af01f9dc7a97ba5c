{# How surely a code is among the goods of a definition: the word for a rank. #}

{% macro certainty(rank) -%}
    case {{ rank }} when 1 then 'exact' when 2 then 'near' when 3 then 'possible' end
{%- endmacro %}
