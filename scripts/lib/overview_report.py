#!/usr/bin/env python3
"""Prints the overview report of an instance, as its REST API gives it."""

import argparse
import json
import pathlib
import urllib.request

COLUMNS = [
    "clicks",
    "unique_clicks",
    "lander_views",
    "lander_clicks",
    "trafficbacks",
    "postbacks",
    "conversions",
    "leads",
    "sales",
    "rejected",
]


def request(url, body=None, token=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    call = urllib.request.Request(url, json.dumps(body).encode() if body else None, headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(call, timeout=30) as answer:
        return json.load(answer)


def name_of(row):
    """Number 0 gathers the calls that name no campaign, such as postbacks without a click id."""
    return row.get("name") or (f"#{row['campaign_id']}" if row["campaign_id"] else "(no campaign)")


def money(row):
    return "; ".join(f"{m['revenue']} - {m['cost']} = {m['profit']} {m['currency']}" for m in row["money"])


def print_table(title, rows):
    head = [title, *COLUMNS, "revenue - cost = profit"]
    table = [head] + [[name, *(str(row[column]) for column in COLUMNS), money(row)] for name, row in rows]
    widths = [max(len(line[column]) for line in table) for column in range(len(head))]
    for line in table:
        rest = zip(line[1:], widths[1:], strict=False)
        cells = [line[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in rest]
        print("  " + "  ".join(cells))
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument("--password-file", type=pathlib.Path, required=True)
    arguments = parser.parse_args()

    api = f"{arguments.url}/api/v1"
    login = {"email": arguments.user, "password": arguments.password_file.read_text().strip()}
    token = request(f"{api}/auth/login", login)["access_token"]
    report = request(f"{api}/reports/overview", token=token)

    print(f"\nreport {report['from']} to {report['to']} ({report['time_zone']})\n")
    print_table("campaign", [(name_of(row), row) for row in report["campaigns"]])
    print_table("total", [("", report["totals"])])


if __name__ == "__main__":
    main()
