"""A packaged nginx without our module: the known quantity that the tools are tested against."""

import os
import signal

from lib.places import IS_ROOT, NGINX, free_port, worker_user
from lib.process import Program, children, signal_pid
from lib.wait import wait_until

CONFIGURATION = """\
daemon off;
worker_processes 1;
{user}
pid {prefix}/nginx.pid;
error_log {logs}/plain-error.log notice;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    keepalive_requests 1000000;
    client_body_temp_path {prefix}/body;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location = /status {{ stub_status; }}
        location / {{ return 302 https://destination.example/?cid=fixed; }}
    }}
}}
"""


class PlainServer:
    def __init__(self, workspace):
        self.port = free_port()
        prefix = workspace.directory("plain", owner=None)
        configuration = prefix / "nginx.conf"
        user = f"user {worker_user()};" if IS_ROOT else ""
        configuration.write_text(CONFIGURATION.format(prefix=prefix, logs=workspace.logs, port=self.port, user=user))
        self.program = Program("plain", [NGINX, "-p", f"{prefix}/", "-c", configuration], workspace.logs)

    def start(self):
        self.program.start()
        wait_until(lambda: children(self.program.pid), "the worker of the plain nginx")
        return self

    def pause(self):
        for pid in children(self.program.pid):
            os.kill(pid, signal.SIGSTOP)

    def resume(self):
        for pid in children(self.program.pid):
            os.kill(pid, signal.SIGCONT)

    def kill(self):
        """Master and worker at once: whatever was under way is cut."""
        workers = children(self.program.pid)
        self.program.kill()
        for pid in workers:
            signal_pid(pid, signal.SIGKILL)

    def stop(self):
        self.resume()
        self.program.stop()
