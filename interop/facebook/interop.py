"""Runs Meta's own library against a running simulator, for pages (Messenger) and professional accounts (Instagram).

Usage: interop.py http://127.0.0.1:PORT APP SECRET TOKEN PERSON PAGE PROFESSIONAL
"""

import hashlib
import hmac
import http.server
import json
import sys
import threading
import time
import traceback
import urllib.parse

import requests
from facebook_business.adobjects.application import Application
from facebook_business.adobjects.page import Page
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

FIELDS = ["messages", "messaging_postbacks", "message_reads"]
WORD = "a word of ours"
TOLD = []


class Hook(http.server.BaseHTTPRequestHandler):
    """Answers the handshake, and notes what it is brought: the signature, and the bytes as they are."""

    def do_GET(self):
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(self.path).query))
        self.answer(asked["hub.challenge"] if asked.get("hub.verify_token") == WORD else "no")

    def do_POST(self):
        TOLD.append((self.headers["x-hub-signature-256"], self.rfile.read(int(self.headers["content-length"]))))
        self.answer("")

    def answer(self, said):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(said.encode())

    def log_message(self, *_):
        pass


def told(what):
    """The delivery that says this, once it is there, and what it is signed with."""
    for _ in range(500):
        for signature, body in TOLD:
            if what in body.decode():
                return signature, body
        time.sleep(0.02)
    raise AssertionError(f"{what}: {TOLD}")


class World:
    def __init__(self, base, app, secret, token, person, page, professional):
        self.base, self.app, self.secret, self.person = base, app, secret, person
        self.accounts = {"page": page, "instagram": professional}
        FacebookSession.GRAPH = base
        # With the secret, the library proves it in every call.
        self.api = FacebookAdsApi(FacebookSession(app, secret, token), api_version="v26.0")
        self.own = FacebookAdsApi(FacebookSession(app, None, f"{app}|{secret}"), api_version="v26.0")

    def sim(self, account, **deed):
        reply = requests.post(f"{self.base}/sim/pages/{account}/{self.person}/deeds", json=deed, timeout=10)
        reply.raise_for_status()
        return reply.json()

    def transcript(self, account):
        return requests.get(f"{self.base}/sim/pages/{account}/{self.person}", timeout=10).json()


def refused(code, subcode, act):
    try:
        act()
    except FacebookRequestError as error:
        assert (error.api_error_code(), error.api_error_subcode()) == (code, subcode), error
        return
    raise AssertionError("taken")


def hooks_are_signed(world):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/hooks/chn_1"
    app = Application(world.app, api=world.own)
    for kind, account in world.accounts.items():
        known = dict(object=kind, callback_url=url, fields=FIELDS, include_values=True)
        app.create_subscription(params={**known, "verify_token": WORD})
        Page(account, api=world.api).create_subscribed_app(params={"subscribed_fields": FIELDS})
        listening = Page(account, api=world.api).get_subscribed_apps()
        assert [one["id"] for one in listening] == [world.app], listening
        world.sim(account, do="say", text=f"Sì? {kind}")
        signature, body = told(kind)
        expected = hmac.new(world.secret.encode(), body, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(signature, f"sha256={expected}"), signature
        assert b"S\\u00ec" in body, "what is no ASCII is escaped"
        event = json.loads(body)["entry"][0]["messaging"][0]
        assert (event["recipient"]["id"], event["message"]["text"]) == (account, f"Sì? {kind}"), event
        world.known = {**getattr(world, "known", {}), kind: event["sender"]["id"]}


def answers_are_taken(world):
    for kind, account in world.accounts.items():
        page, to = Page(account, api=world.api), {"id": world.known[kind]}
        said = dict(recipient=to, messaging_type="RESPONSE", message={"text": "Sì, fino alle sei."})
        sent = page.create_message(params=said)
        assert sent["recipient_id"] == world.known[kind] and sent["message_id"]
        page.create_message(params={"recipient": to, "sender_action": "typing_on"})
        choices = [{"content_type": "text", "title": title, "payload": title} for title in ("Pane", "Dolci")]
        page.create_message(params={**said, "message": {"text": "Che cosa?", "quick_replies": choices}})
        shown = [line for line in world.transcript(account) if not line["by_person"]]
        assert [line["text"] for line in shown] == ["Sì, fino alle sei.", "Che cosa?"], shown
        assert shown[1]["buttons"] == ["Pane", "Dolci"], shown
        refused(100, 2018001, lambda: page.create_message(params={**said, "recipient": {"id": "4242"}}))


def another_secret_proves_nothing(world):
    wrong = FacebookAdsApi(FacebookSession(world.app, "another", world.api._session.access_token), api_version="v26.0")
    refused(100, None, lambda: Page(world.accounts["page"], api=wrong).get_subscribed_apps())


def main(base, *given):
    world = World(base.rstrip("/"), *given)
    passed = failed = 0
    for check in (hooks_are_signed, answers_are_taken, another_secret_proves_nothing):
        try:
            check(world)
            passed += 1
            print(f"ok    {check.__name__}")
        except Exception:
            failed += 1
            print(f"FAIL  {check.__name__}\n{traceback.format_exc()}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if len(sys.argv) != 8:
    sys.exit(__doc__)
main(*sys.argv[1:])
