"""Every tier in a process of its own: the same bytes, and what happens when one of them dies."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from alicorn.api.search.v1 import search_pb2
from alicorn.client import SearchClient
from alicorn.command.library import Library, open_library
from alicorn.command.processes import Processes, free_ports
from alicorn.command.tiers import LocalTiers
from alicorn.config.cluster import ClusterConfig, IndexPlace
from alicorn.config.serving import ServingConfig
from alicorn.errors import AlicornError, ConfigError, DeadlineSpent, TryElsewhere
from alicorn.rpc.servers import bind, sync_server

if TYPE_CHECKING:
    from conftest import Home

pytestmark = pytest.mark.slow

# The second that every search is asked at: recency is a feature.
_NOW = 1_750_000_000

_WORDS = (
    *("cat", "kitty", "coffee", "espresso", "cup", "motorcycle", "rocket", "flower", "palace"),
    *("astronaut", "camera", "coins", "moon", "summer", "garage", "animal", "vehicle", "plant"),
    *("cat coffee", "old motorcycle", "summer palace", "zebra", "the", "🐈", "anything at all"),
    *("album:garage", "year:2023", "author:ben", "author:ben coffee", "place:beijing"),
)
_EXPRESSIONS = (
    "(all)",
    "tag:cat",
    "(or tag:cat tag:coffee)",
    "(or (term tag:cat :weight 1.5) (term tag:motorcycle :weight 0.25))",
    "(and (or tag:cat tag:coffee) author:2)",
    "(difference (all) tag:cat)",
    "(difference (or tag:cat tag:coffee text:coffee) (and author:1 tag:cat))",
    "text:co*",
    "audience:public",
)
_VIEWERS = (0, 1, 2, 3, 4, 5)


def _cluster() -> ClusterConfig:
    web, top, rack, *index = (f"127.0.0.1:{port}" for port in free_ports(5))
    return ClusterConfig(
        web_address=web,
        top_address=top,
        rack_address=rack,
        index=tuple(
            IndexPlace(address=address, shards=(shard,)) for shard, address in enumerate(index)
        ),
        # The machine of the tests is busy; a shard that is late would be another answer.
        serving=ServingConfig(shard_timeout_s=20, search_timeout_s=25),
    )


@pytest.fixture(scope="module")
def library(shelf: Library, tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Give a sample shelf that these processes may write."""
    where = tmp_path_factory.mktemp("processes") / "shelf"
    shutil.copytree(shelf.path, where, ignore=shutil.ignore_patterns("photos", "*-shm", "*-wal"))
    return open_library(where)


@pytest.fixture(scope="module")
def processes(library: Library) -> Iterator[Processes]:
    """Start top, rack, two index servers and the web tier."""
    with Processes(library, _cluster(), index=False) as started:
        yield started


@pytest.fixture(scope="module")
def client(processes: Processes) -> Iterator[SearchClient]:
    """Ask the top aggregator."""
    with SearchClient(processes.cluster.top_address, timeout_s=30) as opened:
        yield opened


@pytest.fixture(scope="module")
def one_process(library: Library) -> Iterator[LocalTiers]:
    """Open the same library in this process, its two shards behind one index server."""
    serving = ServingConfig(shard_timeout_s=20, search_timeout_s=25)
    with LocalTiers(library, serving=serving, writable=False) as tiers:
        tiers.catch_up()
        yield tiers


def _request(query: str, viewer: int, is_expression: bool, **more: Any) -> search_pb2.SearchRequest:
    return search_pb2.SearchRequest(
        query=query,
        is_expression=is_expression,
        viewer=search_pb2.Viewer(id=viewer),
        now=_NOW,
        limit=100,
        **more,
    )


def _bytes(ask: Callable[[Any], search_pb2.SearchResponse], request: Any) -> bytes:
    try:
        response = ask(request)
    except AlicornError as error:
        return f"{type(error).__name__}: {error}".encode()
    response.ClearField("timings_ms")
    return response.SerializeToString(deterministic=True)


@pytest.mark.parametrize("viewer", _VIEWERS)
def test_the_answers_are_byte_identical_with_one_process(
    client: SearchClient, one_process: LocalTiers, viewer: int
) -> None:
    """Sockets, merging and shard boundaries must not show: ids, scores, reasons, order (PS-41)."""
    asked = [(words, False) for words in _WORDS] + [(text, True) for text in _EXPRESSIONS]
    photos = 0
    for query, is_expression in asked:
        request = _request(query, viewer, is_expression)

        expected = _bytes(one_process.search.search, request)
        assert expected == _bytes(client.search, request), query
        photos += expected.count(b".jpg") + expected.count(b".png")
    assert len(asked) >= 30
    assert photos > 20, "answers that are all empty would be identical, too"


@pytest.mark.parametrize(
    "switches",
    [
        {"without_cutoff": True},
        {"without_folding": True},
        {"without_second_stage": True},
        {"with_features": True},
    ],
    ids=lambda switches: next(iter(switches)),
)
def test_every_switch_means_the_same_over_processes(
    client: SearchClient, one_process: LocalTiers, switches: dict[str, bool]
) -> None:
    """What training and evaluation turn off must be off on every tier."""
    for query in ("cat", "coffee", "summer", "animal"):
        request = _request(query, 1, False, **switches)

        assert _bytes(one_process.search.search, request) == _bytes(client.search, request)


def test_explanations_and_pictures_are_the_same_over_processes(
    client: SearchClient, one_process: LocalTiers
) -> None:
    """The other surfaces cross the same sockets."""
    request = _request("cat", 1, False)
    cat = client.search(request).modules[0].photos[0].id
    explain = search_pb2.ExplainRequest(search=request, photo_id=cat)
    picture = search_pb2.GetPictureRequest(photo_id=cat, viewer=search_pb2.Viewer(id=1))

    assert client.explain(explain) == one_process.search.explain(explain)
    assert client.get_picture(picture) == one_process.search.get_picture(picture)


def _grpc_addresses(cluster: ClusterConfig) -> dict[str, tuple[str, str]]:
    """Return address and service of each gRPC server."""
    return {
        "top": (cluster.top_address, "alicorn.api.search.v1.SearchService"),
        "rack": (cluster.rack_address, "alicorn.api.rack.v1.RackService"),
        "index/0": (cluster.index[0].address, "alicorn.api.index.v1.IndexService"),
        "index/1": (cluster.index[1].address, "alicorn.api.index.v1.IndexService"),
    }


@pytest.mark.parametrize("tier", ["top", "rack", "index/0", "index/1"])
def test_every_server_answers_health_and_reflection(processes: Processes, tier: str) -> None:
    """Load balancers and people with grpcurl need nothing but the address."""
    address, service = _grpc_addresses(processes.cluster)[tier]
    with grpc.insecure_channel(address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        states = [
            stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=10).status
            for name in ("", service)
        ]
        services = set(ProtoReflectionDescriptorDatabase(channel).get_services())

    assert states == [health_pb2.HealthCheckResponse.SERVING] * 2
    assert {service, "grpc.health.v1.Health"} <= services


def test_the_web_tier_serves_the_page_over_the_top(processes: Processes) -> None:
    """The frontend's own process knows nothing but the top's address."""
    page = f"http://{processes.cluster.web_address}"
    with urllib.request.urlopen(f"{page}/search?q=cat", timeout=20) as response:
        body = response.read().decode()
    with urllib.request.urlopen(f"{page}/healthz", timeout=20) as response:
        health = response.read()

    assert "chelsea" in body
    assert health == b"ok\n"


@pytest.mark.parametrize("tier", ["top", "rack", "index/0", "index/1"])
def test_a_second_server_on_a_port_is_refused(processes: Processes, tier: str) -> None:
    """With gRPC's default, so_reuseport, it would silently take half of the connections."""
    address, _ = _grpc_addresses(processes.cluster)[tier]

    with pytest.raises(ConfigError, match=f"cannot listen on {address}"):
        bind(sync_server([], threads=1), address)


def test_a_killed_index_server_costs_its_half_and_comes_back(
    processes: Processes, client: SearchClient, until: Callable[..., Any]
) -> None:
    """Partial answers say so; a server that died is started again and reads its shard (PS-41)."""
    request = _request("(all)", 4, True, without_cutoff=True)
    whole = client.search(request)
    before = processes.pids["index/0"]
    os.kill(before, signal.SIGKILL)

    partial = until(
        lambda: (got := client.search(request)).coverage.answered < 2 and got, timeout_s=10
    )
    assert (partial.coverage.answered, partial.coverage.shards) == (1, 2)
    assert partial.coverage.share == 0.5
    assert 0 < _count(partial) < _count(whole)

    again = until(
        lambda: (got := client.search(request)).coverage.answered == 2 and got, timeout_s=120
    )
    assert processes.pids["index/0"] != before
    for response in (whole, again):
        response.ClearField("timings_ms")
    assert again == whole


def _count(response: search_pb2.SearchResponse) -> int:
    return sum(len(module.photos) for module in response.modules)


def test_a_killed_rack_is_a_clear_error_until_it_is_back(
    processes: Processes, client: SearchClient, until: Callable[..., Any]
) -> None:
    """Nobody can answer without it: UNAVAILABLE at once, never an empty page."""
    request = _request("cat", 1, False)
    os.kill(processes.pids["rack"], signal.SIGKILL)

    def failed() -> AlicornError | None:
        try:
            client.search(request)
        except AlicornError as error:
            return error
        return None

    error = until(failed, timeout_s=10)
    assert isinstance(error, TryElsewhere), error

    def answered() -> search_pb2.SearchResponse | None:
        try:
            return client.search(request)
        except (TryElsewhere, DeadlineSpent):
            return None

    response = until(answered, timeout_s=120)
    assert response.modules[0].photos[0].uri.startswith("chelsea")
    assert response.coverage.answered == 2


def test_the_command_starts_and_stops_them_all(
    home: Home, library: Library, shelf: Library, until: Callable[..., Any]
) -> None:
    """`alicorn up --processes`: one command, seven processes, none left behind."""
    folder = home.path / "pictures"
    folder.mkdir()
    shutil.copy(shelf.photos / "chelsea.png", folder)
    with home.up("--photos", folder, "--processes") as served:
        served.wait_for_photos(1)
        line = next(line for line in served.err.splitlines() if "processes: " in line)
        pids = _pids(line)
        found = home.alicorn("search", "cat", "--json")

        assert found.status == 0, found.err
        assert found.document["modules"][0]["photos"][0]["uri"] == "chelsea.png"
        assert set(pids) == {"index/0", "index/1", "rack", "top", "web", "understanding"}
        assert served.stop() == 0
    assert [name for name, pid in pids.items() if Path(f"/proc/{pid}").exists()] == []


def test_stopping_while_they_start_leaves_none_behind(
    home: Home, shelf_copy: Library, until: Callable[..., Any]
) -> None:
    """Starting takes seconds; a supervisor's SIGTERM in that time must reach all of them."""
    command = [
        *(sys.executable, "-P", "-m", "alicorn.command", "up", "--processes"),
        *("--http-port", "0", "--grpc-port", "0", "--library", str(shelf_copy.path)),
    ]
    with subprocess.Popen(
        command, env=home.environment(), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as process:
        children = until(lambda: len(got := _children(process.pid)) >= 4 and got)
        process.send_signal(signal.SIGTERM)

        assert process.wait(30) != 0
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []


def test_tiers_end_with_a_parent_that_was_killed(
    home: Home, shelf_copy: Library, until: Callable[..., Any]
) -> None:
    """SIGKILL leaves nobody to stop them, and they would hold ports and shards for ever."""
    command = [
        *(sys.executable, "-P", "-m", "alicorn.command", "up", "--processes"),
        *("--http-port", "0", "--grpc-port", "0", "--library", str(shelf_copy.path)),
    ]
    with subprocess.Popen(
        command, env=home.environment(), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as process:
        children = until(lambda: len(got := _children(process.pid)) >= 5 and got)
        process.kill()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    return [int(child) for child in listed.split()]


def _pids(line: str) -> dict[str, int]:
    named = line.split("processes: ")[1].split(";", maxsplit=1)[0].split(", ")
    return {name: int(pid) for name, pid in (each.rsplit(" ", 1) for each in named)}
