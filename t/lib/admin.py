"""admin-api as a child process, and a client that is logged in."""

import secrets
import subprocess

import httpx

from lib.places import ROOT, free_port, program
from lib.process import Program

SETTINGS = """\
environment: development
listen: "127.0.0.1:{port}"
postgres:
  url: "{url}"
jwt:
  secret_file: "{keys}/jwt.secret"
push:
  signing_key_file: "{keys}/push.key"
  debounce_ms: 20
log:
  level: info
  format: json
public_url: "http://127.0.0.1:{port}"
schema_path: "{schema}"
cookies:
  secure: false
"""

EMAIL = "admin@tests.example"


def write_settings(path, url, port=0, keys=None):
    keys = keys or path.parent / "admin-keys"
    if not (keys / "jwt.secret").exists():
        keys.mkdir(exist_ok=True)
        command = [str(program("tributary-admin")), "keygen", "--out", str(keys)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    path.write_text(SETTINGS.format(port=port, url=url, keys=keys, schema=ROOT / "schema"))
    return path


class Admin:
    """admin-api on a port of its own, with an administrator."""

    def __init__(self, workspace, database):
        self.port = free_port()
        self.keys = workspace.disk / "admin-keys"
        self.password = secrets.token_urlsafe(16)
        self.settings = write_settings(
            workspace.disk / "admin-api.yaml", database.url("tributary_admin"), self.port, self.keys
        )
        self.password_file = workspace.disk / "admin-password"
        self.password_file.write_text(self.password + "\n")
        self.program = Program(
            "admin-api", [program("tributary-admin"), "serve", "--config", self.settings], workspace.logs
        )
        self.client = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def command(self, *arguments):
        """Run another subcommand of tributary-admin with the same settings."""
        command = [str(program("tributary-admin")), *arguments, "--config", str(self.settings)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self):
        self.program.start()
        self.program.wait_ready(self.listening)
        return self

    def listening(self):
        try:
            return httpx.get(f"{self.url}/api/v1/openapi.json", timeout=2).status_code < 500
        except httpx.HTTPError:
            return False

    def log_in(self):
        answer = httpx.post(
            f"{self.url}/api/v1/auth/login", json={"email": EMAIL, "password": self.password}, timeout=30
        )
        assert answer.status_code == 200, answer.text
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        self.client = httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=30)
        return self.client

    def stop(self):
        if self.client:
            self.client.close()
        code = self.program.stop()
        assert code == 0, f"admin-api ended with {code}:\n{self.program.tail()}"
