{#
    listed_on(code, day): what each control list says of a code on a day, a table macro of the published file. The code
    is read in the list's own edition. Outside the days on which a list is known the answer is unknown.
#}

{% macro create_listed_on(results) %}
    {%- set needed = ['dim_control_lists', 'dim_control_list_versions', 'dim_control_list_entries'] -%}
    {%- set built = results | map(attribute='node.name') | select('in', needed) | list -%}
    {%- if execute and built | length == needed | length -%}
        create or replace macro main.listed_on(code, day) as table
        with answers as (
            select
                v.list_id,
                v.valid_from as version_from,
                bool_or(starts_with(code, e.hs_code) and not e.is_partial) as is_whole,
                bool_or(starts_with(code, e.hs_code) or starts_with(e.hs_code, code)) as is_met,
                string_agg(distinct e.code_as_published, ', ' order by e.code_as_published)
                    filter (where starts_with(code, e.hs_code) or starts_with(e.hs_code, code)) as entries
            from main.dim_control_list_versions as v
            inner join main.dim_control_list_entries as e
                on v.list_id = e.list_id and v.valid_from = e.valid_from
            where v.is_known and cast(day as date) between v.valid_from and v.known_until
            group by v.list_id, v.valid_from
        )
        select
            l.list_id,
            l.title,
            case
                when a.list_id is null then 'unknown'
                when a.is_whole then 'listed'
                when a.is_met then 'listed in part'
                else 'not listed'
            end as answer,
            a.entries,
            a.version_from,
            l.verified_from,
            l.verified_through
        from main.dim_control_lists as l
        left join answers as a on l.list_id = a.list_id
        order by l.list_id
    {%- endif -%}
{% endmacro %}
