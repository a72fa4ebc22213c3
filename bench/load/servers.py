"""The servers that are compared, each one process (gunicorn: one worker), and how each is started."""

import os
import shutil
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
APPS = os.path.join(ROOT, "bench", "load", "apps")
SERIEMA = os.path.join(ROOT, "artifacts", "bin", "Seriema.Cli", "release", "seriema")

NGINX = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log stderr crit;
worker_rlimit_nofile 30000;
events {{ worker_connections {connections}; }}
http {{
    access_log off;
    default_type text/plain;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location / {{ {location} }}
    }}
}}
"""


def python():
    """The interpreter that scripts/setup chose; the peers that are Python run on the same one."""
    try:
        with open(os.path.join(ROOT, ".seriema", "python")) as file:
            return file.readline().strip()
    except FileNotFoundError:
        return shutil.which("python3")


def _find(program):
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def _output(command):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _module_version(name):
    return _output([python(), "-c", "from importlib.metadata import version; print(version(%r))" % name])


class Server:
    """What a row of the table needs: a name, why it cannot run (or None), its version, its command."""

    def __init__(self, name, app, path):
        self.name, self.app, self.path = name, app, path
        self.missing = None

    def version(self):
        return None

    def command(self, port, folder):
        raise NotImplementedError


class Seriema(Server):
    program = SERIEMA

    def __init__(self, app="hello:app", path="/", threads=None, workers=None):
        super().__init__("seriema -w %d" % workers if workers else "seriema", app, path)
        self.threads, self.workers = threads, workers
        if not os.access(self.program, os.X_OK):
            self.missing = "not built (./serve --version builds it)"

    def version(self):
        text = _output([self.program, "--version"])
        return text.splitlines()[0] if text else None

    def command(self, port, folder):
        threads = ["--threads", str(self.threads)] if self.threads else []
        workers = ["--workers", str(self.workers)] if self.workers else []
        return [self.program, self.app, "--chdir", APPS, "--bind", "127.0.0.1:%d" % port, "--python", python()] + threads + workers


class Gunicorn(Server):
    """--threads means the gthread worker, none the sync one."""

    def __init__(self, app="hello:app", path="/", threads=None, workers=None):
        name = "gunicorn gthread %d" % threads if threads else "gunicorn sync"
        super().__init__(name + (" -w %d" % workers if workers else ""), app, path)
        self.threads, self.workers = threads, workers
        if not _module_version("gunicorn"):
            self.missing = "not installed (Debian: gunicorn)"

    def version(self):
        return "gunicorn " + _module_version("gunicorn")

    def command(self, port, folder):
        kind = ["-k", "gthread", "--threads", str(self.threads)] if self.threads else ["-k", "sync"]
        return [python(), "-m", "gunicorn", "-w", str(self.workers or 1), *kind, "-b", "127.0.0.1:%d" % port, "--chdir", APPS, self.app]


class Waitress(Server):
    def __init__(self, app="hello:app", path="/", threads=8):
        super().__init__("waitress %d" % threads, app, path)
        self.threads = threads
        if not _module_version("waitress"):
            self.missing = "not installed (Debian: python3-waitress)"

    def version(self):
        return "waitress " + _module_version("waitress")

    def command(self, port, folder):
        # waitress takes modules from the current folder only; its own start-up adds no other.
        start = "import sys; sys.path.insert(0, %r); from waitress.runner import run; sys.exit(run())" % APPS
        return [python(), "-c", start, "--listen=127.0.0.1:%d" % port, "--threads=%d" % self.threads, self.app]


class Uwsgi(Server):
    """Its keep-alive socket: the other one closes every connection, which wrk would pay for."""

    def __init__(self, app="hello:app", path="/", threads=None):
        super().__init__("uwsgi http11-socket", app, path)
        self.threads = threads
        if not _find("uwsgi") or not _output([_find("uwsgi"), "--plugin", "python3", "--version"]):
            self.missing = "not installed (Debian: uwsgi uwsgi-plugin-python3)"

    def version(self):
        return "uwsgi " + _output([_find("uwsgi"), "--version"])

    def command(self, port, folder):
        threads = ["--threads", str(self.threads)] if self.threads else []
        return [_find("uwsgi"), "--plugin", "python3", "--http11-socket", "127.0.0.1:%d" % port, "--processes", "1",
                "--chdir", APPS, "--module", self.app, "--die-on-term", "--need-app", "--disable-logging"] + threads


class Nginx(Server):
    """No Python at all, a constant answer: the practical limit."""

    def __init__(self, path="/", connections=1024):
        super().__init__("nginx return 200", "", path)
        self.connections = connections  # nginx allocates for all of them when it starts
        if not _find("nginx"):
            self.missing = "not installed (Debian: nginx-light)"

    def version(self):
        return (_output([_find("nginx"), "-v"]) or "").rpartition(" ")[2]

    def location(self):
        return 'return 200 "Hello, World!";'

    def command(self, port, folder):
        configuration = os.path.join(folder, "nginx.conf")
        with open(configuration, "w") as file:
            file.write(NGINX.format(folder=folder, port=port, connections=self.connections, location=self.location()))
        return [_find("nginx"), "-e", "stderr", "-p", folder, "-c", configuration]
