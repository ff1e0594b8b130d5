"""The Dockerfile keeps hadolint's rules; each rule is shown a Dockerfile that breaks it, too."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

dockerfile: Any = sys.modules["deploy_tests_dockerfile"]

GOOD = """\
FROM python:3.12-slim AS build
WORKDIR /source
COPY a b ./
RUN pip wheel --no-cache-dir --no-deps .
FROM python:3.12-slim
COPY --from=build /wheels /wheels
USER 10001:10001
HEALTHCHECK CMD ["true"]
ENTRYPOINT ["alicorn"]
CMD ["up"]
"""

BAD = {
    "workdir_is_absolute": ("WORKDIR /source", "WORKDIR source"),
    "last_user_is_not_root": ("USER 10001:10001", "USER root"),
    "no_cd_no_sudo": ("RUN pip", "RUN cd /source && pip"),
    "base_is_pinned": ("FROM python:3.12-slim\n", "FROM registry:5000/python\n"),
    "apt_is_pinned_and_cleaned": ("RUN pip", "RUN apt-get install -y git && pip"),
    "copy_not_add": ("COPY a b ./", "ADD a ./"),
    "copy_from_a_stage_that_stands_before": ("--from=build", "--from=bulid"),
    "json_for_what_is_started": ('ENTRYPOINT ["alicorn"]', "ENTRYPOINT alicorn"),
    "pip_keeps_no_cache": (" --no-cache-dir", ""),
    "no_consecutive_runs_of_one_user": ("RUN pip", "RUN true\nRUN pip"),
    "nothing_outdated_or_twice": ('CMD ["up"]', 'CMD ["up"]\nCMD ["up"]'),
    "pipes_do_not_hide_failures": ("RUN pip", "RUN curl x | sh && pip"),
}


@pytest.mark.parametrize("rule", dockerfile.RULES, ids=lambda rule: rule.__name__)
def test_a_rule_is_kept_and_sees_where_it_is_broken(rule: Any) -> None:
    """Read from the file as it stands, and from one with a single mistake."""
    old, new = BAD[rule.__name__]
    assert old in GOOD

    assert list(rule(dockerfile.STAGES)) == []
    assert list(rule(dockerfile.parse(GOOD))) == []
    assert list(rule(dockerfile.parse(GOOD.replace(old, new)))) != []


def test_every_rule_is_shown_a_mistake() -> None:
    """A rule that nothing breaks says nothing."""
    assert {rule.__name__ for rule in dockerfile.RULES} == set(BAD)


def test_hadolint_finds_nothing() -> None:
    """Where it is installed: it knows what engines warn of."""
    hadolint = shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("hadolint is not installed; https://github.com/hadolint/hadolint has it")
    done = subprocess.run(
        [hadolint, str(dockerfile.PATH)], capture_output=True, text=True, check=False
    )

    assert done.stdout == ""


def test_the_linter_of_editors_finds_nothing() -> None:
    """`make lint` installs it beside buf: npm's dockerfile-utils, which VS Code asks, too."""
    found = Path(dockerfile.ROOT / ".venv/dockerfile/node_modules/.bin/dockerfile-utils")
    if not found.is_file():
        pytest.skip("dockerfile-utils is not installed; make lint installs it where npm is")
    done = subprocess.run(
        [str(found), "lint", str(dockerfile.PATH)], capture_output=True, text=True, check=False
    )

    assert done.stdout == ""
