"""A Qumulo cluster of a few lines, which a script can give other answers and switch off."""

import pathlib
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAYLOADS = pathlib.Path(__file__).resolve().parents[1] / "payloads/qumulo/7.8.0"
SOURCES = "/v2/replication/source-relationships/status/"
ANSWERS = {
    "/v1/node/state": "node_state",
    "/v1/cluster/settings": "cluster_settings",
    "/v1/version": "version",
    SOURCES: "source_relationships_status",
}
# What a configuration asks such a cluster for.
SECTIONS = '["system", "replication_source"]'


def payload(path):
    return (PAYLOADS / f"{ANSWERS[path]}.json").read_bytes()


class Cluster(ThreadingHTTPServer):
    """Serves at this address until the end of the script, or until it is switched off with all its connections."""

    daemon_threads = True

    def __init__(self, address="127.0.0.1", port=0, bodies={}):
        self.asked, self.is_off = 0, False
        answers = {path: payload(path) for path in ANSWERS} | bodies
        cluster = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                if cluster.is_off:
                    self.close_connection = True
                    return
                cluster.asked += 1
                body = answers.get(self.path, b"{}")
                self.send_response(200 if self.path in answers else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        super().__init__((address, port), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def server_bind(self):
        # HTTPServer's own asks the resolver for its name.
        socketserver.TCPServer.server_bind(self)
        self.server_port = self.server_address[1]

    def switch_off(self):
        self.is_off = True
        self.shutdown()
        self.server_close()
