#!/usr/bin/env python3
"""Sends clicks to a campaign and postbacks for some of them, as visitors and a network would.

Only real answers are used: a postback carries the click id that the redirect's Location gave. Prints one JSON object
with what was sent and answered; fails when an answer is not what a user may expect.
"""

import argparse
import collections
import html
import http.client
import itertools
import json
import pathlib
import re
import sys
import urllib.parse

USER_AGENTS = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36",
]
SOURCES = ["news", "social", "search", "mail"]
STATUSES = ["approved", "approved", "approved", "pending", "declined"]
LINK = re.compile(r'href="([^"]+)"')
CLICK_ID = re.compile(r"[0-9a-hjkmnp-tv-z]{32}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True, help="where nginx listens, for example http://127.0.0.1:8080")
    parser.add_argument("--campaign", action="append", required=True, help="slug; may be given several times")
    parser.add_argument("--page", required=True, help="slug of a campaign that shows a page first")
    parser.add_argument("--trafficback", required=True, help="slug of a campaign in which nothing fits")
    parser.add_argument("--network", required=True, help="key of the network that sends postbacks")
    parser.add_argument("--secret-file", type=pathlib.Path, required=True, help="its postback secret")
    parser.add_argument("--clicks", type=int, default=400)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--trafficbacks", type=int, default=20)
    parser.add_argument("--postbacks", type=int, default=80)
    return parser.parse_args()


class Edge:
    """One kept-alive connection."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)

    def get(self, path, headers=None):
        self.connection.request("GET", path, headers=headers or {})
        answer = self.connection.getresponse()
        return answer, answer.read()


def click_id_of(location):
    found = CLICK_ID.search(location)
    if not found:
        sys.exit(f"no click id in Location: {location}")
    return found[0]


def send_clicks(edge, arguments):
    ids = []
    campaigns = itertools.cycle(arguments.campaign)
    for number, campaign in zip(range(arguments.clicks), campaigns, strict=False):
        query = urllib.parse.urlencode(
            {
                "utm_source": SOURCES[number % len(SOURCES)],
                "utm_campaign": "quickstart",
                "sub_id_1": f"banner-{number % 7}",
            }
        )
        headers = {"User-Agent": USER_AGENTS[number % len(USER_AGENTS)], "Referer": "https://news.example.com/"}
        answer, _ = edge.get(f"/c/{campaign}?{query}", headers)
        if answer.status != 302:
            sys.exit(f"click {number} of campaign {campaign} was answered {answer.status} instead of 302")
        ids.append(click_id_of(answer.getheader("Location", "")))
    return ids


def visit_pages(edge, arguments):
    """Every visitor sees the page, two of three follow one of its links. The clicks, and those that went on."""
    clicks, followed = [], []
    for number in range(arguments.pages):
        headers = {"User-Agent": USER_AGENTS[number % len(USER_AGENTS)]}
        answer, _ = edge.get(f"/c/{arguments.page}?sub_id_1=guide-{number % 3}", headers)
        if answer.status != 302:
            sys.exit(f"page {number} was answered {answer.status} instead of 302")
        location = urllib.parse.urlsplit(answer.getheader("Location", ""))
        clicks.append(click_id_of(location.query))
        if number % 3 == 2:
            continue
        _, page = edge.get(f"{location.path}?{location.query}", headers)
        links = LINK.findall(page.decode())
        if not links:
            sys.exit(f"the page {location.path} has no links")
        answer, _ = edge.get(html.unescape(links[number % len(links)]), headers)
        if answer.status != 302 or clicks[-1] not in answer.getheader("Location", ""):
            sys.exit(f"a link of page {number} was answered {answer.status} instead of 302 with its click")
        followed.append(clicks[-1])
    return clicks, followed


def send_trafficbacks(edge, arguments):
    for number in range(arguments.trafficbacks):
        answer, _ = edge.get(f"/c/{arguments.trafficback}?utm_source={SOURCES[number % len(SOURCES)]}")
        if answer.status != 302:
            sys.exit(f"trafficback {number} was answered {answer.status} instead of 302")


def send_postbacks(edge, arguments, click_ids):
    """Every tenth call is sent twice, as networks do: the repeat must be told apart and count once."""
    secret = arguments.secret_file.read_text().strip()
    answers = collections.Counter()
    every = max(1, len(click_ids) // max(1, arguments.postbacks))
    for number, click_id in enumerate(click_ids[::every][: arguments.postbacks]):
        query = urllib.parse.urlencode(
            {
                "clickid": click_id,
                "txid": f"demo-{click_id[-12:]}",
                "revenue": f"{8 + number % 5}.50",
                "currency": "USD",
                "status": STATUSES[number % len(STATUSES)],
            }
        )
        for _ in range(2 if number % 10 == 0 else 1):
            answer, body = edge.get(f"/postback/{arguments.network}/{secret}?{query}")
            if answer.status != 200:
                sys.exit(f"postback {number} was answered {answer.status}: {body.decode(errors='replace')}")
            answers[json.loads(body).get("verdict", "unknown")] += 1
    return answers


def main():
    arguments = parse_arguments()
    edge = Edge(arguments.url)
    click_ids = send_clicks(edge, arguments)
    shown, followed = visit_pages(edge, arguments)
    send_trafficbacks(edge, arguments)
    answers = send_postbacks(edge, arguments, click_ids + followed)
    sent = {
        "clicks": len(click_ids) + len(shown),
        "lander_clicks": len(followed),
        "trafficbacks": arguments.trafficbacks,
        "postbacks": sum(answers.values()),
    }
    print(json.dumps(sent | {"total": sum(sent.values()), "verdicts": answers}))


if __name__ == "__main__":
    main()
