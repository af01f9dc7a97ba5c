"""The generator's command line: other seeds, the list of what is planted, and where neither may go.

Belongs here: what the command writes and refuses to write. Does not belong here: the amounts
(`test_sample_plants`), or the committed bytes (`test_sample`).
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.sample import generate, plants
from orchestration.settings import PROJECT_ROOT, SAMPLE


def test_nothing_outside_the_generator_knows_what_is_planted() -> None:
    folders = (PROJECT_ROOT / "dbt_project", PROJECT_ROOT / "orchestration")
    known = [
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in {".sql", ".py", ".yml", ".csv", ".md"}
        and not {"sample", "target", "dbt_packages"} & set(path.relative_to(PROJECT_ROOT).parts)
        and re.search(
            r"plants\.yml|PLANTS\.json|sample[. ]import.*plants|sample\.plants", path.read_text("utf-8")
        )
    ]
    assert known == []


def test_command_line_draws_another_seed_and_lists_its_plants(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "orchestration.sample.generate", str(tmp_path / "made")]
    command += ["--seed", "7", "--plants", str(tmp_path / "PLANTS.json")]
    subprocess.run(command, cwd=PROJECT_ROOT, check=True)
    generate.write(tmp_path / "again", 7)
    sums = [(tmp_path / name / "SHA256SUMS").read_bytes() for name in ("made", "again")]
    assert sums[0] == sums[1] != (SAMPLE / "SHA256SUMS").read_bytes()
    listed = json.loads((tmp_path / "PLANTS.json").read_text(encoding="utf-8"))
    assert listed["seed"] == 7
    assert listed["note"] == generate.NOTE
    assert [each["id"] for each in listed["plants"]] == [plant.id for plant in plants.load()[0]]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--seed", "7"],
        ["sample", "--seed", "7"],
        ["--plants", "sample/gacc/P.json"],
        ["made", "--plants", "made/P.json"],
        ["made", "--plants", "sample/P.json"],
    ],
)
def test_command_line_keeps_plants_and_seeds_out_of_the_committed_sample(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(generate, "SAMPLE", tmp_path / "sample")
    monkeypatch.setattr(sys, "argv", ["generate", *arguments])
    with pytest.raises(SystemExit, match="2"):
        generate.main()
    assert list(tmp_path.iterdir()) == []
