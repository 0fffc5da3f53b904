"""clang-tidy over the files on stdin, several at a time, skipping those that passed before with the same content.

usage: tidy.py BUILD_DIRECTORY JOBS < list of sources

A result is remembered under the hash of the preprocessed source, the compile command and .clang-tidy.
"""

import concurrent.futures
import hashlib
import json
import shlex
import subprocess
import sys
from pathlib import Path

TIDY = "clang-tidy-16"
COMPILER = "clang++-16"


def commands(build):
    entries = json.loads((build / "compile_commands.json").read_text())
    return {entry["file"]: entry for entry in entries}


def key(entry, configuration):
    """What the result depends on."""
    words = [word for word in shlex.split(entry["command"]) if not word.endswith("ccache")]
    compiler = next(
        i for i, word in enumerate(words) if word.rsplit("/", 1)[-1] in ("c++", "g++", "cc", "gcc", "clang++")
    )
    arguments = words[compiler + 1 :]
    output = arguments.index("-o")
    arguments = [*arguments[:output], *arguments[output + 2 :]]
    done = subprocess.run(
        [COMPILER, "-E", "-w", "-Wno-everything", *[a for a in arguments if a != "-c"]],
        cwd=entry["directory"],
        capture_output=True,
        check=False,
    )
    return hashlib.sha256(done.stdout + done.stderr + configuration).hexdigest()


def tidy(source, entry, build, configuration):
    """Returns what clang-tidy complains about, empty when nothing."""
    passed = build / "tidy" / key(entry, configuration)
    if passed.exists():
        return ""
    done = subprocess.run(
        [TIDY, "-p", str(build), "--quiet", "--extra-arg=-Wno-everything", source],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        passed.touch()
        return ""
    return done.stdout + done.stderr


def main():
    build, jobs = Path(sys.argv[1]), int(sys.argv[2])
    (build / "tidy").mkdir(exist_ok=True)
    configuration = Path(".clang-tidy").read_bytes()
    known = commands(build)
    sources = [line.strip() for line in sys.stdin]
    missing = [source for source in sources if source not in known]
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        results = {
            pool.submit(tidy, source, known[source], build, configuration): source
            for source in sources
            if source in known
        }
        for result in concurrent.futures.as_completed(results):
            if result.result():
                bad += 1
                print(f"--- {results[result]}\n{result.result()}", flush=True)
    for source in missing:
        print(f"not in this build, not analysed: {source}")
    print(f"clang-tidy: {len(sources) - len(missing) - bad} clean, {bad} with findings")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
