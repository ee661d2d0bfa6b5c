"""From paths to logs that can be asked."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, overload

from voicetel.analyzers.conditions.condition import parse_condition
from voicetel.analyzers.core.selection import Selection
from voicetel.api.logs import Logs, PathLike
from voicetel.outcomes import load_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.cluster.logs import ClusterLogs
    from voicetel.cluster.spark import Session


@overload
def load(
    paths: PathLike | Sequence[PathLike],
    *,
    cache: bool = ...,
    outcomes: PathLike | None = ...,
    since: datetime | None = ...,
    until: datetime | None = ...,
    agents: Sequence[str] = ...,
    campaigns: Sequence[str] = ...,
    languages: Sequence[str] = ...,
    where: str | None = ...,
    tz: str = ...,
    engine: None = None,
) -> Logs: ...
@overload
def load(
    paths: PathLike | Sequence[PathLike],
    *,
    cache: bool = ...,
    outcomes: PathLike | None = ...,
    since: datetime | None = ...,
    until: datetime | None = ...,
    agents: Sequence[str] = ...,
    campaigns: Sequence[str] = ...,
    languages: Sequence[str] = ...,
    where: str | None = ...,
    tz: str = ...,
    engine: Session,
) -> ClusterLogs: ...
def load(
    paths: PathLike | Sequence[PathLike],
    *,
    cache: bool = True,
    outcomes: PathLike | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    agents: Sequence[str] = (),
    campaigns: Sequence[str] = (),
    languages: Sequence[str] = (),
    where: str | None = None,
    tz: str = "UTC",
    engine: Session | None = None,
) -> Logs | ClusterLogs:
    """Read logs: files, or folders of them. What was read before is not read again.

    With ``cache`` the result is kept in the user's cache folder, and held by this process until it is closed; without,
    in a temporary file. ``outcomes`` is a file of rules on how calls end, laid over the packaged ones. The other
    arguments say which calls are wanted: those that started at ``since`` or later and before ``until`` (UTC where they
    have no zone), of these agents, campaigns and languages; empty means all. ``tz`` is the zone of days.

    ``engine`` is a session of Spark whose workers all see ``paths``: then nothing is read before an answer is asked for, nothing is
    kept, and what comes back is a ``voicetel.cluster.logs.ClusterLogs``, which has ``answer``, ``frame`` and ``calls``.

    ``where`` is a condition on the columns of ``voicetel calls --json``, as ``--where`` takes it.

    Raises NoDataError for a path that does not exist, UsageError for rules or a condition that mean nothing.
    """
    named = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    selection = Selection(
        *(_utc(since), _utc(until), tuple(agents), tuple(campaigns), tuple(languages)),
        tz=tz,
        where=None if where is None else parse_condition(where, tz),
    )
    rules = load_rules(None if outcomes is None else Path(outcomes))
    if engine is not None:
        from voicetel.cluster.logs import ClusterLogs  # noqa: PLC0415  only those who have a cluster

        return ClusterLogs([os.fspath(path) for path in named], rules, selection, engine)
    return Logs([os.fspath(path) for path in named], rules, selection, cache=cache)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment and moment.tzinfo else moment
