"""A small web server for the pages of this folder: real templates, real static files, scripted answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

from django.template import Context, Engine

ROOT = Path(__file__).resolve().parents[2]
PAGES = Path(__file__).resolve().parent
KINDS = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".wav": "audio/wav",
    ".f32": "application/octet-stream",
}

# What the pages need and no more; blob: is the recording one listens to before sending it.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "media-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    fields: dict[str, bytes]


@dataclass
class Answer:
    body: dict[str, object]
    status: int = 200
    location: str = ""  # redirect there instead
    drop: bool = False  # cut the connection without an answer


Reply = Answer | Callable[[Received], Answer]


@dataclass
class Site:
    """Serve pages/, the project's partials and static files; answer scripted paths and remember what they received."""

    permissions_policy: str = "microphone=(self)"
    context: dict[str, object] = field(default_factory=dict)
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engine = Engine(
            dirs=[PAGES, ROOT / "templates"], libraries={"static": "django.templatetags.static"}, autoescape=True
        )

    def __enter__(self) -> Site:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.get(self)

            def do_POST(self) -> None:
                site.post(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        port = self.server.server_port
        self.url = f"http://localhost:{port}"
        self.insecure_url = f"http://velluto.test:{port}"  # the fixtures' Chromium finds this name here
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def on(self, path: str, *replies: Reply) -> None:
        """Answer `path` with each reply in turn, and with the last one from then on."""
        self.replies[path] = list(replies)

    def asked(self, path: str) -> list[Received]:
        return [one for one in self.received if one.path == path]

    # ------------------------------------------------------------------------------------------------ answering
    def get(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path.partition("?")[0]
        if path in self.replies:
            self.reply(handler, Received(path, dict(handler.headers), {}))
        elif path in self.files:
            self.write(handler, 200, KINDS[Path(path).suffix], self.files[path])
        elif path.startswith("/static/") and (ROOT / path[1:]).is_file():
            self.write(handler, 200, KINDS[Path(path).suffix], (ROOT / path[1:]).read_bytes())
        elif (PAGES / "pages" / f"{path[1:]}.html").is_file():
            page = self.engine.get_template(f"pages/{path[1:]}.html")
            context = Context({"csrf_token": "a-token", **self.context})
            self.write(handler, 200, "text/html; charset=utf-8", page.render(context).encode())
        else:
            self.write(handler, 404, "text/plain", b"nothing here")

    def post(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        fields: dict[str, bytes] = {}
        if handler.headers.get("Content-Type", "").startswith("multipart/form-data"):
            head = f"Content-Type: {handler.headers['Content-Type']}\r\n\r\n".encode()
            for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
                fields[str(part.get_param("name", header="content-disposition"))] = part.get_payload(decode=True)
        self.reply(handler, Received(handler.path, dict(handler.headers), fields))

    def reply(self, handler: BaseHTTPRequestHandler, received: Received) -> None:
        self.received.append(received)
        waiting = self.replies.get(received.path, [Answer({}, 404)])
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if callable(answer):
            answer = answer(received)
        if answer.drop:
            handler.close_connection = True
            return
        self.write(handler, answer.status, "application/json", json.dumps(answer.body).encode(), answer.location)

    def write(self, handler: BaseHTTPRequestHandler, status: int, kind: str, body: bytes, location: str = "") -> None:
        handler.send_response(303 if location else status)
        if location:
            handler.send_header("Location", location)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        handler.send_header("Cache-Control", "no-store")
        handler.send_header("Content-Security-Policy", POLICY)
        handler.send_header("Permissions-Policy", self.permissions_policy)
        handler.end_headers()
        handler.wfile.write(body)
