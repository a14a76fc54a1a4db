"""What the checks share: the simulator's control interface, the library pointed at it, a webhook, counting."""

import http.server
import json
import threading
import time
import traceback
import urllib.parse
import urllib.request

import httpx
from pywa import WhatsApp

NUMBER = "200000000000001"
ACCOUNT = "100000000000001"
ANNA = "anna"
ANNAS = "393331234567"
WORD = "the word of the webhook"


class ToSimulator(httpx.HTTPTransport):
    """Carries what is meant for Meta to the simulator, and leaves everything else as it is."""

    def __init__(self, base):
        super().__init__()
        self.base = httpx.URL(base)

    def handle_request(self, request):
        if request.url.host == "graph.facebook.com":
            base = self.base
            request.url = request.url.copy_with(scheme=base.scheme, host=base.host, port=base.port)
            request.headers["Host"] = f"{base.host}:{base.port}"
        return super().handle_request(request)


class World:
    def __init__(self, base, app, secret, token):
        self.base = base.rstrip("/")
        self.app = app
        self.passed = 0
        self.failed = 0
        self.wa = WhatsApp(
            phone_id=NUMBER,
            token=token,
            session=httpx.Client(transport=ToSimulator(base), timeout=10),
            waba_id=ACCOUNT,
            app_id=app,
            app_secret=secret,
            verify_token=WORD,
            skip_duplicate_updates=False,
        )

    def sim(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.base}/sim/{path}", data, method=method)
        request.add_header("content-type", "application/json")
        with urllib.request.urlopen(request, timeout=10) as response:
            text = response.read()
        return json.loads(text) if text else None

    def chat(self, method, path, body=None):
        """Something in Anna's chat with the business."""
        return self.sim(method, f"whatsapp/numbers/{NUMBER}/people/{ANNA}/{path}", body)

    def say(self, **saying):
        return self.chat("POST", "messages", saying)["message_id"]

    def last(self):
        """What Anna's phone shows last."""
        return self.chat("GET", "messages")[-1]

    def until(self, what, look):
        """Waits until `look` answers something, for at most five seconds."""
        for _ in range(100):
            found = look()
            if found:
                return found
            time.sleep(0.05)
        raise AssertionError(f"waited in vain for {what}")

    def check(self, name, act):
        try:
            act()
            self.passed += 1
            print(f"ok      {name}")
        except Exception:
            self.failed += 1
            print(f"FAILED  {name}: {traceback.format_exc()}")


class Webhook:
    """A webhook whose answers are the library's own: its handshake, its check of the signature, its reading."""

    def __init__(self, world):
        self.told = []
        self.bodies = []
        self.statuses = []
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
                answer, status = world.wa.webhook_challenge_handler(query.get("hub.verify_token"), query.get("hub.challenge"))
                self.answer(status, answer)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                refused = world.wa.webhook_update_validator(body, self.headers["X-Hub-Signature-256"])
                answer, status = refused or world.wa.webhook_update_handler(body)
                hook.bodies.append((body, self.headers["X-Hub-Signature-256"]))
                hook.statuses.append(status)
                self.answer(status, answer)

            def answer(self, status, text):
                self.send_response(status)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def heard(self, world, kind, fits=lambda update: True):
        """The first update of this type that fits, as the library understood it."""
        found = lambda: [one for one in list(self.told) if type(one) is kind and fits(one)]
        return world.until(kind.__name__, found)[0]
