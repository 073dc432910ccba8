"""How many different people came, in bounded space: the k smallest hashes of those seen (KMV, Bar-Yossef et al. 2002).

Exact up to `SIZE` people, beyond that an estimate with a relative error of about 1 / sqrt(SIZE). Sketches merge.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from heapq import nsmallest

SIZE = 64
_SPAN = 2**63


def hash_of(person: object) -> int:
    """A person's place between 0 and 2^63."""
    digest = hashlib.blake2b(str(person).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % _SPAN


def merged(sketches: Iterable[Iterable[int]]) -> tuple[int, ...]:
    """One sketch for all that these have seen."""
    return tuple(nsmallest(SIZE, {value for sketch in sketches for value in sketch}))


def distinct(sketch: tuple[int, ...]) -> int:
    """How many different people a sketch has seen."""
    if len(sketch) < SIZE:
        return len(sketch)
    return max(SIZE, round((SIZE - 1) * _SPAN / max(sketch)))
