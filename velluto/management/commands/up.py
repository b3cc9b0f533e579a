"""`manage.py up`: the whole of Velluto on one machine, in one terminal."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from argparse import ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser

from velluto import space
from velluto.jobs import processes

SERVES_WITHIN = 60.0  # seconds for the pages to answer
GRACE = 8.0  # seconds for everything to end; the worker gives a running job a little less
COLOURS = {"web": 36, "worker": 35, "demo": 33}


class Command(BaseCommand):
    help = "Prepare the database, then serve pages and do jobs until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=port_number, default=os.environ.get("PORT", "8000"))

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        refuse_a_port_in_use(host, port)
        logins = self.prepare()
        address = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0', '::') else host}:{port}"  # noqa: S104
        if settings.DEBUG:  # links in mails lead here, whatever the port
            os.environ.setdefault("VELLUTO_PUBLIC_URL", address)
        parts = {
            "web": processes.start(web_command(host, port), output=subprocess.PIPE),
            "worker": processes.start(
                [sys.executable, "manage.py", "worker", "--skip-checks", "--grace", str(GRACE - 3)],
                output=subprocess.PIPE,
            ),
        }
        self.guests: list[subprocess.Popen[bytes]] = []
        stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        for name, process in parts.items():
            threading.Thread(target=self.relay, args=(name, process), daemon=True).start()
        try:
            failed = self.watch(parts, stopped, host, port, f"{address} — Ctrl-C ends it.{logins}")
        finally:
            processes.end([*parts.values(), *self.guests], grace=GRACE)
        if failed:
            raise CommandError(f"The {failed} ended by itself; its last lines above say why.")
        self.stdout.write("\nEverything has ended.")

    def prepare(self) -> str:
        """Bring databases and static files up to date; return the words for the demo's logins, where there are any."""
        call_command("migrate", verbosity=0, interactive=False)
        call_command("migrate", database="keys", verbosity=0, interactive=False)
        space.keep_reserve()
        call_command("publish_texts", verbosity=0, stdout=io.StringIO())
        if not settings.DEBUG:
            call_command("collectstatic", verbosity=0, interactive=False)
            return ""
        if "setup_demo" not in get_commands():
            return ""
        said = io.StringIO()
        call_command("setup_demo", stdout=said)
        demo = json.loads(said.getvalue())
        return f" Demo logins: {', '.join(demo['logins'])} (password {demo['password']})."

    def invite_the_demo(self) -> None:
        """Let the demo make its voice, once, so that there is something to hear; it ends by itself."""
        demo = processes.start([sys.executable, "manage.py", "demo", "--once"], output=subprocess.PIPE)
        self.guests.append(demo)
        threading.Thread(target=self.relay, args=("demo", demo), daemon=True).start()

    def relay(self, name: str, process: subprocess.Popen[bytes]) -> None:
        """Print a part's lines behind its name."""
        assert process.stdout
        label = f"{name:<6} │ "
        if sys.stdout.isatty():
            label = f"\033[{COLOURS[name]}m{label}\033[0m"
        for line in process.stdout:
            self.stdout.write(label + line.decode("utf-8", "replace").rstrip())
            self.stdout.flush()

    def watch(
        self,
        parts: dict[str, subprocess.Popen[bytes]],
        stopped: threading.Event,
        host: str,
        port: int,
        welcome: str,
    ) -> str:
        """Wait until told to stop (return "") or until a part ends by itself (return its name)."""
        give_up_at = time.monotonic() + SERVES_WITHIN
        serving = False
        while not stopped.wait(0.2):
            for name, process in parts.items():
                if process.poll() is not None:
                    time.sleep(0.3)  # let its last lines through
                    return name
            if serving:
                continue
            if serving := answers(f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}/"):  # noqa: S104
                self.stdout.write(f"\nVelluto is at {welcome}\n")
                self.stdout.flush()
                if "demo" in get_commands() and settings.DEBUG:
                    self.invite_the_demo()
            elif time.monotonic() > give_up_at:
                raise CommandError(f"No page answered within {SERVES_WITHIN:.0f} seconds.")
        return ""


def port_number(text: str) -> int:
    """Return the port that somebody typed; raise ArgumentTypeError where it is none."""
    if not text.isdecimal() or int(text) > 65535:
        raise ArgumentTypeError(f"“{text}” is no port: choose a number from 1024 to 65535")
    return int(text)


def refuse_a_port_in_use(host: str, port: int) -> None:
    """Raise CommandError with the next step where the address cannot be taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Velluto cannot listen on {host}:{port} ({os.strerror(error.errno or 0)}). "
                f"End the program that does, or choose another port: make run PORT={port + 1 if port else 8000}"
            ) from error


def web_command(host: str, port: int) -> list[str]:
    """Return the command of the web server: threads, because pages wait for the database and never for a model."""
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    command = [sys.executable, "-m", "gunicorn", settings.WSGI_APPLICATION.replace(".application", ":application")]
    options = ["--bind", bind, "--workers", "2", "--threads", "8", "--no-control-socket", "--log-level", "warning"]
    return command + options + ["--graceful-timeout", "3"]


def answers(url: str) -> bool:
    """Tell whether a page of any kind comes back."""
    try:
        urllib.request.urlopen(url, timeout=5)  # noqa: S310  (our own address)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
