"""Takes what gateways publish over MQTT and keeps it in tables; see README.md.

    python store.py davy.db
    python consumer.py --broker 10.0.0.5 --database davy.db --name consumer-1 --presence
    python consumer.py --broker 10.0.0.5 --database davy.db --name consumer-2

Members of one group share the messages; each has a name of its own that it keeps for ever. Exactly one has --presence. Instead of
sharing, members can have topics of their own (--topic), such as those of a company each: README.md says when that is better.
"""

import argparse
import json
import pathlib
import signal
import ssl
import sys
import time

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

import store

SHARED = "$share/platform/davy/v1/+/+/+/+"
STATUS = "davy/v1/+/+/live/status"
# How long the broker keeps what it has for a member that is away. What a member has not got by then is lost: only gaps.py tells.
SESSION_S = 30 * 24 * 3600
# Beyond so many messages, or so long after the first of them, a batch is written.
BATCH_MAX = 500
BATCH_S = 0.02
RETRY_S = 1


class Consumer:
    def __init__(self, args):
        self.args = args
        self.database = store.Database(args.database)
        self.events, self.links, self.samples, self.unreadable, self.unacknowledged = [], [], [], [], []
        self.batch_begun = 0.0
        self.stopping = False
        self.figures = {"messages": 0, "batches": 0, "in_database_s": 0.0}
        self.client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id=args.name, protocol=mqtt.MQTTv5, manual_ack=True
        )
        self.client.on_connect, self.client.on_message, self.client.on_subscribe = self.connected, self.heard, self.subscribed
        if args.ca:
            self.client.tls_set(ca_certs=args.ca, tls_version=ssl.PROTOCOL_TLS_CLIENT)
        if args.user:
            self.client.username_pw_set(args.user, pathlib.Path(args.password_file).read_text("utf-8").strip())

    def run(self):
        while not self.stopping:
            try:
                self.connect()
                self.listen()
            except OSError as error:
                say(f"no connection to {self.args.broker}:{self.args.port}: {error}")
            # What was not acknowledged on this connection comes again on the next one.
            self.forget()
            if not self.stopping:
                time.sleep(RETRY_S)

    def connect(self):
        session = Properties(PacketTypes.CONNECT)
        session.SessionExpiryInterval = SESSION_S
        # So many may be on their way unacknowledged: one batch arrives while another is written.
        session.ReceiveMaximum = 2 * BATCH_MAX
        self.client.connect(self.args.broker, self.args.port, keepalive=30, clean_start=False, properties=session)

    def connected(self, client, _userdata, _flags, reason, _properties):
        if reason.is_failure:
            say(f"the broker refuses the connection: {reason}")
            return
        # Always, not only in a new session: a broker that was restarted has forgotten shared subscriptions even where it has kept
        # the session.
        topics = [(topic, 1) for topic in self.args.topic or [SHARED]]
        if self.args.presence:
            # A shared subscription is given no retained messages (MQTT 5.0, 4.8.2), so who is online needs one of its own. One
            # member alone listens to it: announcements have no sequence, their order is that of arrival.
            topics.append((STATUS, 1))
        client.subscribe(topics)

    def subscribed(self, _client, _userdata, _mid, reasons, _properties):
        for reason in reasons:
            if reason.is_failure:
                say(f"the broker refuses the subscription: {reason}")
                return
        say("subscribed")

    def listen(self):
        """Until the connection is lost, or all is done after a signal."""
        while self.client.loop(timeout=BATCH_S) == mqtt.MQTT_ERR_SUCCESS:
            due = len(self.unacknowledged) >= BATCH_MAX or time.monotonic() - self.batch_begun >= BATCH_S
            if self.unacknowledged and (due or self.stopping):
                self.write()
            if self.stopping:
                self.client.disconnect()
                return

    def heard(self, _client, _userdata, message):
        if not self.unacknowledged:
            self.batch_begun = time.monotonic()
        self.unacknowledged.append(message.mid)
        try:
            event, link, samples = store.read(json.loads(message.payload))
            if event:
                self.events.append(event)
            self.samples.extend(samples)
            if link and self.args.presence:
                self.links.append(link)
        except ValueError as error:
            text = message.payload.decode("utf-8", "replace").replace("\0", "")
            self.unreadable.append((store.milliseconds(), message.topic, str(error), text))

    def write(self):
        """The one place where it matters: first the database has it, then the broker is told so."""
        begun = time.monotonic()
        # Whatever fails here ends the process, with nothing acknowledged. The service manager starts it again.
        store.take(self.database, self.events, self.links, self.unreadable, self.samples)
        self.figures["in_database_s"] += time.monotonic() - begun
        for mid in self.unacknowledged:
            self.client.ack(mid, 1)
        self.figures["messages"] += len(self.unacknowledged)
        self.figures["batches"] += 1
        self.forget()

    def forget(self):
        for each in (self.events, self.links, self.samples, self.unreadable, self.unacknowledged):
            each.clear()

    def stop(self, *_):
        self.stopping = True


def say(text: str):
    print(text, flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--broker", required=True, help="host name or address")
    parser.add_argument("--port", type=int, default=1883, help="8883 is usual with --ca")
    parser.add_argument("--ca", help="PEM file of the authority that has signed the broker's certificate; then TLS is spoken")
    parser.add_argument("--user")
    parser.add_argument("--password-file", help="a file with the password, readable by nobody else")
    parser.add_argument("--topic", action="append", help=f"what to subscribe to, as often as wanted ({SHARED})")
    parser.add_argument("--name", required=True, help="MQTT client id; unique, and the same after a restart")
    parser.add_argument("--database", required=True, help="a file of SQLite, or postgresql://…")
    parser.add_argument("--presence", action="store_true", help="keep the table `link`; exactly one member does")
    return parser.parse_args()


if __name__ == "__main__":
    consumer = Consumer(arguments())
    signal.signal(signal.SIGTERM, consumer.stop)
    signal.signal(signal.SIGINT, consumer.stop)
    consumer.run()
    print(json.dumps(consumer.figures), file=sys.stdout, flush=True)
