"""Photos that are dropped on the page: what is taken in, what is refused, and how much is read."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from urllib.parse import quote

import pytest

from alicorn.errors import BadRequest, OutOfSpace
from webtier import arriving

JPEG = b"\xff\xd8\xff" + bytes(range(256)) * 8
OURS = {"sec-fetch-site": "same-origin"}


def _drop(client, name, content, **headers):
    return client.post(
        "/api/drop", content=content, headers=OURS | {"x-alicorn-name": name} | headers
    )


def test_a_file_is_taken_in_as_it_is(own, controls):
    """Byte for byte, under the path that the browser gave it, folders and all letters kept."""
    name = "Ferien 2024/Plätze & Wege/猫 100%.jpg"
    response = _drop(own, quote(name), JPEG)

    assert (response.status_code, response.json()) == (201, {"name": name, "shelf": "dropped"})
    assert controls.dropped == {name: JPEG}


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.txt", b"plain words", "is no picture"),
        ("a.jpg", b"", "is empty"),
        ("", JPEG, "must have 1 to 1,024 characters, got 0"),
        ("%20%09", JPEG, "must have 1 to"),
        ("a" * 1_025, JPEG, "got 1,025"),
        ("a%00.jpg", JPEG, "control characters"),
        ("a%0d%0aX: 1", JPEG, "control characters"),
        ("%ff%fe.jpg", JPEG, "percent-encoded UTF-8"),
    ],
)
def test_what_is_refused_says_why(own, controls, name, content, expected):
    """For the line that the page shows beside the file's name."""
    response = _drop(own, name, content)

    assert response.status_code == 400
    assert expected in response.json()["error"]["message"]
    assert controls.dropped == {}


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "C:\\x.jpg", "a/../b.jpg"])
def test_a_path_is_handed_on_for_the_controls_to_judge(own, controls, name):
    """What becomes of folders is decided in one place, where the folder is known."""
    _drop(own, quote(name, safe=""), JPEG)

    assert list(controls.dropped) == [name]


def test_a_file_needs_its_name_in_a_header(own, controls):
    """No form of another site can send one, whatever the browser says of its origin."""
    response = own.post("/api/drop", content=JPEG, headers=OURS)

    assert response.status_code == 400
    assert controls.dropped == {}


def test_a_file_that_says_it_is_too_large_is_not_read_at_all(own, controls):
    """The length comes first."""
    response = _drop(own, "a.jpg", JPEG + bytes(controls.most_dropped_bytes))

    assert response.status_code == 400
    assert "needed at most 100,000" in response.json()["error"]["message"]
    assert controls.largest_read == 0


def test_a_file_that_hides_its_size_is_cut_off(own_server, controls):
    """Chunked, of any length: reading ends at the limit, and what was read is not kept."""
    connection = http.client.HTTPConnection("127.0.0.1", own_server.port, timeout=10)
    sent = 0

    def endless():
        nonlocal sent
        while sent < 64_000_000:
            sent += 16_384
            yield JPEG[:4] + bytes(16_380)

    headers = OURS | {"X-Alicorn-Name": "a.jpg"}
    try:
        connection.request("POST", "/api/drop", endless(), headers, encode_chunked=True)
        status = connection.getresponse().status
    except (BrokenPipeError, ConnectionResetError):
        status = 400
    finally:
        connection.close()

    assert status == 400
    assert controls.largest_read <= controls.most_dropped_bytes
    assert controls.dropped == {}
    # What lies in the buffers of both sides, and no more.
    assert sent < 32_000_000


def test_a_sender_that_goes_away_leaves_nothing(own_server, controls):
    """Half a file is no file, and the next one is taken as before."""
    with socket.create_connection(("127.0.0.1", own_server.port)) as gone:
        gone.sendall(
            b"POST /api/drop HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n"
            b"X-Alicorn-Name: half.jpg\r\nContent-Length: 5000\r\n\r\n" + JPEG[:1_000]
        )
    connection = http.client.HTTPConnection("127.0.0.1", own_server.port, timeout=10)
    connection.request("POST", "/api/drop", JPEG, OURS | {"X-Alicorn-Name": "whole.jpg"})
    assert connection.getresponse().status == 201
    connection.close()

    assert list(controls.dropped) == ["whole.jpg"]


def test_a_silent_sender_does_not_hold_a_thread_for_ever(own_server, controls, monkeypatch):
    """It is told to send again."""
    monkeypatch.setattr(arriving, "_SILENCE_S", 0.1)
    with socket.create_connection(("127.0.0.1", own_server.port), timeout=10) as silent:
        silent.sendall(
            b"POST /api/drop HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n"
            b"X-Alicorn-Name: half.jpg\r\nContent-Length: 5000\r\n\r\n" + JPEG[:1_000]
        )
        answer = silent.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 400")
    assert controls.dropped == {}


def test_a_fast_sender_waits_for_a_slow_disk(own_server, controls):
    """PS-37: pieces are taken from the network only as they are read; memory stays small."""
    held = threading.Event()
    seen = []

    def drop(name, chunks):
        for chunk in chunks:
            seen.append(len(chunk))
            assert held.wait(10)

    controls.most_dropped_bytes = 64_000_000
    controls.drop = drop
    with socket.create_connection(("127.0.0.1", own_server.port)) as sender:
        sender.sendall(
            b"POST /api/drop HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n"
            b"X-Alicorn-Name: a.jpg\r\nContent-Length: 60000000\r\n\r\n"
        )
        sender.setblocking(False)
        sent, deadline = 0, time.monotonic() + 0.6
        while time.monotonic() < deadline:
            try:
                sent += sender.send(bytes(65_536))
            except BlockingIOError:
                time.sleep(0.01)
        held.set()

    assert sent < 30_000_000
    assert len(seen) == 1


def test_a_refused_file_is_still_answered_when_it_is_long(own_server, controls):
    """The sender must get to hear why: the rest is read away, up to the limit."""
    connection = http.client.HTTPConnection("127.0.0.1", own_server.port, timeout=10)
    connection.request("POST", "/api/drop", bytes(90_000), OURS | {"X-Alicorn-Name": "a.mp4"})
    answer = connection.getresponse()

    assert answer.status == 400
    assert b"is no picture" in answer.read()
    connection.close()


def test_a_full_disk_is_told_as_such(own, controls):
    """507, with what to do."""

    def drop(name, chunks):
        raise OutOfSpace("found 0 bytes free, needed 2,051")

    controls.drop = drop
    response = _drop(own, "a.jpg", JPEG)

    assert response.status_code == 507
    assert response.json()["error"]["kind"] == "out-of-space"


# ---------------------------------------------------------------- without scripts


def _form(client, *files, **headers):
    sent = [("photos", (name, content, "image/jpeg")) for name, content in files]
    return client.post("/drop", files=sent, headers=OURS | headers)


def test_a_form_brings_several_files(own, controls):
    """Without scripts: choose, press, and the shelf of dropped photos is open."""
    response = _form(own, ("a.jpg", JPEG), ("b & c.jpg", JPEG + b"\r\n--x--\r\n"))

    assert (response.status_code, response.headers["location"]) == (303, "/")
    assert controls.dropped == {"a.jpg": JPEG, "b & c.jpg": JPEG + b"\r\n--x--\r\n"}


def test_a_form_says_what_was_refused_and_takes_the_rest(own, controls):
    """One bad file among good ones stops nothing, and its name is shown as text."""
    name = "<script>x.txt"
    response = _form(
        own,
        ("a.jpg", JPEG),
        (name, b"words"),
        ("big.jpg", JPEG + bytes(controls.most_dropped_bytes)),
        ("c.jpg", JPEG),
    )

    assert response.status_code == 200
    assert "2 photos were taken in, 2 not" in response.text
    assert "is no picture" in response.text
    assert "needed at most so many" in response.text
    assert "<script>x" not in response.text
    assert list(controls.dropped) == ["a.jpg", "c.jpg"]
    assert controls.largest_read <= controls.most_dropped_bytes


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("multipart/form-data", b"", "found no form with files"),
        ("text/plain", b"x", "found no form with files"),
        ("multipart/form-data; boundary=" + "b" * 500, b"", "found no form with files"),
        ("multipart/form-data; boundary=b", b"no boundary at all", "cannot be read"),
        ("multipart/form-data; boundary=b", b"--b--\r\n", "found no file"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="p"; filename="a.jpg"\r\n\r\n' + JPEG,
            "breaks off within a file",
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="photos"; filename=""\r\n\r\n\r\n--b--',
            "found no file",
        ),
        (
            "multipart/form-data; boundary=b",
            b"--b\r\nContent-Disposition: " + b"x" * 20_000 + b"\r\n\r\n\r\n--b--\r\n",
            "found ",
        ),
    ],
)
def test_a_form_that_is_none_is_refused_in_words(own, controls, kind, body, expected):
    """Forms are what somebody sent, too."""
    response = own.post("/drop", content=body, headers=OURS | {"content-type": kind})

    assert response.status_code == 400
    assert "This was not taken in" in response.text
    assert expected in response.text
    assert controls.dropped == {}


def test_a_form_brings_no_more_files_than_it_may(own, controls, monkeypatch):
    """Files without number would hold a thread for as long."""
    monkeypatch.setattr("webtier.dropping._MOST_FILES_IN_A_FORM", 2)
    response = _form(own, *((f"{number}.jpg", JPEG) for number in range(4)))

    assert len(controls.dropped) == 2
    assert "only 2 files come with one form; send the rest again" in response.text


def test_a_file_of_a_form_may_be_left_unread(own, controls):
    """Whoever refuses a file at its first byte does not lose the next one."""
    taken = []

    def drop(name, chunks):
        if name == "a.jpg":
            raise BadRequest("not this one")
        taken.append((name, b"".join(chunks)))

    controls.drop = drop
    response = _form(own, ("a.jpg", bytes(80_000)), ("b.jpg", JPEG))

    assert "1 photo was taken in, 1 not" in response.text
    assert taken == [("b.jpg", JPEG)]
