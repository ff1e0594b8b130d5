"""The Dockerfile as its tests read it: stages of instructions, and the rules that they keep.

The rules are those of hadolint (https://github.com/hadolint/hadolint, by their numbers) that an
image like this one can break; hadolint itself is asked where it is installed.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATH = ROOT / "deploy" / "Dockerfile"


@dataclass(frozen=True)
class Instruction:
    """One instruction: its word, and the rest with continued lines joined."""

    word: str
    rest: str


Stage = list[Instruction]


def parse(text: str) -> list[Stage]:
    """Return the instructions of each stage, `FROM` first."""
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    stages: list[Stage] = []
    for line in joined.splitlines():
        word, _, rest = line.partition(" ")
        if word == "FROM":
            stages.append([])
        stages[-1].append(Instruction(word, rest.strip()))
    return stages


STAGES = parse(PATH.read_text())
BUILD, RUNTIME = STAGES


def of(stage: Stage, word: str) -> list[str]:
    """Return what follows each ``word`` of a stage."""
    return [one.rest for one in stage if one.word == word]


def commands(stage: Stage) -> list[list[str]]:
    """Return the words of each command of a stage's RUN instructions."""
    return [shlex.split(part) for run in of(stage, "RUN") for part in run.split("&&")]


def copied() -> list[str]:
    """Return every path that is copied from the context."""
    return [
        source
        for stage in STAGES
        for copy in of(stage, "COPY")
        if not copy.startswith("--from")
        for source in copy.split()[:-1]
    ]


# ---- rules: each yields what breaks it

Rule = Callable[[list[Stage]], Iterator[str]]


def _everywhere(stages: list[Stage], *words: str) -> Iterator[tuple[str, str]]:
    for stage in stages:
        for one in stage:
            if one.word in words:
                yield one.word, one.rest


def _is_list(text: str) -> bool:
    try:
        return isinstance(json.loads(text), list)
    except ValueError:
        return False


def workdir_is_absolute(stages: list[Stage]) -> Iterator[str]:
    """DL3000."""
    return (rest for _, rest in _everywhere(stages, "WORKDIR") if not rest.startswith(("/", "$")))


def last_user_is_not_root(stages: list[Stage]) -> Iterator[str]:
    """DL3002."""
    users = of(stages[-1], "USER")
    if not users or users[-1].partition(":")[0] in {"root", "0"}:
        yield "root at the end"


def no_cd_no_sudo(stages: list[Stage]) -> Iterator[str]:
    """DL3003, DL3004."""
    return (" ".join(c) for s in stages for c in commands(s) if c[:1] in (["cd"], ["sudo"]))


def base_is_pinned(stages: list[Stage]) -> Iterator[str]:
    """DL3006, DL3007."""
    aliases: set[str] = set()
    for stage in stages:
        image, _, alias = stage[0].rest.partition(" AS ")
        tag = image.partition("@")[2] or image.rpartition("/")[2].partition(":")[2]
        if image not in aliases and tag in {"", "latest"}:
            yield image
        aliases.add(alias)


def apt_is_pinned_and_cleaned(stages: list[Stage]) -> Iterator[str]:
    """DL3008, DL3009, DL3014, DL3015, DL3027."""
    for _, run in _everywhere(stages, "RUN"):
        if re.search(r"\bapt\s", run):
            yield f"apt instead of apt-get: {run}"
        for install in re.findall(r"apt-get install[^&]*", run):
            packages = [w for w in install.split()[2:] if not w.startswith("-")]
            if (
                not all("=" in package for package in packages)
                or not {"-y", "--no-install-recommends"} <= set(install.split())
                or "rm -rf /var/lib/apt/lists" not in run
            ):
                yield install


def copy_not_add(stages: list[Stage]) -> Iterator[str]:
    """DL3020."""
    return (rest for _, rest in _everywhere(stages, "ADD"))


def copy_from_a_stage_that_stands_before(stages: list[Stage]) -> Iterator[str]:
    """DL3021 to DL3024: a folder for several files, an alias that is there, once."""
    known: list[str] = []
    for stage in stages:
        for copy in of(stage, "COPY"):
            words = [word for word in copy.split() if not word.startswith("--")]
            source = re.search(r"--from=(\S+)", copy)
            if source and source[1] not in known:
                yield copy
            if len(words) > 2 and not words[-1].endswith("/"):
                yield copy
        alias = stage[0].rest.partition(" AS ")[2]
        if alias in known:
            yield alias
        known.append(alias)


def json_for_what_is_started(stages: list[Stage]) -> Iterator[str]:
    """DL3025: without a shell in between, so that a signal reaches the process."""
    for word, rest in _everywhere(stages, "CMD", "ENTRYPOINT", "HEALTHCHECK"):
        given = rest.partition("CMD ")[2] if word == "HEALTHCHECK" else rest
        if not _is_list(given):
            yield rest


def pip_keeps_no_cache(stages: list[Stage]) -> Iterator[str]:
    """DL3013, DL3042: what is installed is said by a wheel and a list of versions."""
    for stage in stages:
        for words in commands(stage):
            if "pip" in words and {"install", "wheel"} & set(words):
                pinned = "--constraint" in words or "--no-deps" in words
                if "--no-cache-dir" not in words or not pinned:
                    yield " ".join(words)


def no_consecutive_runs_of_one_user(stages: list[Stage]) -> Iterator[str]:
    """DL3059."""
    for stage in stages:
        for before, after in pairwise(stage):
            if before.word == after.word == "RUN":
                yield after.rest


def nothing_outdated_or_twice(stages: list[Stage]) -> Iterator[str]:
    """DL4000, DL4003, DL4004, DL3012, DL3057: one of each, and a health check."""
    yield from (rest for _, rest in _everywhere(stages, "MAINTAINER"))
    for stage in stages:
        for word in ("CMD", "ENTRYPOINT", "HEALTHCHECK"):
            if len(of(stage, word)) > 1:
                yield f"{word} twice"
    if not of(stages[-1], "HEALTHCHECK"):
        yield "no HEALTHCHECK"


def pipes_do_not_hide_failures(stages: list[Stage]) -> Iterator[str]:
    """DL4006."""
    for stage in stages:
        strict = any("pipefail" in shell for shell in of(stage, "SHELL"))
        yield from (run for run in of(stage, "RUN") if re.search(r"[^|]\|[^|]", run) and not strict)


RULES: tuple[Rule, ...] = (
    workdir_is_absolute,
    last_user_is_not_root,
    no_cd_no_sudo,
    base_is_pinned,
    apt_is_pinned_and_cleaned,
    copy_not_add,
    copy_from_a_stage_that_stands_before,
    json_for_what_is_started,
    pip_keeps_no_cache,
    no_consecutive_runs_of_one_user,
    nothing_outdated_or_twice,
    pipes_do_not_hide_failures,
)
