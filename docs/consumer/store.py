"""Events into tables.

`read` makes an event of a message, `take` writes a batch in one transaction. Whoever brought the batch acknowledges it when
`take` has returned, and not before: what is not acknowledged comes again, and taking it twice changes nothing.

    python store.py davy.db                       makes the tables, in SQLite
    python store.py postgresql://user@host/davy   in PostgreSQL (needs psycopg 3)
"""

import contextlib
import json
import pathlib
import sqlite3
import sys
import time
from typing import NamedTuple

# Kinds whose records are states of an object, so that the newest one tells how it stands. The other kinds are happenings.
OBJECTS = {"alarm", "warning", "measure", "unit", "task", "hazard", "hidden", "person", "ticket"}


class Event(NamedTuple):
    """A row of a gateway's journal, in the order of the columns of `event`."""

    company: str
    gateway: str
    epoch: int
    seq: int
    lane: str
    kind: str
    subject: str | None
    time: str
    received: int
    data: str


class Link(NamedTuple):
    """Whether a gateway is connected, as the retained message on `…/live/status` says."""

    company: str
    gateway: str
    link: str
    heard: int


class Sample(NamedTuple):
    """A value, in the order of the columns of `sample`."""

    company: str
    gateway: str
    tag: str
    received_at: str
    source_at: str | None
    value: float | None
    quality: int


def read(message: dict) -> tuple[Event | None, Link | None, list[Sample]]:
    """What a CloudEvent says: a row of the journal, whether the link is up, or both; or values. ValueError when it is no event of
    Davy."""
    try:
        _, davy, company, gateway = message["source"].split("/")
        _, kind, version = message["type"].split(".")
        if (davy, version) != ("davy", "v1"):
            raise ValueError("not of davy, version 1")
        now, event, link = milliseconds(), None, None
        if kind == "sample":
            # No row of the journal: its `sequence` counts places in the gateway's recording, which has holes.
            return None, None, [_sample(company, gateway, value) for value in message["data"]["samples"]]
        if "sequence" in message:
            epoch, seq = message["id"].removeprefix(f"{gateway}/").split("/")
            if int(seq) != int(message["sequence"]):
                raise ValueError("id and sequence differ")
            data = json.dumps(message["data"], ensure_ascii=False)
            event = Event(company, gateway, int(epoch), int(seq), message["lane"], kind, message.get("subject"), message["time"], now, data)
        if "link" in message:
            link = Link(company, gateway, message["link"], now)
        return event, link, []
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no event of davy: {error!r}") from error


def _sample(company: str, gateway: str, value: dict) -> Sample:
    received_at, source_at = value["received_time"], value.get("source_time")
    return Sample(company, gateway, value["tag"], received_at, source_at, value["value"], int(value["quality"]))


class Database:
    """SQLite by a file's name, PostgreSQL by its URL. The statements are the same."""

    def __init__(self, url: str):
        self.postgresql = url.startswith("postgresql:")
        if self.postgresql:
            import psycopg

            self.connection = psycopg.connect(url, autocommit=True)
        else:
            self.connection = sqlite3.connect(url, timeout=60, isolation_level=None)
            # Readers do not wait for the writer. A commit is on the disk when it returns (synchronous is FULL).
            self.connection.execute("PRAGMA journal_mode = WAL")

    @contextlib.contextmanager
    def transaction(self):
        """All of it or nothing."""
        self.connection.execute("BEGIN" if self.postgresql else "BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def rows(self, sql: str, values=()) -> list[tuple]:
        return self.connection.execute(self._marked(sql), values).fetchall()

    def run(self, sql: str, values=()):
        self.connection.execute(self._marked(sql), values)

    def run_many(self, sql: str, rows):
        # In the order of their keys, so that two consumers never wait for each other in a circle.
        self.connection.cursor().executemany(self._marked(sql), sorted(rows, key=lambda row: row[:4]))

    def make_tables(self):
        with self.transaction():
            for statement in _without_comments(pathlib.Path(__file__).with_name("schema.sql").read_text("utf-8")).split(";"):
                if statement.strip():
                    self.connection.execute(statement)

    def _marked(self, sql: str) -> str:
        return sql.replace("?", "%s") if self.postgresql else sql


def take(
    database: Database, events: list[Event], links: list[Link] = (), unreadable: list[tuple] = (), samples: list[Sample] = ()
):
    """Writes a batch; it is on the disk when this returns."""
    newest, lanes = {}, {}
    for event in events:
        if event.kind in OBJECTS and event.subject is not None:
            key = (event.company, event.gateway, event.kind, event.subject)
            if key not in newest or newest[key][4:6] < (event.epoch, event.seq):
                newest[key] = (*key, event.epoch, event.seq, event.time, event.data)
        key = (event.company, event.gateway, event.epoch, event.lane)
        lanes[key] = (*key, max(event.seq, lanes[key][4] if key in lanes else 0), event.received)
    with database.transaction():
        database.run_many(EVENT, events)
        database.run_many(OBJECT, newest.values())
        database.run_many(LANE, lanes.values())
        database.run_many(LINK, {link[:2]: link for link in links}.values())
        database.run_many(UNREADABLE, unreadable)
        database.run_many(SAMPLE, samples)


# Rule 1: upsert by id.
EVENT = """
    INSERT INTO event (company, gateway, epoch, seq, lane, kind, subject, time, received, data)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (company, gateway, epoch, seq) DO NOTHING"""

# Rule 3: the newest state is that of the greatest sequence, not the one that came last. A later epoch is newer than any sequence
# of an earlier one: it begins at 1 again.
OBJECT = """
    INSERT INTO object (company, gateway, kind, subject, epoch, seq, time, data)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (company, gateway, kind, subject) DO UPDATE
    SET epoch = excluded.epoch, seq = excluded.seq, time = excluded.time, data = excluded.data
    WHERE (excluded.epoch, excluded.seq) > (object.epoch, object.seq)"""

LANE = """
    INSERT INTO lane (company, gateway, epoch, lane, newest, heard)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (company, gateway, epoch, lane) DO UPDATE
    SET heard = excluded.heard, newest = CASE WHEN excluded.newest > lane.newest THEN excluded.newest ELSE lane.newest END"""

LINK = """
    INSERT INTO link (company, gateway, link, heard)
    VALUES (?, ?, ?, ?)
    ON CONFLICT (company, gateway) DO UPDATE SET link = excluded.link, heard = excluded.heard"""

SAMPLE = """
    INSERT INTO sample (company, gateway, tag, received_at, source_at, value, quality)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (company, gateway, tag, received_at) DO NOTHING"""

UNREADABLE = "INSERT INTO unreadable (received, origin, reason, payload) VALUES (?, ?, ?, ?)"


def milliseconds() -> int:
    return time.time_ns() // 1_000_000


def _without_comments(sql: str) -> str:
    return "\n".join(line.split("--")[0] for line in sql.splitlines())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    Database(sys.argv[1]).make_tables()
