"""Takes what gateways post over HTTP (`[[uplink.http]]`, docs/schemas/uplink_http.json) into the same tables.

    python receiver.py --database davy.db --port 8070 --token-file token

A gateway counts a row as sent when it is answered, which is after the commit: with no broker in between nothing is lost that
nobody notices. Put a server that speaks TLS in front; to this address alone it listens without. Only gzip is read, the default.
"""

import argparse
import hmac
import http.server
import json
import pathlib
import zlib

import store

# A batch is at most 4 MB and one row beyond it before it is compressed.
BODY_MAX = 8 << 20


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 120

    def setup(self):
        super().setup()
        self.database = store.Database(self.server.database)

    def finish(self):
        super().finish()
        self.database.connection.close()

    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > BODY_MAX:
            self.close_connection = True
            return self.answer(413)
        body = self.rfile.read(int(length))
        if self.server.token and not hmac.compare_digest(self.headers.get("Authorization", ""), f"Bearer {self.server.token}"):
            return self.answer(401)
        try:
            messages = json.loads(unpacked(body, self.headers.get("Content-Encoding")))
            if not isinstance(messages, list):
                raise ValueError("no list of events")
        except ValueError as error:
            self.log_error("a batch cannot be read: %s", error)
            return self.answer(400)
        # An empty batch asks whether anybody is there.
        self.answer(200, self.receipts(messages) if messages else {})

    def receipts(self, messages: list) -> dict:
        """A row that can never be taken is refused, with the reason: the gateway parks it and goes on. To upsert by id is
        enough, so `Idempotency-Key` is not looked at."""
        events, samples, receipts = [], [], []
        for message in messages:
            try:
                event, _, values = store.read(message)
                if event is None and message["type"] != "davy.sample.v1":
                    raise ValueError("neither a row of a journal nor values")
                events.extend([event] if event else [])
                samples.extend(values)
                receipts.append({"id": message["id"], "status": "accepted"})
            except ValueError as error:
                name = message.get("id", "") if isinstance(message, dict) else ""
                receipts.append({"id": name, "status": "refused", "reason": str(error)})
        # If this fails the connection breaks without an answer, and the gateway sends the batch again.
        store.take(self.database, events, samples=samples)
        return {"receipts": receipts}

    def answer(self, status: int, body: dict | None = None):
        text = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_request(self, *_):
        """Only what goes wrong is worth a line."""


def unpacked(body: bytes, encoding: str | None) -> bytes:
    if encoding is None:
        return body
    if encoding != "gzip":
        raise ValueError(f"{encoding} is not read here; write compress = \"gzip\" in the uplink")
    unzip = zlib.decompressobj(wbits=31)
    try:
        text = unzip.decompress(body, BODY_MAX)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not unzip.eof:
        raise ValueError(f"not whole, or more than {BODY_MAX} bytes")
    return text


def server(database: str, host: str, port: int, token: str | None) -> http.server.ThreadingHTTPServer:
    listening = http.server.ThreadingHTTPServer((host, port), Receiver)
    listening.daemon_threads = True
    listening.database, listening.token = database, token
    return listening


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8070)
    parser.add_argument("--token-file", help="a file with the bearer token that gateways show, readable by nobody else")
    args = parser.parse_args()
    token = pathlib.Path(args.token_file).read_text("utf-8").strip() if args.token_file else None
    listening = server(args.database, args.host, args.port, token)
    print(f"listening on {args.host}:{listening.server_address[1]}", flush=True)
    listening.serve_forever()
