select
    s.set_id,
    s.title,
    s.idea,
    s.kind,
    s.definition,
    s.must_not,
    s.note,
    count(c.code) as code_count
from {{ ref('product_sets') }} as s
left join {{ ref('product_set_codes') }} as c on s.set_id = c.set_id
group by 1, 2, 3, 4, 5, 6, 7
