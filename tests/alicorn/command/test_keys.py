"""`--key`: a secret and a key for one run, in nobody's hands but whose terminal it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alicorn.command.keys import RunKey
from alicorn.command.reach import check_reach
from alicorn.config.cluster import ClusterConfig
from alicorn.errors import ConfigError


def test_every_run_has_a_secret_and_a_key_of_its_own() -> None:
    """A link of yesterday opens nothing today; from the key nobody can sign."""
    runs = [RunKey() for _ in range(20)]

    assert len({run.secret for run in runs} | {run.key for run in runs}) == 40
    assert all(len(run.secret) >= 43 and len(run.key) >= 43 for run in runs)


def test_neither_is_in_what_may_be_logged() -> None:
    """A representation ends up in tracebacks."""
    run = RunKey()
    shown = repr(run) + repr(run.cluster(ClusterConfig(), processes=False))

    assert run.key not in shown
    assert run.secret not in shown


def test_with_a_key_any_address_may_be_served() -> None:
    """The rule of loopback holds for who is believed without a token: now nobody is."""
    everywhere = replace(ClusterConfig(), web_address="0.0.0.0:8737")
    with pytest.raises(ConfigError, match="only this machine is served"):
        check_reach(everywhere, everywhere.web_address)

    keyed = RunKey().cluster(everywhere, processes=False)
    check_reach(keyed, keyed.web_address)


def test_a_key_beside_a_configured_secret_is_refused() -> None:
    """Whoever configured tokens did not mean to print a way around them."""
    with pytest.raises(ConfigError, match=r"--key and a viewer_secret.*alicorn token"):
        RunKey().cluster(ClusterConfig(viewer_secret="s" * 32), processes=False)


def test_a_key_for_tiers_in_processes_is_refused() -> None:
    """It would have to be written into their configuration."""
    with pytest.raises(ConfigError, match="--key and --processes"):
        RunKey().cluster(ClusterConfig(), processes=True)
