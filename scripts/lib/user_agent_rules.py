"""Turns uap-core's regexes.yaml and crawler-user-agents.json into the rules that core/user_agent reads.

One rule per line, fields divided by tabs: expression, flags, then the texts of the answer, in which $1 to $9 stand for
the groups. Sections are lists: in each, the first rule that matches answers.
"""

import argparse
import json
import re
import sys

import yaml

# section, list of uap-core, keys of the answer; text n is group n where the data names none (device: see below)
SECTIONS = (
    ("browser", "user_agent_parsers", ("family_replacement", "v1_replacement", "v2_replacement", "v3_replacement")),
    ("os", "os_parsers", ("os_replacement", "os_v1_replacement", "os_v2_replacement", "os_v3_replacement")),
    ("device", "device_parsers", ("brand_replacement", "model_replacement")),
)
# Upper bounds that uap-core needs against backtracking engines. RE2 takes linear time anyway, but pays for every count
# with states, so large ones are lifted.
BOUNDED = re.compile(r"\{([01]),(\d{2,})\}")


def relaxed(expression: str) -> str:
    return BOUNDED.sub(lambda match: "*" if match[1] == "0" else "+", expression)


def line(*fields: str) -> str:
    for field in fields:
        if "\t" in field or "\n" in field or "\r" in field:
            sys.exit(f"no rule can hold this: {field!r}")
    return "\t".join(fields).rstrip("\t")


def default_text(section: str, key: str, index: int) -> str:
    if section == "device":
        return "$1" if key == "model_replacement" else ""
    return f"${index + 1}"


def uap_rules(parsers: dict) -> list[str]:
    out = []
    for section, name, keys in SECTIONS:
        out.append(f"[{section}]")
        for rule in parsers[name]:
            texts = [rule.get(key, default_text(section, key, i)) for i, key in enumerate(keys)]
            out.append(line(relaxed(rule["regex"]), rule.get("regex_flag", "-"), *map(str, texts)))
    return out


def crawler_rules(crawlers: list) -> list[str]:
    return ["[bot]"] + [line(crawler["pattern"], "-") for crawler in crawlers]


def main() -> None:
    options = argparse.ArgumentParser()
    for name in ("uap", "uap-name", "crawlers", "crawlers-name", "device-types"):
        options.add_argument(f"--{name}", required=True)
    given = options.parse_args()
    with open(given.uap, encoding="utf-8") as file:
        parsers = yaml.safe_load(file)
    with open(given.crawlers, encoding="utf-8") as file:
        crawlers = json.load(file)
    with open(given.device_types, encoding="utf-8") as file:
        device_types = [text.rstrip("\n") for text in file if not text.startswith("#")]
    print("tributary-user-agents 1")
    print("# Written by scripts/update-user-agents; do not edit.")
    print(
        f"# [browser], [os], [device]: {given.uap_name}, Apache-2.0, see LICENSE.uap-core; changed: large upper bounds"
    )
    print("# of repetitions are lifted, and the format.")
    print(f"# [bot]: {given.crawlers_name}, MIT, see LICENSE.crawler-user-agents; changed: the format.")
    print("# [type]: device-types.rules, of Tributary.")
    print("\n".join(uap_rules(parsers) + crawler_rules(crawlers) + device_types))


if __name__ == "__main__":
    main()
