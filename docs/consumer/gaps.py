"""Finds rows of a gateway's journal that never came: numbers that are missing in the sequence of a gateway and epoch.

    python gaps.py davy.db            prints each, `company/gateway/epoch first-last state`, and ends with 1 if something is missing
    python gaps.py davy.db --accept   the same, and what is missing so far counts as known
    python gaps.py davy.db --again    from the first row on, after this database was restored from a copy

Run it every minute. The lanes fill the sequence together, and a number that is not there yet may still be on its way. It is
missing for certain when both lanes have passed it, since each is in order, and some time has gone in which another member of
the group may have written it. A lane that has not passed it may have nothing to bring: then it is missing when that lane has been
silent for a while and the gateway is online. In every other case it is waited for.

What this cannot see: the newest rows, until a later one comes; and rows of an uplink with `kinds`, whose numbers are sparse
by intent (leave such gateways out with --without).
"""

import argparse
import sys
from typing import NamedTuple

import store

LANES = ("live", "backfill")


class Hole(NamedTuple):
    """Consecutive numbers of which none is there. No received row lies within, so a lane has passed all of it or nothing."""

    first: int
    last: int
    noticed: int
    state: str


def look(database: store.Database, now: int, grace_ms: int, quiet_ms: int, without: set[str] = frozenset(), accept: bool = False):
    """Looks at what has come since the last look; gives (stream, hole) for each hole, a stream being company, gateway, epoch."""
    found = []
    for stream in database.rows("SELECT DISTINCT company, gateway, epoch FROM lane ORDER BY company, gateway, epoch"):
        if stream[1] in without:
            continue
        with database.transaction():
            holes = [judged(database, stream, hole, now, grace_ms, quiet_ms) for hole in holes_of(database, stream, now)]
            if accept:
                holes = [hole._replace(state="accepted") if hole.state == "missing" else hole for hole in holes]
            remember(database, stream, holes)
        found += [(stream, hole) for hole in holes]
    return found


def holes_of(database, stream, now) -> list[Hole]:
    """Those that were known, as far as they are not filled, and those behind the row up to which everything was looked through."""
    known = [Hole(*row) for row in database.rows(f"SELECT first_seq, last_seq, noticed, state FROM hole WHERE {STREAM} ORDER BY first_seq", stream)]
    holes = []
    for hole in known:
        if hole.state != "waiting":
            holes += [Hole(*part, hole.noticed, hole.state) for part in absent(database, stream, hole.first - 1, hole.last + 1)]
    for first, last in absent(database, stream, looked_until(database, stream)):
        noticed = [hole.noticed for hole in known if hole.first <= first <= hole.last]
        holes.append(Hole(first, last, min(noticed, default=now), "waiting"))
    return sorted(holes)


def absent(database, stream, after: int, before: int | None = None) -> list[tuple[int, int]]:
    """First and last number of each hole between two numbers, the second being the newest row's if there is none."""
    sql = f"""
        SELECT previous + 1, seq - 1
        FROM (SELECT seq, LAG(seq, 1, CAST(? AS BIGINT)) OVER (ORDER BY seq) AS previous
              FROM (SELECT seq FROM event WHERE {STREAM} AND seq > ? {"" if before is None else "AND seq < ? UNION ALL SELECT ?"}) AS there) AS pairs
        WHERE seq - previous > 1 ORDER BY 1"""
    ends = () if before is None else (before, before)
    return database.rows(sql, (after, *stream, after, *ends))


def judged(database, stream, hole: Hole, now, grace_ms, quiet_ms) -> Hole:
    if hole.state != "waiting" or now - hole.noticed < grace_ms:
        return hole
    heard = {lane: (newest, at) for lane, newest, at in database.rows(f"SELECT lane, newest, heard FROM lane WHERE {STREAM}", stream)}
    # An earlier epoch is over: the gateway sends nothing of it any more.
    over = database.rows("SELECT 1 FROM lane WHERE company = ? AND gateway = ? AND epoch > ? LIMIT 1", stream)
    behind = [heard.get(lane, (0, 0)) for lane in LANES if heard.get(lane, (0, 0))[0] < hole.last]
    if not behind:
        return hole._replace(state="missing")
    silent_since = max(hole.noticed, *(at for _, at in behind))
    link = database.rows("SELECT link FROM link WHERE company = ? AND gateway = ?", stream[:2])
    online = link == [("online",)] if link else any(now - at < quiet_ms for _, at in heard.values())
    if now - silent_since >= quiet_ms and (online or over):
        return hole._replace(state="missing")
    return hole


def looked_until(database, stream) -> int:
    rows = database.rows(f"SELECT until FROM looked WHERE {STREAM}", stream)
    return rows[0][0] if rows else 0


def remember(database, stream, holes: list[Hole]):
    """The next look begins before the first hole that is waited for."""
    waiting = [hole.first - 1 for hole in holes if hole.state == "waiting"]
    newest = database.rows(f"SELECT max(newest) FROM lane WHERE {STREAM}", stream)[0][0]
    until = min(waiting, default=newest)
    database.run(
        "INSERT INTO looked (company, gateway, epoch, until) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (company, gateway, epoch) DO UPDATE SET until = excluded.until",
        (*stream, until),
    )
    database.run(f"DELETE FROM hole WHERE {STREAM}", stream)
    for hole in holes:
        database.run(
            "INSERT INTO hole (company, gateway, epoch, first_seq, last_seq, noticed, state) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*stream, *hole),
        )


def deleted_by_the_gateway(database, stream) -> list[str]:
    """What the gateway says of rows that it had to delete before they were sent."""
    sql = f"SELECT data ->> 'reason' FROM event WHERE {STREAM} AND kind = 'gap' AND subject = 'journal' ORDER BY seq"
    return [reason for (reason,) in database.rows(sql, stream)]


STREAM = "company = ? AND gateway = ? AND epoch = ?"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database")
    parser.add_argument("--grace", type=float, default=30, help="seconds in which a slower member of the group may write what it has (30)")
    parser.add_argument("--quiet", type=float, default=60, help="seconds of silence after which a lane has nothing more to bring (60)")
    parser.add_argument("--without", action="append", default=[], metavar="GATEWAY", help="a gateway whose uplink has a filter of kinds")
    parser.add_argument("--accept", action="store_true", help="what is missing so far counts as known")
    parser.add_argument("--again", action="store_true", help="look through everything, not only what has come since the last look")
    args = parser.parse_args()
    database = store.Database(args.database)
    if args.again:
        database.run("DELETE FROM looked")
    found = look(database, store.milliseconds(), int(args.grace * 1000), int(args.quiet * 1000), set(args.without), args.accept)
    for (company, gateway, epoch), hole in found:
        print(f"{company}/{gateway}/{epoch} {hole.first}-{hole.last} {hole.state}")
    missing = {stream for stream, hole in found if hole.state == "missing"}
    for stream in sorted(missing):
        for reason in deleted_by_the_gateway(database, stream):
            print(f"{'/'.join(map(str, stream))} says: {reason}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
