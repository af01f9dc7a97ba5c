select
    run_id,
    gate,
    asset,
    name as check_name,
    source,
    severity,
    passed in ('1', 'true') as is_passed,
    value,
    threshold,
    reason,
    try_cast(offending_count as bigint) as offending_count,
    offending as offending_rows,
    error,
    cast(left(checked_at, 23) as timestamp) as checked_at
from {{ source('landing', 'gate_results') }}
