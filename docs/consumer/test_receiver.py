"""What the receiver answers: `python -m unittest`."""

import gzip
import http.client
import json
import tempfile
import threading
import unittest

import receiver
import store
from test_tables import message

TOKEN = {"Authorization": "Bearer secret"}


class Receiver(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.database = store.Database(f"{folder.name}/davy.db")
        self.addCleanup(self.database.connection.close)
        self.database.make_tables()
        receiver.Receiver.log_message = lambda *_: None
        self.server = receiver.server(f"{folder.name}/davy.db", "127.0.0.1", 0, "secret")
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def post(self, body: bytes, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_address[1], timeout=30)
        self.addCleanup(connection.close)
        connection.request("POST", "/davy/events", body, {**TOKEN, **headers})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")

    def rows(self):
        return self.database.rows("SELECT count(*) FROM event")[0][0]

    def test_a_batch_is_stored_and_a_row_that_never_can_be_is_refused_alone(self):
        batch = [message(1, state="raised"), {"id": "gw-1/1/2"}, message(3, state="closed"), 7]
        status, body = self.post(gzip.compress(json.dumps(batch).encode()), **{"Content-Encoding": "gzip"})
        self.assertEqual((status, [each["status"] for each in body["receipts"]]), (200, ["accepted", "refused", "accepted", "refused"]))
        self.assertEqual(self.rows(), 2)

    def test_an_empty_batch_is_a_question(self):
        self.assertEqual(self.post(b"[]"), (200, {}))

    def test_nothing_is_taken_without_the_token(self):
        self.assertEqual(self.post(json.dumps([message(1)]).encode(), Authorization="Bearer other")[0], 401)
        self.assertEqual(self.rows(), 0)

    def test_what_is_too_large_or_cannot_be_read_is_not_taken(self):
        bomb = gzip.compress(b" " * (receiver.BODY_MAX + 1))
        self.assertEqual(self.post(bomb, **{"Content-Encoding": "gzip"})[0], 400)
        self.assertEqual(self.post(b"no gzip", **{"Content-Encoding": "gzip"})[0], 400)
        self.assertEqual(self.post(b"{}")[0], 400)
        self.assertEqual(self.post(b"[]", **{"Content-Encoding": "zstd"})[0], 400)
        self.assertEqual(self.post(b"", **{"Content-Length": str(receiver.BODY_MAX + 1)})[0], 413)
        self.assertEqual(self.rows(), 0)


if __name__ == "__main__":
    unittest.main()
