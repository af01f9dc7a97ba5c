"""What users are told of a dbt build that failed.

Belongs here: the one line made of dbt's results. Does not belong here: running dbt, the ledger.
"""

from orchestration import dbt_results

OUT_OF_MEMORY = (
    "Runtime Error in model ops_revisions (models/marts/ops/ops_revisions.sql)\n"
    "  Out of Memory Error: could not allocate block of size 256.0 KiB (1.8 GiB/1.8 GiB used)\n\n"
    "  Possible solutions:\n"
)


def test_the_first_error_says_what_happened_and_where():
    results = [
        {"unique_id": "model.p.fine", "status": "success", "message": "OK"},
        {
            "unique_id": "model.p.bad",
            "status": "error",
            "message": "Runtime Error in model bad (x.sql)\n  no such column",
        },
        {"unique_id": "model.p.later", "status": "error", "message": "another"},
    ]
    assert dbt_results.first_error(results) == "bad: Runtime Error in model bad (x.sql): no such column"


def test_a_model_that_ran_out_of_memory_says_which_setting_gives_more():
    line = dbt_results.first_error(
        [{"unique_id": "model.p.ops_revisions", "status": "error", "message": OUT_OF_MEMORY}]
    )
    assert "could not allocate block" in line
    assert "DUALUSE_MEMORY_LIMIT" in line


def test_without_an_error_there_is_no_line():
    assert dbt_results.first_error([{"unique_id": "model.p.fine", "status": "success"}]) == ""
