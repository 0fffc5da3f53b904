"""CPU per request of a routed, signed, journalled redirect beside what nginx does by itself."""

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

from agents import desktop_agents
from measure import CLIENT_CORE, SERVER_CORE, median_interval, pinned, quartiles, table

from cases.callgrind import print_stages
from lib.nginx import Nginx
from lib.places import ROOT, Workspace, library_module
from lib.process import cpu_ns
from lib.tools import Load

QUERY = "?sub1={uid}&sub2=banner&utm_source=facebook&utm_campaign=spring&cost=0.012&external_id=b7f3a9"
BASELINE = "return_302"
CONNECTIONS = 64
SETTLE_S = 0.4  # two intervals of the journal's sync: what a slice left to do counts in that slice
LOCATIONS = """\
location /return_302/ {{ return 302 https://destination.example/offer?cid=0123456789abcdefghjkmnpqrstvwxyz&sub=x; }}
location /access_log/ {{
    access_log {prefix}/access.log combined buffer=256k flush=1s;
    return 302 https://destination.example/offer?cid=0123456789abcdefghjkmnpqrstvwxyz&sub=x;
}}
{lua}
"""
PINNED = "worker_cpu_affinity 01;"
LUA = """\
location /lua/ {
    content_by_lua_block {
        return ngx.redirect("https://destination.example/offer?cid=" .. ngx.var.request_id .. "&sub="
            .. (ngx.var.arg_sub1 or ""), 302)
    }
}
"""
LUA_MODULES = ("ndk_http_module.so", "ngx_http_lua_module.so")
# Geo data that knows 127/8, the rules of user agents, and four conditions before the third of three streams takes it.
FULL_DATA = f"""
    tributary_geoip {ROOT}/core/geo/fixtures/country-flat.mmdb;
    tributary_user_agents {ROOT}/conf/user-agents/agents.rules;
"""
FULL = {
    "streams": 3,
    "destinations": 4,
    "condition": ["1:country::KZ,KG", "2:device::phone,tablet", "3:country::NL", "3:device::desktop"],
    "click_cap": 2_000_000_000,
    "capped": 4,
}
FULL_CAMPAIGNS = 100_000  # with three streams each


@dataclass(frozen=True)
class Server:
    nginx: Nginx
    campaigns: int
    agents: Path | None = None  # file of user agents; None: always the same one


def make_nginx(stack, name, **options):
    """An nginx that `stack` stops, whatever fails after it was made."""
    nginx = Nginx(Workspace(name), workers=1, journal_options="segment=64m", **options)
    stack.callback(nginx.workspace.remove)
    stack.callback(nginx.finish)
    return nginx


def make_servers(stack, campaigns):
    """The server of every case: one worker on the server's core for all of them, so that every round meets the same
    process, and for `full` one beside it that has other campaigns."""
    lua = all(library_module(name) for name in LUA_MODULES)
    modules = "".join(f"load_module {library_module(name)};\n" for name in LUA_MODULES) if lua else ""
    nginx = make_nginx(stack, "bench", main=modules + PINNED)
    nginx.options["server"] = LOCATIONS.format(prefix=nginx.prefix, lua=LUA if lua else "")
    nginx.start()
    nginx.push(campaigns=campaigns, destinations=3)
    cases = ["return_302", "access_log", *(["lua"] if lua else []), "plain"]
    return dict.fromkeys(cases, Server(nginx, campaigns)) | {"full": make_full_server(stack, campaigns)}


def make_full_server(stack, campaigns):
    campaigns = min(campaigns, FULL_CAMPAIGNS)
    nginx = make_nginx(stack, "bench-full", main=PINNED, http=FULL_DATA)
    nginx.start()
    nginx.push(campaigns=campaigns, **FULL)
    agents = nginx.prefix / "agents.txt"
    agents.write_text("\n".join(desktop_agents()) + "\n")
    return Server(nginx, campaigns, agents)


def path(case):
    return "/c/c{n}" + QUERY if case in ("plain", "full") else f"/{case}/c{{n}}" + QUERY


@dataclass(frozen=True)
class Slice:
    cpu_ns: float  # per request, all threads of the worker
    requests_per_s: float


def send(server, case, rate, seconds):
    """What the load generator says of clicks on a server; rate 0 is as fast as it answers."""
    load = Load(
        server.nginx.port,
        prefix=pinned(CLIENT_CORE),
        rate=rate,
        duration=seconds,
        connections=CONNECTIONS,
        campaigns=server.campaigns,
        agents=server.agents,
        click=path(case),
    )
    result = load.finish()
    assert result.failed == 0, result.summary
    assert set(result.by_status) == {"302"}, result.summary
    return result


def one_slice(server, case, seconds):
    (worker,) = server.nginx.workers()
    before = cpu_ns(worker)
    result = send(server, case, 0, seconds)
    if case != BASELINE:
        time.sleep(SETTLE_S)
    return Slice((cpu_ns(worker) - before) / result.answered, result.answered / seconds)


def measure(servers, options):
    """CPU and rate of every slice, and each case's ratios: its CPU over the mean of the baseline's slices right before
    and right after it, so that what moves more slowly than a slice cancels out."""
    rounds = options.rounds or 40
    for case, server in servers.items():
        one_slice(server, case, options.seconds)
    slices = {case: [] for case in servers}
    ratios = {case: [] for case in servers if case != BASELINE}

    def take(case):
        slices[case].append(one_slice(servers[case], case, options.seconds))
        return slices[case][-1].cpu_ns

    before = take(BASELINE)
    for _ in range(rounds):
        for case, found in ratios.items():
            cpu_ns = take(case)
            after = take(BASELINE)
            found.append(2 * cpu_ns / (before + after))
            before = after
    return slices, ratios


def report(slices, ratios):
    results = []
    for case, taken in slices.items():
        found = ratios.get(case, [1.0])
        low, ratio, high = quartiles(found)
        results.append(
            {
                "name": case,
                "ratio": round(ratio, 4),
                "ratio_interval": [round(end, 4) for end in median_interval(found)],
                "ratio_quartiles": [round(low, 4), round(high, 4)],
                "cpu_ns_per_request": round(quartiles([s.cpu_ns for s in taken])[1]),
                "requests_per_s": round(quartiles([s.requests_per_s for s in taken])[1]),
                "slices": len(taken),
            }
        )
    spread = ("ratio_interval", "ratio_quartiles")
    rows = [
        (
            r["name"],
            r["cpu_ns_per_request"],
            r["ratio"],
            *(end for kind in spread for end in r[kind]),
            r["requests_per_s"],
        )
        for r in results
    ]
    table(("case", "CPU ns/request", "ratio", "95 % from", "to", "q1", "q3", "requests/s"), rows)
    return results


def run(options):
    with contextlib.ExitStack() as stack:
        servers = make_servers(stack, options.campaigns)
        print(f"{options.campaigns:,} campaigns, server on core {SERVER_CORE}, client on core {CLIENT_CORE}")
        results = report(*measure(servers, options))
    if not options.no_callgrind:
        print_stages(options.campaigns, path)
    return results
