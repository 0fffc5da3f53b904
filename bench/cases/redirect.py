"""CPU per request of a routed, signed, journalled redirect beside what nginx does by itself."""

import time

from measure import CLIENT_CORE, SERVER_CORE, drift, pinned, quartiles, ratios, table

from cases.callgrind import print_stages
from lib.nginx import Nginx
from lib.places import Workspace, library_module
from lib.process import cpu_ns
from lib.tools import Load

QUERY = "?sub1={uid}&sub2=banner&utm_source=facebook&utm_campaign=spring&cost=0.012&external_id=b7f3a9"
CONNECTIONS = 64
SETTLE_S = 0.4  # two intervals of the journal's sync: what a round left to do counts in that round
LOCATIONS = """\
location /return_302/ {{ return 302 https://destination.example/offer?cid=0123456789abcdefghjkmnpqrstvwxyz&sub=x; }}
location /access_log/ {{
    access_log {prefix}/access.log combined buffer=256k flush=1s;
    return 302 https://destination.example/offer?cid=0123456789abcdefghjkmnpqrstvwxyz&sub=x;
}}
{lua}
"""
LUA = """\
location /lua/ {
    content_by_lua_block {
        return ngx.redirect("https://destination.example/offer?cid=" .. ngx.var.request_id .. "&sub="
            .. (ngx.var.arg_sub1 or ""), 302)
    }
}
"""
LUA_MODULES = ("ndk_http_module.so", "ngx_http_lua_module.so")


def make_server(workspace, campaigns):
    """One worker on the server's core that answers all cases, so that every round meets the same process."""
    lua = all(library_module(name) for name in LUA_MODULES)
    modules = "".join(f"load_module {library_module(name)};\n" for name in LUA_MODULES) if lua else ""
    nginx = Nginx(workspace, workers=1, main=modules + "worker_cpu_affinity 01;", journal_options="segment=64m")
    nginx.options["server"] = LOCATIONS.format(prefix=nginx.prefix, lua=LUA if lua else "")
    nginx.start()
    nginx.push(campaigns=campaigns, destinations=3)
    return nginx, ["return_302", "access_log", *(["lua"] if lua else []), "plain"]


def path(case):
    return "/c/c{n}" + QUERY if case == "plain" else f"/{case}/c{{n}}" + QUERY


def one_round(nginx, case, seconds, campaigns):
    """Nanoseconds of CPU per request, all threads of the worker, and requests per second."""
    (worker,) = nginx.workers()
    before = cpu_ns(worker)
    load = Load(
        nginx.port,
        prefix=pinned(CLIENT_CORE),
        rate=0,
        duration=seconds,
        connections=CONNECTIONS,
        campaigns=campaigns,
        click=path(case),
    )
    result = load.finish()
    time.sleep(SETTLE_S)
    assert result.failed == 0, result.summary
    assert set(result.by_status) == {"302"}, result.summary
    return (cpu_ns(worker) - before) / result.answered, result.answered / seconds


def measure(nginx, cases, options):
    rounds = options.rounds or 9
    for case in cases:
        one_round(nginx, case, options.seconds / 2, options.campaigns)
    cpu = {case: [] for case in cases}
    rate = {case: [] for case in cases}
    for _ in range(rounds):
        for case in cases:
            ns, per_second = one_round(nginx, case, options.seconds, options.campaigns)
            cpu[case].append(ns)
            rate[case].append(per_second)
    return cpu, rate


def report(cases, cpu, rate):
    results = []
    for case in cases:
        low, ratio, high = quartiles(ratios(cpu[case], cpu["return_302"]))
        results.append(
            {
                "name": case,
                "ratio": round(ratio, 4),
                "ratio_quartiles": [round(low, 4), round(high, 4)],
                "cpu_ns_per_request": round(quartiles(cpu[case])[1]),
                "requests_per_s": round(quartiles(rate[case])[1]),
                "rounds": len(cpu[case]),
            }
        )
    rows = [
        (r["name"], r["cpu_ns_per_request"], r["ratio"], *r["ratio_quartiles"], r["requests_per_s"]) for r in results
    ]
    table(("case", "CPU ns/request", "ratio", "q1", "q3", "requests/s"), rows)
    moved = drift(cpu["return_302"])
    if moved > 0.05:
        print(f"unsteady: the baseline moved by {moved:.0%} between the first and the last round; run again")
    return results


def run(options):
    workspace = Workspace("bench")
    nginx, cases = make_server(workspace, options.campaigns)
    try:
        print(f"{options.campaigns:,} campaigns, server on core {SERVER_CORE}, client on core {CLIENT_CORE}")
        cpu, rate = measure(nginx, cases, options)
        results = report(cases, cpu, rate)
    finally:
        nginx.finish()
        workspace.remove()
    if not options.no_callgrind:
        print_stages(options.campaigns, path)
    return results
