"""Runs Twilio's and Telnyx's own client libraries against a running simulator, and checks with them what it signs.

Usage: interop.py http://127.0.0.1:PORT ACCOUNT TOKEN NUMBER PROFILE KEY NUMBER PUBLIC_KEY
"""

import http.server
import json
import sys
import threading
import time
import traceback
import urllib.request
from urllib.parse import parse_qs

import telnyx
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

ANNA = "+393331234567"
TOLD = []


class Hook(http.server.BaseHTTPRequestHandler):
    """Notes what it is brought."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        TOLD.append((self.path, dict(self.headers.items()), body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


class ToSimulator(TwilioHttpClient):
    """Carries what is meant for Twilio to the simulator."""

    def __init__(self, base):
        super().__init__()
        self.base = base

    def request(self, method, url, *args, **kwargs):
        return super().request(method, url.replace("https://api.twilio.com", self.base), *args, **kwargs)


def say(base, path, **said):
    request = urllib.request.Request(f"{base}/sim/{path}", json.dumps(said).encode(), method="POST")
    request.add_header("content-type", "application/json")
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.loads(response.read())


def told(which, count=1):
    """What came to a path, once there is that much of it."""
    for _ in range(500):
        found = [one for one in TOLD if one[0].startswith(which)]
        if len(found) >= count:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{which}: {TOLD}")


def by_twilio(base, hook, account, token, number):
    client = Client(account, token, http_client=ToSimulator(base))
    own = client.incoming_phone_numbers.list(phone_number=number)
    assert [one.phone_number for one in own] == [number]
    client.incoming_phone_numbers(own[0].sid).update(sms_url=f"{hook}/twilio?x=%20a", sms_method="POST")
    sent = client.messages.create(to=ANNA, from_=number, body="Ciao 🍞", status_callback=f"{hook}/status?id=msg_1")
    assert sent.sid.startswith("SM") and sent.status == "queued"
    assert client.messages(sent.sid).fetch().body == "Ciao 🍞"
    try:
        client.messages.create(to="nobody", from_=number, body="x")
        raise AssertionError("taken")
    except TwilioRestException as refused:
        assert (refused.code, refused.status) == (21211, 400)
    said = say(base, f"twilio/{account}/messages", person=ANNA, text="  Sì, è così & più  ")
    assert said["sid"] in [one.sid for one in client.messages.list()]
    validator = RequestValidator(token)
    for path, headers, body in told("/twilio") + told("/status", 2):
        form = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
        signature = headers["x-twilio-signature"]
        assert validator.validate(hook + path, form, signature), path
        assert not validator.validate(hook + path, {**form, "Body": "another"}, signature)
    assert client.messages(sent.sid).delete()
    assert sent.sid not in [one.sid for one in client.messages.list()]


def by_telnyx(base, hook, profile, key, number, public_key):
    client = telnyx.Telnyx(api_key=key, public_key=public_key, base_url=f"{base}/v2", max_retries=0)
    client.messaging_profiles.update(profile, webhook_url=f"{hook}/telnyx")
    order = dict(to=ANNA, from_=number, text="Ciao 🍞", type="SMS", idempotency_key="obx_1")
    first = client.messages.send(**order)
    assert first.data.id and client.messages.send(**order).data.id == first.data.id, "the same order"
    try:
        client.messages.send(**{**order, "text": "another"})
        raise AssertionError("taken")
    except telnyx.UnprocessableEntityError:
        pass
    try:
        telnyx.Telnyx(api_key="KEYwrong", base_url=f"{base}/v2", max_retries=0).messages.send(**order)
        raise AssertionError("taken")
    except telnyx.AuthenticationError:
        pass
    say(base, f"telnyx/{profile}/messages", person=ANNA, text="Sì, è così & più 😀")
    kinds = []
    for _, headers, body in told("/telnyx", 3):
        event = client.webhooks.unwrap(body, headers=headers)
        kinds.append(event.data.event_type)
        try:
            client.webhooks.unwrap(body + " ", headers=headers)
            raise AssertionError("believed")
        except ValueError:
            pass
    assert sorted(kinds) == ["message.finalized", "message.received", "message.sent"], kinds


def main(base, *given):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hook = f"http://127.0.0.1:{server.server_port}"
    passed = failed = 0
    for check, arguments in ((by_twilio, given[:3]), (by_telnyx, given[3:])):
        try:
            check(base.rstrip("/"), hook, *arguments)
            passed += 1
            print(f"ok    {check.__name__}")
        except Exception:
            failed += 1
            print(f"FAIL  {check.__name__}\n{traceback.format_exc()}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if len(sys.argv) != 9:
    sys.exit(__doc__)
main(*sys.argv[1:])
