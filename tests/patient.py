"""HTTP as `httpx` asks it, with patience: other tests share the machine."""

from __future__ import annotations

from functools import partial

import httpx

SECONDS = 60

get = partial(httpx.get, timeout=SECONDS)
put = partial(httpx.put, timeout=SECONDS)
post = partial(httpx.post, timeout=SECONDS)
delete = partial(httpx.delete, timeout=SECONDS)
Client = partial(httpx.Client, timeout=SECONDS)
AsyncClient = partial(httpx.AsyncClient, timeout=SECONDS)
