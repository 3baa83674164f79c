"""A batch of codes over HTTP, made by the real worker."""

import time

import httpx


def test_codes_are_ordered_made_and_downloaded(api: httpx.Client, fumi_api: httpx.Client) -> None:
    ordered = api.post("/voucher-batches", json={"reward": "ten-percent", "count": 1_234})
    assert ordered.status_code == 202, ordered.text
    address = f"/voucher-batches/{ordered.json()['id']}"
    until = time.monotonic() + 30
    while (now := api.get(address).json())["state"] != "finished":
        assert time.monotonic() < until, now
        time.sleep(0.2)
    lines = api.get(f"{address}/codes").text.split()
    assert (lines[0], len(lines), len(set(lines))) == ("code", 1_235, 1_235)
    assert api.post("/codes/check", json={"code": lines[1]}).json()["usable"] is True
    assert [fumi_api.get(address + more).status_code for more in ("", "/codes")] == [404, 404]
    weak = api.post("/voucher-batches", json={"reward": "ten-percent", "count": 1, "pattern": "TET-####"})
    assert (weak.status_code, weak.json()["errors"][0]["field"]) == (422, "pattern")
