"""admin-api as a child process."""

import secrets
import subprocess

from lib.places import ROOT, free_port, program
from lib.process import Program, answers

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
presets_path: "{presets}"
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
    path.write_text(
        SETTINGS.format(port=port, url=url, keys=keys, schema=ROOT / "schema", presets=ROOT / "conf/presets")
    )
    return path


class Admin:
    """admin-api on a port of its own."""

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

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def command(self, *arguments):
        """Run another subcommand of tributary-admin with the same settings."""
        command = [str(program("tributary-admin")), *arguments, "--config", str(self.settings)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def set_up(self):
        """Make the administrator and start."""
        self.command("user", "create", "--email", EMAIL, "--password-file", str(self.password_file))
        return self.start()

    def start(self):
        self.program.start()
        self.program.wait_ready(lambda: answers(f"{self.url}/health"))
        return self

    def stop(self):
        code = self.program.stop()
        assert code == 0, f"admin-api ended with {code}:\n{self.program.tail()}"
