"""The options of `dualuse pull`, whoever the publisher is.

Belongs here: what is shared by all pulls. Does not belong here: any one publisher's rules for their values.
"""

import pytest
from typer.testing import CliRunner

from orchestration.cli.app import Exit, app
from orchestration.pulls import PullError, PullOptions, QueryError, pullable


def test_an_option_that_a_publisher_does_not_use_is_refused_by_name():
    options = PullOptions(hs="8806", first="2022-01")
    options.only("Some Office", "--hs", "--from", "--to")
    with pytest.raises(QueryError, match=r"^--hs: means nothing to Some Office; it takes --from, --to$"):
        options.only("Some Office", "--from", "--to")
    with pytest.raises(QueryError, match=r"^--hs: means nothing to Some Office; it takes no option$"):
        options.only("Some Office")


def test_missing_options_are_all_named():
    PullOptions(hs="8806", last="2022-01").need("--hs", "--to")
    with pytest.raises(PullError, match=r"^give --partner, --to as well"):
        PullOptions(hs="8806").need("--partner", "--hs", "--to")


def test_without_options_there_is_nothing_asked_for():
    assert not PullOptions()
    assert PullOptions(frequency="annual")


def test_the_help_lists_the_sources_and_others_are_refused():
    shown = CliRunner().invoke(app, ["pull", "--help"]).stdout
    assert f"One of {', '.join(pullable())}." in " ".join(shown.split())
    refused = CliRunner().invoke(app, ["pull", "gacc"])
    assert refused.exit_code == Exit.USAGE
    assert "no publisher to ask for 'gacc'; there are: " in refused.stderr
