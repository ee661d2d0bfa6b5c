"""Keys by which Spark puts each row into the partition that is meant for it."""

from __future__ import annotations


def partition_keys(count: int) -> list[int]:
    """For each of ``count`` partitions a number that Spark's own hash puts there: else a third of them would stay empty."""
    found: dict[int, int] = {}
    number = 0
    while len(found) < count:
        found.setdefault(_spark_hash(number) % count, number)
        number += 1
    return [found[partition] for partition in range(count)]


def _spark_hash(number: int) -> int:
    """``hash`` of an int column, as Spark repartitions by it: Murmur3 (Austin Appleby, public domain) of 4 bytes, seed 42."""
    k = number * 0xCC9E2D51 & _WORD
    k = (k << 15 | k >> 17) & _WORD
    h = 42 ^ (k * 0x1B873593 & _WORD)
    h = (h << 13 | h >> 19) & _WORD
    h = (h * 5 + 0xE6546B64 & _WORD) ^ 4
    h = (h ^ h >> 16) * 0x85EBCA6B & _WORD
    h = (h ^ h >> 13) * 0xC2B2AE35 & _WORD
    h ^= h >> 16
    return h - (1 << 32) if h >> 31 else h


_WORD = 0xFFFFFFFF
