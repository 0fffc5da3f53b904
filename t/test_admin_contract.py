"""What every route of the admin API owes its callers: the specification, refusals, health."""

import httpx
import pytest

from lib.admin_client import SPEC, connect, problem, routes
from lib.places import ROOT


@pytest.mark.proves("C107", "C66")
def test_specification_and_routes_are_the_same():
    assert {(route["method"], route["path"]) for route in routes()} == SPEC.operations()


@pytest.mark.proves("C107")
def test_specification_is_served_as_yaml_and_json(admin):
    client = connect(admin)
    assert client.get("/api/v1/openapi.yaml").text == (ROOT / "schema/openapi.yaml").read_text()
    assert client.get("/api/v1/openapi.json").json() == SPEC.document


@pytest.mark.proves("C103", "C104")
def test_every_route_refuses_a_stranger_with_a_problem_document(admin):
    for route in routes():
        path = route["path"].replace("{id}", "1").replace("{secret_id}", "1")
        response = httpx.request(route["method"], admin.url + path, timeout=30)
        if route["access"] == "open":
            assert response.status_code != 404, path
        else:
            assert response.status_code == 401, path
            assert response.json()["code"] == "unauthenticated"
            assert response.headers["x-request-id"]


@pytest.mark.proves("A12")
@pytest.mark.parametrize("path", ["/c/sale", "/postback/net/secret", "/click", "/postback"])
def test_no_click_and_no_postback_is_taken(admin, path):
    for method in ("GET", "POST"):
        assert httpx.request(method, admin.url + path).status_code == 404


def test_unknown_paths_and_methods(admin):
    assert httpx.get(f"{admin.url}/nothing").status_code == 404
    answer = httpx.put(f"{admin.url}/api/v1/campaigns")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


@pytest.mark.proves("C69")
def test_health_readiness_and_metrics(admin):
    client = connect(admin)
    assert client.get("/health").json() == {"status": "ok"}
    assert client.get("/ready").json() == {"status": "ready"}
    text = client.get("/metrics").text
    assert "# TYPE tributary_admin_requests_total counter" in text
    problem(client.get("/metrics", headers={"X-Real-IP": "203.0.113.9"}), 403)
