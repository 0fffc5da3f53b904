"""A headless Chromium, spoken to over its debugging pipe: pages, what they log and what they ask for."""

import contextlib
import itertools
import json
import os
import select
import shutil
import subprocess
import time

from lib.wait import wait_until

FLAGS = [
    *("--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    # The pages are ours, and not every machine lets a sandbox be made.
    "--no-sandbox",
    # Nothing of its own over the network, and every name of the tests is this machine.
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server"),
    "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable",
    "--host-resolver-rules=MAP * 127.0.0.1",
]


class Browser:
    def __init__(self, workspace):
        self.profile = workspace.directory("chromium", owner=None)
        to_browser, self.send_end = os.pipe()
        self.receive_end, from_browser = os.pipe()
        # Chromium reads file 3 and writes file 4.
        shell = f'exec 3<&{to_browser} 4>&{from_browser}; exec "$@"'
        program = shutil.which("chromium")
        assert program, "chromium is missing: scripts/install-dependencies test"
        command = [program, *FLAGS, f"--user-data-dir={self.profile}"]
        self.log = (workspace.logs / "chromium.txt").open("wb")
        self.process = subprocess.Popen(
            ["bash", "-c", shell, "chromium", *command],
            pass_fds=(to_browser, from_browser),
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )
        os.close(to_browser)
        os.close(from_browser)
        self.numbers = itertools.count(1)
        self.buffer = b""
        self.answers = {}
        self.events = []

    def close(self):
        with contextlib.suppress(AssertionError, OSError):
            self.call("Browser.close")
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for end in (self.send_end, self.receive_end):
            os.close(end)
        self.log.close()

    def receive(self, seconds):
        """Take in what has come; False when nothing did."""
        if not select.select([self.receive_end], [], [], seconds)[0]:
            return False
        chunk = os.read(self.receive_end, 1 << 16)
        assert chunk, "chromium has ended"
        *messages, self.buffer = (self.buffer + chunk).split(b"\0")
        for message in map(json.loads, messages):
            if "id" in message:
                self.answers[message["id"]] = message
            else:
                self.events.append(message)
        return True

    def call(self, method, session=None, seconds=30.0, **parameters):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.send_end, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + seconds
        while number not in self.answers:
            assert time.monotonic() < deadline, f"chromium did not answer {method}"
            self.receive(0.5)
        answer = self.answers.pop(number)
        assert "error" not in answer, answer
        return answer["result"]

    def page(self):
        return Page(self)


class Page:
    """One tab. Everything that the console would show is in complaints()."""

    def __init__(self, browser):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def open(self, url, referrer=None):
        """Go there and wait until the page and what it loads are there."""
        seen = len(self.of("Page.loadEventFired"))
        result = self.call("Page.navigate", url=url, **({"referrer": referrer} if referrer else {}))
        assert "errorText" not in result, result
        self.wait(lambda: len(self.of("Page.loadEventFired")) > seen, f"{url} to load")

    def of(self, method):
        return [
            e["params"] for e in self.browser.events if e["method"] == method and e.get("sessionId") == self.session
        ]

    def wait(self, condition, what):
        def look():
            while self.browser.receive(0):
                pass
            return condition()

        return wait_until(look, what, 20)

    def evaluate(self, expression):
        told = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def complaints(self):
        """Errors and warnings of the console, exceptions, and entries of the browser's own log."""
        logged = [entry["entry"]["text"] for entry in self.of("Log.entryAdded")]
        called = [str(call["args"]) for call in self.of("Runtime.consoleAPICalled") if call["type"] != "log"]
        thrown = [call["exceptionDetails"]["text"] for call in self.of("Runtime.exceptionThrown")]
        return logged + called + thrown

    def answers(self, part):
        """Statuses of the answers to requests whose URL has `part`."""
        came = [answer["response"] for answer in self.of("Network.responseReceived")]
        return [response["status"] for response in came if part in response["url"]]

    def asked(self, part):
        """Requests whose URL has `part`: their kinds (Script, Fetch, Ping, Image) in order."""
        sent = [request for request in self.of("Network.requestWillBeSent") if part in request["request"]["url"]]
        return [(request["request"]["method"], request["type"]) for request in sent]
