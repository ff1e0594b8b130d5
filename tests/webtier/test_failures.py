"""Every error of the tree is told to people."""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

from alicorn import errors
from alicorn.command.main import app
from webtier.config import WebConfig
from webtier.failures import FAILURES, UNEXPECTED, failure_of


def test_every_error_class_has_a_status_and_advice(error_class):
    """A new error must not leak out without words: the nearest ancestor speaks for it."""
    failure = failure_of(error_class.__new__(error_class))

    assert 400 <= failure.status <= 599
    assert failure.heading
    assert failure.advice


def test_a_class_that_nobody_listed_is_told_as_its_parent():
    """Subclasses made elsewhere keep their meaning."""

    class Fresh(errors.UnknownEdge):
        pass

    assert failure_of(Fresh("x")) is FAILURES[errors.UnknownEdge]


def test_errors_that_are_not_ours_say_nothing_of_themselves():
    """A message that nobody wrote for people may hold a path or a secret."""
    assert failure_of(ValueError("secret")) is UNEXPECTED
    assert not UNEXPECTED.tells


def test_every_command_that_is_advised_exists():
    """Whoever reads the page in trouble must not be sent to an option that is not there."""
    advice = [sentence for failure in FAILURES.values() for sentence in failure.advice]
    commands = {
        named for sentence in advice for named in re.findall(r"“alicorn ([^”]+)”", sentence)
    }

    assert commands
    for command in commands:
        assert CliRunner().invoke(app, [*command.split(), "--help"]).exit_code == 0, command


@pytest.mark.parametrize(
    "settings",
    [
        {"page_limit": 0},
        {"page_limit": 501},
        {"poll_ms": 10},
        {"people_ttl_s": -1},
        {"allowed_hosts": ("https://x",)},
        {"allowed_hosts": ("Photos",)},
    ],
)
def test_wrong_settings_are_refused_at_birth(settings):
    """The message names the setting."""
    with pytest.raises(errors.ConfigError, match=next(iter(settings))):
        WebConfig(**settings)
