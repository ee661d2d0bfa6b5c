"""What a project says once instead of on every command line: ``[tool.voicetel]`` in pyproject.toml, or voicetel.toml.

An option beats the environment, the environment beats the file, the file beats the default.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voicetel.cli import inputs, logs
from voicetel.config_file import PRICING_VARIABLE, read_config
from voicetel.errors import UsageError
from voicetel.results import figure, result
from voicetel.suggestion import did_you_mean

if TYPE_CHECKING:
    from voicetel.toml_document import KeyPath

OWN_FILE = "voicetel.toml"
SHARED_FILE = "pyproject.toml"
_SECTION = ("tool", "voicetel")
_INVOICES = "reconcile"
"""The tables that say how invoices are read, one per name; no setting of every command's."""


@dataclass(frozen=True, slots=True)
class Key:
    """One setting. ``option`` is the parameter of the commands that it stands in for; ``kind`` its type in TOML.

    ``is_path``: relative to the folder of the file that says it. ``variable`` is the environment's word for it.
    """

    name: str
    option: str
    kind: type
    default: str
    is_path: bool = False
    variable: str | None = None


KEYS = (
    Key("paths", "paths", list, f"./{logs.DEFAULT}", is_path=True, variable=logs.VARIABLE),
    Key("pricing", "pricing", str, "./pricing.toml, else the packaged card", is_path=True, variable=PRICING_VARIABLE),
    Key("outcomes", "outcomes", str, "the packaged rules", is_path=True),
    Key("tz", "tz", str, "UTC"),
    Key("format", "format_name", str, "table"),
    Key("cache", "no_cache", bool, "true"),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """The value of one key and where it comes from: a file, a variable of the environment, or ``default``."""

    key: Key
    value: Any
    source: str


@result
class SettingAnswer:
    """The value of a setting and where it comes from."""

    value: Any = figure(
        "As it is in force.",
        schema={"anyOf": [{"type": "string"}, {"type": "boolean"}, {"type": "array", "items": {"type": "string"}}]},
    )
    source: str = figure("default, a variable as $NAME, or the file that says it.", member="from")


@result
class SettingsAnswer:
    """``voicetel config``: every setting by its name."""

    settings: Mapping[str, SettingAnswer] = figure("Each setting.")


def settings(cwd: Path | None = None, env: Mapping[str, str] = os.environ) -> list[Setting]:
    """Every key with its value. Raises UsageError for a file that cannot be read, and for a key or type that is wrong."""
    source, said, _ = _file_settings((cwd or Path()).resolve())
    found = []
    for key in KEYS:
        if key.variable and env.get(key.variable):
            found.append(Setting(key, env[key.variable], f"${key.variable}"))
        elif key.name in said:
            found.append(Setting(key, said[key.name], source))
        else:
            found.append(Setting(key, key.default, "default"))
    return found


def reconcile_tables(cwd: Path | None = None) -> tuple[str, dict[str, dict[str, Any]]]:
    """(name of the file, its tables ``[reconcile.NAME]`` by name) of the file whose settings are in force."""
    source, _, tables = _file_settings((cwd or Path()).resolve())
    return source, tables


def settings_answer() -> SettingsAnswer:
    """``voicetel config``."""
    return SettingsAnswer({each.key.name: SettingAnswer(each.value, each.source) for each in settings()})


def option_defaults(found: list[Setting]) -> dict[str, Any]:
    """Parameter of commands → value, for what a file says. What the environment says is read where it is needed."""
    values = {
        each.key.option: each.value for each in found if each.source != "default" and not each.source.startswith("$")
    }
    if "no_cache" in values:
        values["no_cache"] = not values["no_cache"]
    return values


def _file_settings(folder: Path) -> tuple[str, dict[str, Any], dict[str, dict[str, Any]]]:
    """(name of the file, its settings, its tables ``[reconcile.NAME]``) of the nearest file, from ``folder`` upwards, that says anything."""
    for directory in (folder, *folder.parents):
        for name, section in ((OWN_FILE, ()), (SHARED_FILE, _SECTION)):
            file = directory / name
            if file.is_file() and (said := _section(file, section)) is not None:
                return _shown(file, folder), _checked(file, folder, section, said), dict(said.get(_INVOICES, {}))
    return "", {}, {}


def _section(file: Path, section: tuple[str, ...]) -> Mapping[str, Any] | None:
    """What the file says in ``section``; None where it has none."""
    try:
        text = read_config(file, str(file))
    except UsageError:
        if section:  # a pyproject.toml that others may read otherwise
            return None
        raise
    if section and section[-1] not in text:
        return None
    from voicetel.toml_document import TomlDocument  # noqa: PLC0415  most folders have no settings

    document = TomlDocument(str(file), text)
    try:
        table: Any = document.read()
    except UsageError:
        if section and ".".join(section) not in text:  # it may name voicetel as something that it depends on
            return None
        raise
    for name in section:
        if not isinstance(table, dict) or name not in table:
            return None
        table = table[name]
    if not isinstance(table, dict):
        document.fail(section, "is no table", f"write [{'.'.join(section)}]")
    return table


def _checked(file: Path, folder: Path, section: tuple[str, ...], said: Mapping[str, Any]) -> dict[str, Any]:
    inputs.protect_inputs(file)
    from voicetel.toml_document import TomlDocument  # noqa: PLC0415  most folders have no settings

    document = TomlDocument(_shown(file, folder), read_config(file, _shown(file, folder)))
    known = {key.name: key for key in KEYS}
    values: dict[str, Any] = {}
    for name, value in said.items():
        path: KeyPath = (*section, name)
        if name == _INVOICES:
            if not isinstance(value, dict) or not all(isinstance(each, dict) for each in value.values()):
                document.fail(path, "is no table of tables", f"write [{_INVOICES}.NAME]")
            continue
        if name not in known:
            document.fail(path, "unknown key", did_you_mean(name, known) or f"known here: {', '.join(known)}")
        key = known[name]
        if key.kind is list and isinstance(value, str):
            value = [value]  # noqa: PLW2901  one path may stand without brackets
        items: Any = value if key.kind is list and isinstance(value, list) else ()
        if not isinstance(value, key.kind) or not all(isinstance(each, str) for each in items):
            what = {list: "a path or a list of paths", str: "text", bool: "true or false"}[key.kind]
            document.fail(path, f"is not {what}")
        values[name] = _beside(value, file.parent, folder) if key.is_path else value
    return values


def _beside(value: Any, home: Path, folder: Path) -> Any:
    """Paths as seen from ``folder``: those of a file further up are relative to that file."""
    if home == folder or value == "list":
        return value
    if isinstance(value, list):
        return [_joined(home, each) for each in value]
    return _joined(home, value)


def _joined(home: Path, path: str) -> str:
    """``path`` in ``home``; stdin and what a URI names are in no folder."""
    if path == inputs.STDIN:
        return path
    if "://" in path:
        from voicetel.store.object_storage.uris import is_uri  # noqa: PLC0415  most paths are no URI

        if is_uri(path):
            return path
    return str(home / path)


def _shown(file: Path, folder: Path) -> str:
    return file.name if file.parent == folder else str(file)
