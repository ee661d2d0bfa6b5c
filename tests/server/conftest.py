"""One server for the tests of a file, over logs that do not change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.example_logs.served_logs import SLO, served_logs
from support.servers.http_server import Served, serving
from voicetel.service.served_logs import ServedLogs

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedLogs]:
    """Logs and limits, with a cache of their own."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "slo.toml").write_text(SLO)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        yield ServedLogs(paths=(served_logs(folder / "logs"),), limits=str(folder / "slo.toml"))


@pytest.fixture(scope="module")
def served(logs: ServedLogs) -> Iterator[Served]:
    """The server."""
    with serving(logs, allow_hosts=("voice.example.com",)) as found:
        yield found
