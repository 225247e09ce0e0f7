"""Where the notifications of a test arrive: a webhook and a mail server on free ports. Python's standard library only."""

import email
import email.policy
import http.server
import json
import socketserver
import threading
import time


class Inbox:
    """Keeps what arrived, with its moment, in order."""

    def __init__(self):
        self.pages = []  # (time, document), of the webhook
        self.mails = []  # (time, message)
        self._servers = []
        inbox = self

        class Webhook(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                inbox.pages.append((time.time(), document))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        class Mail(socketserver.StreamRequestHandler):
            def handle(self):
                self.say("220 inbox")
                while line := self.rfile.readline():
                    verb = line.split()[0].upper() if line.split() else b""
                    if verb == b"DATA":
                        self.say("354 go on")
                        lines = []
                        while (line := self.rfile.readline()) not in (b".\r\n", b""):
                            lines.append(line[1:] if line.startswith(b"..") else line)
                        message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
                        inbox.mails.append((time.time(), message))
                    self.say("221 bye" if verb == b"QUIT" else "250 fine")
                    if verb == b"QUIT":
                        return

            def say(self, text):
                self.wfile.write(text.encode() + b"\r\n")

        self.webhook = f"http://{self._serve(http.server.ThreadingHTTPServer, Webhook)}/"
        self.smarthost = self._serve(socketserver.ThreadingTCPServer, Mail)

    def _serve(self, kind, handler):
        server = kind(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        # Alertmanager may be ended in the middle of a mail.
        server.handle_error = lambda *_: None
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self._servers.append(server)
        return f"127.0.0.1:{server.server_address[1]}"

    def close(self):
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def alerts(self, since=0.0):
        """(time, alert) of every alert in every page that came after `since`."""
        return [(at, alert) for at, page in list(self.pages) if at > since for alert in page["alerts"]]

    def paged(self, status, since=0.0, **labels):
        """The alerts with this status and these labels that were paged."""
        return [
            (at, alert)
            for at, alert in self.alerts(since)
            if alert["status"] == status and labels.items() <= alert["labels"].items()
        ]

    def mail_to(self, recipient, *words):
        """The text of the first mail to this recipient that has all the words."""
        for _, message in list(self.mails):
            text = mail_text(message)
            if recipient in message["To"] and all(word in text for word in words):
                return message["Subject"], text
        return None


def mail_text(message):
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")
