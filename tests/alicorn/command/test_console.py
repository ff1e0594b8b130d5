"""How commands end: what is said, where, and with which exit status."""

from __future__ import annotations

import errno
import json

import pytest
from rich.table import Table

import alicorn.errors as tree
from alicorn.command.console import errors_told, exit_status, out, say, say_json
from alicorn.errors import AlicornError

_EXPECTED = {
    "AlicornError": 1,
    "BadRequest": 2,
    "MalformedQuery": 2,
    "UnknownEdge": 2,
    "UnknownViewer": 2,
    "ShapeError": 2,
    "Unsupported": 2,
    "Unauthenticated": 1,
    "Forbidden": 1,
    "NotFound": 2,
    "ConfigError": 2,
    "MissingModel": 3,
    "CorruptData": 3,
    "CorruptIndex": 3,
    "OutOfSpace": 4,
    "TryElsewhere": 4,
    "ShardLoading": 4,
    "DeadlineSpent": 4,
    "UnreadablePhoto": 1,
}


@pytest.mark.parametrize("name", tree.__all__)
def test_every_error_has_its_exit_status(name: str) -> None:
    """Scripts branch on it; 0 is success alone, and a new error must be thought about."""
    kind: type[AlicornError] = getattr(tree, name)
    error = kind("x", column=1) if kind is tree.MalformedQuery else kind("x")

    assert exit_status(error) == _EXPECTED[name]


def _status_and_words(
    error: BaseException, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended, errors_told():
        raise error
    said = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, said.out, said.err


def test_an_error_is_one_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback, no markup: brackets in a path or a query stay what they are."""
    status, out, err = _status_and_words(tree.BadRequest("found [bold]x[/] here"), capsys)

    assert (status, out, err) == (2, "", "alicorn: found [bold]x[/] here\n")


def test_a_system_error_names_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    """A full disk is met in places that nobody thought of."""
    error = OSError(errno.ENOSPC, "No space left on device", "/a/file")
    status, _, err = _status_and_words(error, capsys)

    assert (status, err) == (4, "alicorn: /a/file: No space left on device\n")


def test_bytes_that_are_no_text_are_a_bad_request(capsys: pytest.CaptureFixture[str]) -> None:
    """They arrive as lone surrogates, which no message, page or file can carry."""
    with pytest.raises(UnicodeEncodeError) as raised:
        "caf\udce9".encode()
    status, _, err = _status_and_words(raised.value, capsys)

    assert (status, err) == (2, "alicorn: found 'caf\\udce9', needed text in UTF-8\n")


def test_an_interrupt_is_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """128 + SIGINT, as shells have it."""
    assert _status_and_words(KeyboardInterrupt(), capsys)[0] == 130


def test_documents_go_to_stdout_and_words_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """`alicorn … --json | jq` must never meet a notice."""
    say("a notice [with brackets]")
    say_json({"a": ["é", 1]})
    said = capsys.readouterr()

    assert json.loads(said.out) == {"a": ["é", 1]}
    assert said.err == "a notice [with brackets]\n"


HOSTILE = "\x1b]0;title\x07\x1b[2J\x9b31m\r\x7f\u202egpj.jpg"


def test_what_a_photo_is_called_does_nothing_to_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Names of files, captions and errors of a server are shown, wherever they stand."""
    table = Table()
    table.add_column("photo")
    table.add_row(HOSTILE)

    out.print(table, markup=False)
    out.print(HOSTILE, markup=False)
    say(HOSTILE)
    _, told_out, told_err = _status_and_words(tree.BadRequest(HOSTILE), capsys)

    for told, times in ((told_out, 2), (told_err, 2)):
        assert told.count("\\x1b]0;title\\x07\\x1b[2J\\x9b31m\\r\\x7f\\u202egpj.jpg") == times
        assert not set(told) & set(HOSTILE) - set("]0;title[2Jmgpj.31")


def test_a_document_has_no_control_character_either(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON may hold DEL and C1 as they are; terminals obey some of them."""
    say_json({"uri": HOSTILE})
    told = capsys.readouterr().out

    assert json.loads(told) == {"uri": HOSTILE}
    assert not set(told) & set("\x1b\x07\x9b\r\x7f")
