{# Cells of Eurostat's pages: labels with a code before them and notes behind them. #}

{% macro eurostat_place(column) -%}
    {#-
        A place by its label or its code alone: `DE-Germany (incl. ...)` is Germany. The source's YAML says the same
        for the gate on unknown places.
    -#}
    regexp_replace(
        regexp_replace(trim({{ column }}), '^[A-Z][A-Z0-9_]+-', ''),
        ' *[(](incl[.]|excl[.]|[A-Z]{2}[-,]).*$', ''
    )
{%- endmacro %}

{% macro eurostat_code(column) -%}
    {#- Digits before a mask (`39XXXXXX` is 39), TOTAL for all goods or a code that is all mask. -#}
    coalesce(nullif(regexp_extract({{ column }}, '^[0-9]+'), ''), 'TOTAL')
{%- endmacro %}

{% macro eurostat_row_kind(column) -%}
    case
        when {{ column }} <> 'TOTAL' and strpos({{ column }}, 'X') > 0 then 'confidential'
        when left({{ column }}, 2) in ('98', '99') then 'unallocated'
        else 'reported'
    end
{%- endmacro %}

{% macro eurostat_month(word) -%}
    {#- Two digits of a month's English or French name or abbreviation, in lower case. -#}
    case
        when left({{ word }}, 3) = 'jan' then '01'
        when left({{ word }}, 3) in ('feb', 'fev', 'fév') then '02'
        when left({{ word }}, 3) = 'mar' then '03'
        when left({{ word }}, 3) in ('apr', 'avr') then '04'
        when left({{ word }}, 3) in ('may', 'mai') then '05'
        when left({{ word }}, 3) = 'jun' or left({{ word }}, 4) = 'juin' then '06'
        when left({{ word }}, 3) = 'jul' or left({{ word }}, 4) = 'juil' then '07'
        when left({{ word }}, 3) in ('aug', 'aoû', 'aou') then '08'
        when left({{ word }}, 3) = 'sep' then '09'
        when left({{ word }}, 3) = 'oct' then '10'
        when left({{ word }}, 3) = 'nov' then '11'
        when left({{ word }}, 3) in ('dec', 'déc') then '12'
    end
{%- endmacro %}
