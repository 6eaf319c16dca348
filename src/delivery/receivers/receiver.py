# A receiver of Giro's webhooks: Python 3.9 alone. PORT, WEBHOOK_SECRET (whsec_…), INBOX.
import base64
import hashlib
import hmac
import json
import os
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

INBOX = os.environ.get("INBOX", "inbox")
TOLERANCE_S = 300
MOST_BYTES = 1024 * 1024

kind, _, text = os.environ["WEBHOOK_SECRET"].partition("_")
if kind != "whsec":
    raise SystemExit("Python has no ed25519 of its own: WEBHOOK_SECRET must be a whsec_")
KEY = base64.b64decode(text)


def is_genuine(headers, body):
    webhook_id = headers.get("webhook-id", "")
    sent = headers.get("webhook-timestamp", "")
    if not (sent.isascii() and sent.isdigit()) or abs(time.time() - int(sent)) > TOLERANCE_S:
        return False
    signed = f"{webhook_id}.{sent}.".encode("latin-1") + body
    right = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest())
    # One of several is enough: while a secret is rotated, the old one signs beside the new one.
    for one in headers.get("webhook-signature", "").split(" "):
        version, _, given = one.partition(",")
        if version == "v1" and hmac.compare_digest(given.encode("latin-1"), right):
            return True
    return False


def keep(webhook_id, body):
    """Keeps an event once, whole or not at all. A table with the id as its key is as good."""
    with tempfile.NamedTemporaryFile(dir=INBOX, prefix=".draft") as draft:
        draft.write(body)
        draft.flush()
        os.fsync(draft.fileno())
        try:
            os.link(draft.name, os.path.join(INBOX, f"{webhook_id}.json"))
        except FileExistsError:
            pass  # It came before.


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_POST(self):
        length = self.headers.get("content-length", "")
        if not length.isdigit() or int(length) > MOST_BYTES:
            self.close_connection = True
            return self.answer(413)
        body = self.rfile.read(int(length))
        if not is_genuine(self.headers, body):
            return self.answer(401)
        # Whatever else comes is taken and left alone, such as giro.test.
        if json.loads(body)["type"] == "payment.received":
            keep(self.headers["webhook-id"], body)
        self.answer(204)

    def do_GET(self):
        self.answer(405)

    def answer(self, status):
        self.send_response(status)
        if status != 204:
            self.send_header("content-length", "0")
        self.end_headers()


os.makedirs(INBOX, exist_ok=True)
ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8080"))), Receiver).serve_forever()
