"""Runs Google's own client libraries against a running simulator, and checks with them what it signs.

Usage: interop.py http://127.0.0.1:PORT ADDRESS CLIENT_ID CLIENT_SECRET
"""

import base64
import email.message
import email.policy
import hashlib
import http.server
import json
import sys
import threading
import time
import traceback
import urllib.parse

import google.auth.transport.requests
import googleapiclient.discovery
import googleapiclient.discovery_cache
import requests
from google.oauth2 import credentials, id_token
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaInMemoryUpload

TOPIC = "projects/shop/topics/mail"
CALLER = "push@shop.iam.gserviceaccount.example"
SCOPES = ["https://www.googleapis.com/auth/gmail.readonly", "https://www.googleapis.com/auth/gmail.send"]
BACK = "https://parloir.example/oauth/callback"
TOLD = []


class Hook(http.server.BaseHTTPRequestHandler):
    """Notes what it is brought."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        TOLD.append((self.path, self.headers["authorization"], json.loads(body)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def told(which, count=1):
    """What came to a path, once there is that much of it."""
    for _ in range(500):
        found = [one for one in TOLD if one[0] == which]
        if len(found) >= count:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{which}: {TOLD}")


def say(base, path, **said):
    requests.post(f"{base}/sim/google/{path}", json=said, timeout=10).raise_for_status()


def refused(status, call):
    try:
        call()
    except HttpError as error:
        assert error.status_code == status, error
        return
    raise AssertionError("taken")


class World:
    def __init__(self, base, address, client, secret):
        self.base, self.address, self.client, self.secret = base, address, client, secret
        self.credentials = self.signed_in()
        # Uploads go to the document's own root, so it is the simulator there.
        document = json.loads(googleapiclient.discovery_cache.get_static_doc("gmail", "v1"))
        document.update(rootUrl=f"{base}/google/", baseUrl=f"{base}/google/")
        self.gmail = googleapiclient.discovery.build_from_document(document, credentials=self.credentials).users()

    def signed_in(self):
        """The way of RFC 6749 and RFC 7636, then the library's own renewal."""
        verifier = "v" * 64
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = dict(client_id=self.client, redirect_uri=BACK, response_type="code", scope=" ".join(SCOPES), state="s",
                     access_type="offline", code_challenge_method="S256",
                     code_challenge=base64.urlsafe_b64encode(digest).decode().rstrip("="))
        page = requests.get(f"{self.base}/google/o/oauth2/v2/auth", asked, allow_redirects=False, timeout=10)
        back = urllib.parse.parse_qs(urllib.parse.urlparse(page.headers["location"]).query)
        grant = dict(grant_type="authorization_code", code=back["code"][0], redirect_uri=BACK, code_verifier=verifier,
                     client_id=self.client, client_secret=self.secret)
        tokens = requests.post(f"{self.base}/google/token", grant, timeout=10).json()
        known = credentials.Credentials(None, refresh_token=tokens["refresh_token"], scopes=SCOPES,
                                        token_uri=f"{self.base}/google/token", client_id=self.client, client_secret=self.secret)
        known.refresh(google.auth.transport.requests.Request())
        assert known.valid and known.token != tokens["access_token"] and known.expired is False
        return known


def mail_is_read_and_answered(world):
    gmail, messages = world.gmail, world.gmail.messages()
    before = gmail.getProfile(userId="me").execute()
    assert before["emailAddress"] == world.address
    for number in range(3):
        say(world.base, f"{world.address}/letters", **{"from": "anna@example.org"}, subject=f"Bread {number}", text="Sì?")
    changes = gmail.history().list(userId="me", startHistoryId=before["historyId"], historyTypes=["messageAdded"],
                                   labelId="INBOX").execute()
    ids = [one["message"]["id"] for entry in changes["history"] for one in entry["messagesAdded"]]
    assert len(ids) == 3 and int(changes["historyId"]) > int(before["historyId"])
    found = messages.get(userId="me", id=ids[0], format="raw").execute()
    mail = email.message_from_bytes(base64.urlsafe_b64decode(found["raw"]), policy=email.policy.default)
    assert mail["subject"] == "Bread 0" and mail.get_content().strip() == "Sì?", mail
    answer = email.message.EmailMessage()
    answer["To"], answer["From"], answer["Subject"] = "anna@example.org", world.address, "Re: Bread 0"
    answer["Message-ID"], answer["In-Reply-To"] = "<reply-1@shop.example>", mail["message-id"]
    answer.set_content("Sì, fino alle sei.")
    # The library writes what it uploads as text, so the mail is to be of seven bits.
    written = answer.as_bytes(policy=email.policy.SMTP.clone(cte_type="7bit"))
    media = MediaInMemoryUpload(written, mimetype="message/rfc822")
    sent = messages.send(userId="me", body={"threadId": found["threadId"]}, media_body=media).execute()
    assert sent["threadId"] == found["threadId"]
    listed = messages.list(userId="me", q="rfc822msgid:reply-1@shop.example").execute()
    assert [one["id"] for one in listed["messages"]] == [sent["id"]]
    refused(404, lambda: messages.get(userId="me", id="18c0ffee", format="raw").execute())
    refused(404, lambda: gmail.history().list(userId="me", startHistoryId="1").execute())


def a_watched_mailbox_tells(world):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hook = f"http://127.0.0.1:{server.server_port}/hooks/chn_1"
    refused(400, lambda: world.gmail.watch(userId="me", body={"topicName": TOPIC}).execute())
    say(world.base, "topics", topic=TOPIC, hook=hook, account=CALLER)
    watched = world.gmail.watch(userId="me", body={"topicName": TOPIC, "labelIds": ["INBOX"]}).execute()
    assert int(watched["expiration"]) > 0
    say(world.base, f"{world.address}/letters", **{"from": "anna@example.org"}, subject="Cake", text="And cake?")
    certs = f"{world.base}/google/oauth2/v3/certs"
    for _, authorization, body in told("/hooks/chn_1", 2):
        said = json.loads(base64.b64decode(body["message"]["data"]))
        assert said["emailAddress"] == world.address and int(said["historyId"]) >= int(watched["historyId"])
        token = authorization.removeprefix("Bearer ")
        claims = id_token.verify_token(token, google.auth.transport.requests.Request(), audience=hook, certs_url=certs)
        assert claims["email"] == CALLER and claims["email_verified"] and claims["iss"] == "https://accounts.google.com"
        for wrong in (dict(audience="https://other.example"), dict(audience=hook, token=token[:-4] + "AAAA")):
            try:
                id_token.verify_token(wrong.pop("token", token), google.auth.transport.requests.Request(), certs_url=certs, **wrong)
            except Exception:
                continue
            raise AssertionError("believed")
    world.gmail.stop(userId="me").execute()


def main(base, *given):
    world = World(base.rstrip("/"), *given)
    passed = failed = 0
    for check in (mail_is_read_and_answered, a_watched_mailbox_tells):
        try:
            check(world)
            passed += 1
            print(f"ok    {check.__name__}")
        except Exception:
            failed += 1
            print(f"FAIL  {check.__name__}\n{traceback.format_exc()}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if len(sys.argv) != 5:
    sys.exit(__doc__)
main(*sys.argv[1:])
