{#-
    What each version of a revision unit says of a key, set against the version before it. A version speaks of a key
    that it names, and of every key of its block where it is complete.
-#}

with observations as (

    select * from {{ ref('int_trade__observations') }}
    -- a download limited to one regime says nothing of a key as a whole
    where only_selection is null

),

versions as (

    select
        source,
        revision_block,
        revision_order,
        bool_or(is_complete) as is_complete,
        max(_file_sha256) as _file_sha256,
        max(vintage_date) as vintage_date,
        max(vintage_basis) as vintage_basis
    from observations
    group by 1, 2, 3

),

named as (

    select
        source,
        revision_block,
        revision_key,
        min(revision_order) as oldest,
        max(revision_order) as newest
    from observations
    group by 1, 2, 3

),

complete_versions as (

    select
        source,
        revision_block,
        min(revision_order) filter (where is_complete) as first_complete,
        max(revision_order) filter (where is_complete) as last_complete
    from versions
    group by 1, 2

),

revised_keys as (

    -- a key has a history where two versions name it, or a complete one stands before or after it
    select
        n.source,
        n.revision_block,
        n.revision_key
    from named as n
    inner join complete_versions as c
        on n.source = c.source and n.revision_block = c.revision_block
    where
        n.oldest < n.newest
        or c.first_complete < n.oldest
        or c.last_complete > n.newest

),

ranked as (

    select
        o.*,
        min(o.selection_rank) over (
            partition by o.source, o.revision_key, o.revision_order
        ) as best_rank
    from observations as o
    inner join revised_keys as k
        on
            o.source = k.source
            and o.revision_block = k.revision_block
            and o.revision_key = k.revision_key

),

said as (

    select
        o.source,
        o.revision_block,
        o.revision_key,
        o.revision_order,
        max(o._file_sha256) as _file_sha256,
        {% for column in [
            'reporter_code', 'reporter_area', 'partner_code', 'flow', 'frequency', 'period_start', 'period_end',
            'commodity_code', 'hs_revision_stated', 'value_basis', 'currency', 'is_synthetic'
        ] %}
            max(o.{{ column }}) as {{ column }},
        {% endfor %}
        sum(o.value_original) as value_original,
        sum(o.quantity) as quantity,
        sum(o.net_weight_kg) as net_weight_kg
    from ranked as o
    where o.selection_rank = o.best_rank
    group by 1, 2, 3, 4

),

keys as (

    select
        source,
        revision_block,
        revision_key,
        {% for column in [
            'reporter_code', 'reporter_area', 'partner_code', 'flow', 'frequency', 'period_start', 'period_end',
            'commodity_code', 'hs_revision_stated', 'value_basis', 'currency'
        ] %}
            max({{ column }}) as {{ column }},
        {% endfor %}
        bool_or(is_synthetic) as is_synthetic
    from said
    group by 1, 2, 3

),

timeline as (

    select
        k.*,
        v.revision_order,
        v.vintage_date,
        v.vintage_basis,
        coalesce(s._file_sha256, v._file_sha256) as _file_sha256,
        s.value_original,
        s.quantity,
        s.net_weight_kg,
        s.revision_key is not null as is_named
    from keys as k
    inner join versions as v
        on k.source = v.source and k.revision_block = v.revision_block
    left join said as s
        on
            k.source = s.source
            and k.revision_block = s.revision_block
            and k.revision_key = s.revision_key
            and v.revision_order = s.revision_order
    where s.revision_key is not null or v.is_complete

),

steps as (

    select
        *,
        row_number() over earlier as step,
        lag(is_named) over earlier as was_named,
        lag(value_original) over earlier as value_before,
        lag(quantity) over earlier as quantity_before,
        lag(net_weight_kg) over earlier as net_weight_kg_before,
        lag(_file_sha256) over earlier as file_before,
        lag(vintage_date) over earlier as vintage_before
    from timeline
    window earlier as (
        partition by source, revision_block, revision_key order by revision_order
    )

)

select
    md5(concat_ws(
        '|', s.source, s.revision_block, s.revision_key, cast(s.revision_order as varchar)
    )) as revision_id,
    s.source,
    reporters.iso2 as reporter_iso2,
    s.reporter_area,
    partners.iso2 as partner_iso2,
    s.flow,
    s.frequency,
    s.period_start,
    s.period_end,
    s.commodity_code,
    s.hs_revision_stated,
    s.value_basis,
    s.currency,
    case
        when not s.was_named then 'added'
        when not s.is_named then 'dropped'
        else 'changed'
    end as change_kind,
    cast(s.value_before as decimal(28, 6)) as value_before,
    cast(s.value_original as decimal(28, 6)) as value_after,
    cast(coalesce(s.value_original, 0) - coalesce(s.value_before, 0) as decimal(28, 6))
        as value_change,
    cast(s.quantity_before as decimal(28, 6)) as quantity_before,
    cast(s.quantity as decimal(28, 6)) as quantity_after,
    cast(s.net_weight_kg_before as decimal(28, 6)) as net_weight_kg_before,
    cast(s.net_weight_kg as decimal(28, 6)) as net_weight_kg_after,
    s.vintage_before as vintage_date_before,
    s.vintage_date as vintage_date_after,
    s.vintage_basis,
    s.file_before as file_sha256_before,
    s._file_sha256 as file_sha256_after,
    s.is_synthetic
from steps as s
left join {{ ref('stg_reference__country_codes') }} as reporters
    on s.source = reporters.source and s.reporter_code = reporters.code
left join {{ ref('stg_reference__country_codes') }} as partners
    on s.source = partners.source and s.partner_code = partners.code
where
    s.step > 1
    and (s.is_named or s.was_named)
    and (
        s.is_named <> s.was_named
        or s.value_original is distinct from s.value_before
        or s.quantity is distinct from s.quantity_before
        or s.net_weight_kg is distinct from s.net_weight_kg_before
    )
