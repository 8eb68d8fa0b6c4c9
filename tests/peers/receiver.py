"""An enterprise's receiver of the HTTP uplink, as another maker might write it with the standard library of Python: it posts a
receipt for each row of a batch.

Set-up: {"port": 8081, "refuse": {"warning": "why"}}: rows of these kinds are refused for this reason. Requests: refuse
{"kinds": {…}}: from now on these and no others.
"""

import asyncio
import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lines import read_line, say, serve, standard_input

refused = {}


class Batches(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        answer = json.dumps({"receipts": [receipt(event) for event in json.loads(body)]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def receipt(event):
    """The kind of a row is the middle of its type, `davy.warning.v1`."""
    reason = refused.get(event["type"].split(".")[1])
    status = {"status": "accepted"} if reason is None else {"status": "refused", "reason": reason}
    return {"id": event["id"], **status}


async def handle(request):
    refused.clear()
    refused.update(request["kinds"])


async def main():
    reader = await standard_input()
    setup = await read_line(reader)
    refused.update(setup["refuse"])
    server = ThreadingHTTPServer(("127.0.0.1", setup["port"]), Batches)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    say({"ready": setup["port"]})
    await serve(reader, handle)


asyncio.run(main())
