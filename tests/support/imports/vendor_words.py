"""What vendors' models allow: members, and words that have a meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

WORDS_FILE = Path(__file__).parents[2] / "importers" / "vendors" / "vendor_words.json"


class TrackedReads:
    """Remembers which members of a document were asked for."""

    def __init__(self) -> None:
        self.ways: set[str] = set()

    def tracked(self, value: Any, way: str = "") -> Any:
        """The same value, whose members tell when they are read."""
        if isinstance(value, dict):
            return _TrackedDict(value, self, way)
        if isinstance(value, list):
            return [self.tracked(item, f"{way}[]") for item in value]
        return value


class _TrackedDict(dict[str, Any]):
    def __init__(self, values: dict[str, Any], reads: TrackedReads, way: str) -> None:
        super().__init__({name: reads.tracked(value, joined(way, name)) for name, value in values.items()})
        self._reads, self._way = reads, way

    def get(self, name: str, default: Any = None) -> Any:
        self._reads.ways.add(joined(self._way, name))
        return super().get(name, default)


def joined(way: str, name: str) -> str:
    """The way to a member of what is at ``way``; a dot in a name, as models have, is none of the way."""
    return f"{way}.{name.replace('.', '_')}".lstrip(".")


def member_exists(schema: dict[str, Any], way: str) -> bool:
    """Whether a JSON Schema knows the member at ``way``: ``artifact.messages[].time``."""
    return bool(_at(schema, way))


def words_at(schema: dict[str, Any], way: str) -> set[str]:
    """The words that a JSON Schema allows at ``way``, in any of its variants."""
    found: set[str] = set()
    for each in _at(schema, way):
        found |= {word for word in each.get("enum", ()) if isinstance(word, str)}
        if isinstance(each.get("const"), str):
            found.add(each["const"])
    return found


def _at(schema: dict[str, Any], way: str) -> list[dict[str, Any]]:
    """Every schema that holds at ``way``. An object with any members has them all."""
    here = _variants(schema, schema)
    for step in way.replace("[]", ".[]").split("."):
        found = []
        for each in here:
            if step == "[]":
                found += [each["items"]] if isinstance(each.get("items"), dict) else []
            elif step in each.get("properties", {}):
                found.append(each["properties"][step])
            elif isinstance(each.get("additionalProperties"), dict):
                found.append(each["additionalProperties"])
            elif each.get("additionalProperties") is True and "properties" not in each:
                found.append({})
        here = [variant for each in found for variant in _variants(each, schema)]
    return here


def _variants(schema: dict[str, Any], root: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in schema:
        return _variants(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root)
    branches = [each for kind in ("anyOf", "oneOf", "allOf") for each in schema.get(kind, ())]
    return [variant for each in branches for variant in _variants(each, root)] or [schema]
