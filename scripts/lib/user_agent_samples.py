"""Turns the published test cases of uap-core and crawler-user-agents into samples for core_agent_shares_test.

One case per line, fields divided by tabs: kind (browser, os, device, bot), user agent, then what is right: family,
major, minor, patch; brand and model; or nothing for a bot. Of the large files every Nth case is kept.
"""

import argparse
import json
import pathlib
import sys

import yaml

# file, kind, keys of the answer, every how many cases are kept
SOURCES = (
    ("tests/test_ua.yaml", "browser", ("family", "major", "minor", "patch"), 1),
    ("tests/test_os.yaml", "os", ("family", "major", "minor", "patch"), 1),
    ("tests/test_device.yaml", "device", ("brand", "model"), 10),
    ("test_resources/additional_os_tests.yaml", "os", ("family", "major", "minor", "patch"), 1),
    ("test_resources/firefox_user_agent_strings.yaml", "browser", ("family", "major", "minor", "patch"), 1),
    ("test_resources/opera_mini_user_agent_strings.yaml", "browser", ("family", "major", "minor", "patch"), 1),
    ("test_resources/podcasting_user_agent_strings.yaml", "browser", ("family", "major", "minor", "patch"), 1),
    ("test_resources/pgts_browser_list.yaml", "browser", ("family", "major", "minor", "patch"), 20),
)


def clean(value: object) -> str:
    return str(value or "").replace("\t", " ").replace("\n", " ")


def uap_samples(folder: pathlib.Path, everything: bool) -> list[str]:
    out = []
    for name, kind, keys, every in SOURCES:
        with open(folder / name, encoding="utf-8") as file:
            cases = yaml.load(file, Loader=yaml.CSafeLoader)["test_cases"]
        for case in cases[:: 1 if everything else every]:
            out.append("\t".join([kind, clean(case["user_agent_string"]), *(clean(case.get(key)) for key in keys)]))
    return out


def crawler_samples(path: str) -> list[str]:
    with open(path, encoding="utf-8") as file:
        crawlers = json.load(file)
    return [f"bot\t{clean(sample)}" for crawler in crawlers for sample in crawler.get("instances", [])]


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--uap", required=True, type=pathlib.Path, help="folder with tests/ and test_resources/")
    options.add_argument("--crawlers", required=True)
    options.add_argument("--all", action="store_true")
    given = options.parse_args()
    sys.stdout.write("\n".join(uap_samples(given.uap, given.all) + crawler_samples(given.crawlers)) + "\n")


if __name__ == "__main__":
    main()
