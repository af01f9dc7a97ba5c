{#
    trade_as_of(date): fct_trade_flows as it would have been with the files known by that date. It is a table macro
    of the published file, put together from the very SQL of the models between observations and the mart, so that it
    cannot drift from the current view.
#}

{% macro trade_as_of_chain() -%}
    {{ return([
        'int_trade__row_fates', 'int_trade__mapped', 'int_trade__cells', 'int_trade__resolve_levels',
        'int_trade__resolve_periods', 'int_trade__national_flows', 'fct_trade_flows'
    ]) }}
{%- endmacro %}

{% macro create_trade_as_of(results) %}
    {%- if execute -%}
        {%- set compiled = {} -%}
        {%- set relations = {} -%}
        {%- for result in results if result.node.resource_type == 'model' and result.node.compiled_code -%}
            {%- do compiled.update({result.node.name: result.node.compiled_code}) -%}
            {%- do relations.update({result.node.name: result.node.relation_name}) -%}
        {%- endfor -%}
        {%- set chain = trade_as_of_chain() -%}
        {%- set missing = chain | reject('in', compiled) | list -%}
        {%- if not missing -%}
            create or replace macro main.trade_as_of(as_of) as table
            with int_trade__observations as (
                select * from {{ relations['int_trade__observations'] }}
                where vintage_date <= cast(as_of as date)
            )
            {%- for model in chain %},
            {{ model }} as (
                {%- set text = namespace(sql=compiled[model]) -%}
                {%- for name in ['int_trade__observations'] + chain -%}
                    {%- set text.sql = text.sql.replace(relations[name], name) -%}
                {%- endfor %}
                {{ text.sql }}
            )
            {%- endfor %}
            select
                cast(as_of as date) as known_on,
                *
            from fct_trade_flows
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
