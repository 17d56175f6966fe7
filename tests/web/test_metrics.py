"""Counters and durations."""

from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from frontdesk.web.metrics import Metrics
from web.world import World


def test_durations_are_counted_in_their_buckets() -> None:
    metrics = Metrics()
    meter = metrics.meter("kyc", "/x", "GET")
    for seconds in (0.0005, 0.001, 0.3, 99.0):
        meter.count(200, seconds)
    families = {family.name: family for family in text_string_to_metric_families(metrics.page().decode())}
    buckets = {
        sample.labels["le"]: sample.value
        for sample in families["frontdesk_http_request_duration_seconds"].samples
        if sample.name.endswith("_bucket")
    }
    assert (buckets["0.001"], buckets["0.25"], buckets["0.5"], buckets["30.0"], buckets["+Inf"]) == (
        2,
        2,
        3,
        3,
        4,
    )
    assert families["frontdesk_http_requests"].samples[0].value == 4


def counted(metrics: Metrics) -> dict[str, float]:
    """Answers by route."""
    families = text_string_to_metric_families(metrics.page().decode())
    found = {}
    for sample in (sample for family in families for sample in family.samples):
        if sample.name in ("frontdesk_http_requests_total", "frontdesk_http_request_duration_seconds_count"):
            found[f"{sample.labels['route']} {sample.name.rpartition('_')[2]}"] = sample.value
    return found


def test_processes_that_share_a_folder_answer_for_all_of_them(tmp_path: Path) -> None:
    one, other = Metrics(tmp_path), Metrics(tmp_path)
    for metrics, calls in ((one, 3), (other, 4)):
        for _ in range(calls):
            metrics.meter("kyc", "/both", "GET").count(200, 0.1)
    other.meter("kyc", "/other", "GET").count(404, 0.1)
    assert counted(one) == {"/both total": 3, "/both count": 3}
    other.publish()
    whole = {"/both total": 7, "/both count": 7, "/other total": 1, "/other count": 1}
    assert counted(one) == counted(other) == whole
    del other  # what a process that has ended had counted stays counted
    assert counted(one) == whole
    assert [file.suffix for file in tmp_path.iterdir()] == [".tally"] * 2


class TestGetMetrics:
    async def test_requests_are_counted_by_route_template_and_status(self, world: World) -> None:
        async with world.client() as client:
            await client.get("/kyc/sessions/s1/fail/conflict")
            await client.get("/kyc/sessions/s2/fail/conflict")
            await client.get("/nowhere/s3")
            answer = await client.get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
        assert "s1" not in answer.text
        assert "nowhere" not in answer.text
        counted = {
            (sample.labels["route"], sample.labels["status"], sample.labels["surface"]): sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
            if sample.name == "frontdesk_http_requests_total"
        }
        assert counted["/kyc/sessions/{session_id}/fail/{how}", "409", "kyc"] == 2
        assert counted["unmatched", "404", "server"] == 1

    async def test_it_needs_no_key(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/metrics")).status_code == 200
