"""Where the instructions of a redirect go, by callgrind: one process, the event loop and its threads."""

import re
import shutil
import subprocess
from collections import Counter

from measure import table

from lib.nginx import Nginx
from lib.places import Workspace
from lib.process import Program, answers
from lib.tools import run_load
from lib.wait import wait_until

SECONDS = 4
# The first pattern that fits names the stage.
STAGES = (
    ("journal", r"tributary::.*([Jj]ournal|Ring|[Ss]egment|crc32c)|crc32c|pwrite"),
    ("event codec", r"tributary::.*(encode|[Ee]vent|protozero|SpanBuffer|[Ss]ink)|protozero"),
    ("click id", r"tributary::.*([Cc]lick_?[Ii]d|base32|crockford|stamp)|siphash|shorthash"),
    ("routing", r"tributary::.*(route|[Rr]outing|schedule|find_campaign|Snapshot|snapshot|[Ii]ndex|XXH)|XXH"),
    ("URL template", r"tributary::.*([Tt]emplate|render|percent|[Mm]acro|[Uu]rl)"),
    ("query and tracking", r"tributary::.*([Qq]uery|[Tt]racking|decode|utf8|money|clean_text)"),
    ("module", r"tributary|ngx_http_tributary"),
    ("nginx: parsing", r"ngx_http_parse|ngx_http_process|ngx_http_(alloc|init|wait)|ngx_http_header"),
    ("nginx: answer", r"ngx_http_(send|header_filter|write|output|chunked|special|copy)|ngx_(output|\w+_send)"),
    ("nginx: other", r"ngx_"),
    ("memory and text of libc", r"mem|str|alloc|free|vsn"),
    ("system calls", r"syscall|recv|send|writev|epoll|clock_gettime|gettimeofday|futex"),
    ("other", r""),
)  # fmt: skip


def stage_of(function):
    # Without arguments and template parameters: their types name other stages.
    name = re.sub(r"[(<].*", "", function.replace("(anonymous namespace)::", ""))
    return next(stage for stage, pattern in STAGES if re.search(pattern, name))


def self_costs(output):
    """Instructions by function, without what it calls."""
    done = subprocess.run(
        ["callgrind_annotate", "--auto=no", "--tree=none", "--threshold=100", str(output)],
        capture_output=True,
        text=True,
        check=True,
    )
    costs = Counter()
    for line in done.stdout.splitlines():
        if match := re.match(r"\s*([\d,]+)\s+\([^)]*\)\s+(?:[^:]*:)?(.*)", line):
            if match[2].startswith("PROGRAM TOTALS"):
                continue
            costs[match[2].split(" [")[0]] += int(match[1].replace(",", ""))
    return costs


def profile(path, campaigns):
    """Instructions per request and function for one path."""
    workspace = Workspace("callgrind")
    nginx = Nginx(workspace, workers=1, main="master_process off;\ndaemon off;")
    output = workspace.disk / "callgrind.out"
    nginx.options["server"] = "location /return_302/ { return 302 https://destination.example/offer?cid=0&sub=x; }"
    nginx.write()
    command = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={output}"]
    server = Program("callgrind", [*command, *nginx.command()], workspace.logs)
    server.start()
    try:
        server.wait_ready(lambda: answers(nginx.url + "/tributary/config"), 60)
        answer = nginx.put(nginx.snapshot(campaigns=campaigns, destinations=3))
        assert answer.status_code == 200, answer.text
        wait_until(lambda: nginx.edge_state()["counter"] == 1, "the snapshot", 60)
        run_load(nginx.port, rate=500, duration=1, connections=8, click=path, campaigns=campaigns)
        subprocess.run(["callgrind_control", "-i", "on", str(server.pid)], check=True, capture_output=True)
        # As fast as it goes: what the journal's threads do per interval is then shared by many requests.
        result = run_load(nginx.port, rate=0, duration=SECONDS, connections=64, click=path, campaigns=campaigns)
        subprocess.run(["callgrind_control", "-i", "off", str(server.pid)], check=True, capture_output=True)
    finally:
        server.stop(60)
    costs = {name: cost / result.answered for name, cost in self_costs(output).items()}
    workspace.remove()
    return costs


def by_stage(costs):
    stages = Counter()
    for function, cost in costs.items():
        stages[stage_of(function)] += cost
    return stages


def print_stages(campaigns, path):
    if not shutil.which("valgrind"):
        print("instructions per stage: valgrind is not installed")
        return
    functions = profile(path("plain"), campaigns)
    plain, baseline = by_stage(functions), by_stage(profile(path("return_302"), campaigns))
    names = [name for name, _ in STAGES if name in plain or name in baseline]
    rows = [(name, round(plain.get(name, 0)), round(baseline.get(name, 0))) for name in names]
    rows.append(("total", round(sum(plain.values())), round(sum(baseline.values()))))
    print("\ninstructions per request in user space, callgrind")
    table(("stage", "plain", "return_302"), rows)
    largest = sorted(functions.items(), key=lambda item: -item[1])[:15]
    print()
    table(("largest functions of plain", "instructions"), [(name[:90], round(cost)) for name, cost in largest])
