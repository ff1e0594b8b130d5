"""`alicorn token` makes what the top accepts."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.top.tokens import TokenKey
from alicorn.command.sign import run
from alicorn.errors import ConfigError

_SECRET = "0123456789abcdef0123456789abcdef"


def test_the_token_speaks_for_the_viewer_it_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An operator tries a protected service with it (PS-37)."""
    config = tmp_path / "cluster.toml"
    config.write_text(f'[security]\nviewer_secret = "{_SECRET}"\n')
    run(3, config=config, hours=1)

    assert TokenKey(_SECRET).verify(capsys.readouterr().out.strip()) == 3


def test_without_a_secret_there_is_nothing_to_sign_with(tmp_path: Path) -> None:
    """A token that nobody checks would only look like protection."""
    config = tmp_path / "cluster.toml"
    config.write_text("")

    with pytest.raises(ConfigError, match="no viewer_secret"):
        run(3, config=config, hours=1)
