"""The pages: nothing of a log executes, and transcripts are there only where they were asked for twice."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from support.example_logs.served_logs import HOSTILE_CALL, PHONE, SLOW_CALL
from support.servers.http_server import serving

if TYPE_CHECKING:
    import httpx

    from support.servers.http_server import Served
    from voicetel.service.served_logs import ServedLogs


def test_pages_are_under_their_own_policy(served: Served) -> None:
    """What they hold themselves, by its hash; in nobody's frame."""
    with served.client() as client:
        for place in ("/", f"/call/{SLOW_CALL}", f"/call/{quote(HOSTILE_CALL, safe='')}"):
            page = client.get(place)
            assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
            assert_inert(page)


def assert_inert(page: httpx.Response) -> None:
    """Nothing of a log has become markup, and nothing could run if it had."""
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert policy.endswith("frame-ancestors 'none'")
    assert "unsafe" not in policy
    assert "<img" not in page.text
    assert "\u202e" not in page.text
    assert not re.search(r"<[^>]+\son\w+\s*=", page.text)


def test_transcripts_are_given_where_the_server_and_the_reader_say_so(served: Served, logs: ServedLogs) -> None:
    """Redacted even then."""
    place = f"/call/{SLOW_CALL}"
    with served.client() as client:
        assert "My number" not in client.get(place).text
        refused = client.get(place, params={"text": "1"})
        assert (refused.status_code, refused.json()["hint"]) == (400, "start it with --with-text")
    with serving(replace(logs, with_text=True)) as other, other.client() as client:
        assert "My number" not in client.get(place).text
        assert "My number" not in client.get(f"/api/v1{place}").text
        page = client.get(place, params={"text": "1"})
        assert "My number is [phone]." in page.text
        assert "&lt;b&gt;Thank you&lt;/b&gt;" in page.text
        assert PHONE not in page.text
        assert_inert(page)


def test_a_page_takes_no_other_parameters(served: Served) -> None:
    """A call that there is not has no page."""
    with served.client() as client:
        assert client.get("/", params={"text": "1"}).status_code == 400
        assert client.get("/", params={"since": "2030-01-01"}).status_code == 404
        noon = client.get("/", params={"since": "2026-11-03T13:00", "until": "2026-11-03T14:00", "tz": "Europe/Berlin"})
        assert SLOW_CALL in noon.text
        assert "c-1.8.1-" not in noon.text
        assert client.get(f"/call/{SLOW_CALL}", params={"text": "yes"}).status_code == 400
        assert client.get("/call/nobody").status_code == 404
        one = client.get("/call/c-1.8.1-00000", params={"turns": "1"})
        assert re.search(r"Turns 1 to 1 of \d+, counted from 1; \?turns=2-\d+ shows others", one.text)
        assert client.get(f"/call/{SLOW_CALL}", params={"turns": "0"}).status_code == 400
