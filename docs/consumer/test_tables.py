"""The rules of the tables, told as stories: `python -m unittest`, in SQLite or where DAVY_TEST_DATABASE says."""

import os
import tempfile
import unittest

import gaps
import store

GRACE, QUIET = 10, 50


def message(seq, lane="live", epoch=1, **data):
    return {
        "specversion": "1.0", "id": f"gw-1/{epoch}/{seq}", "source": "/davy/330100123/gw-1", "type": "davy.warning.v1",
        "time": "2026-11-23T00:00:00.000Z", "subject": "EV-1~1.1", "sequence": f"{seq:020}", "lane": lane, "data": data,
    }


class Tables(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.database = store.Database(os.environ.get("DAVY_TEST_DATABASE", f"{folder.name}/davy.db"))
        self.addCleanup(self.database.connection.close)
        self.database.make_tables()
        for table in ("event", "object", "lane", "link", "looked", "hole", "unreadable", "sample"):
            self.database.run(f"DELETE FROM {table}")
        self.begun = store.milliseconds()

    def take(self, *messages):
        store.take(self.database, [store.read(each)[0] for each in messages])

    def came(self, lane, *seqs, epoch=1):
        self.take(*(message(seq, lane, epoch, state="raised") for seq in seqs))

    def online(self, link="online"):
        store.take(self.database, [], [store.Link("330100123", "gw-1", link, self.begun)])

    def holes(self, after_ms, **more):
        found = gaps.look(self.database, self.begun + after_ms, GRACE, QUIET, **more)
        return [(stream[2], hole.first, hole.last, hole.state) for stream, hole in found]

    def test_the_same_row_twice_is_one_row(self):
        self.take(message(1, state="raised"), message(1, state="raised"))
        self.take(message(1, state="raised"))
        self.assertEqual(self.database.rows("SELECT count(*) FROM event"), [(1,)])

    def test_of_two_states_the_greater_sequence_is_the_newer_whichever_came_first(self):
        self.take(message(9, state="raised"), message(5, "backfill", state="cleared"))
        self.take(message(7, "backfill", state="closed"))
        self.assertEqual(self.database.rows("SELECT seq, state FROM open_warning JOIN object ON subject = id"), [(9, "raised")])

    def test_a_later_epoch_is_newer_than_any_sequence_of_an_earlier_one(self):
        self.take(message(500, state="raised"), message(1, epoch=2, state="closed"))
        self.take(message(501, state="raised"))
        self.assertEqual(self.database.rows("SELECT id FROM open_warning"), [])

    def test_values_are_known_by_tag_and_time_and_are_no_rows(self):
        one = {"tag": "TI-1", "value": 81.5, "quality": 0, "received_time": "2026-11-23T00:00:00.000Z"}
        bad = {"tag": "TI-1", "value": None, "quality": 2147483648, "received_time": "2026-11-23T00:00:01.000Z"}
        of = {"type": "davy.sample.v1", "id": "gw-1/1/samples/1795392000000/65536", "sequence": f"{65536:020}"}
        for batch in ([one], [one, bad]):
            event, link, samples = store.read({**message(1), **of, "data": {"samples": batch}})
            self.assertEqual((event, link), (None, None))
            store.take(self.database, [], samples=samples)
        self.assertEqual(self.database.rows("SELECT value FROM sample ORDER BY received_at"), [(81.5,), (None,)])
        self.assertEqual(self.holes(GRACE), [])

    def test_what_both_lanes_have_passed_is_missing_after_the_grace(self):
        self.came("backfill", 1, 2, 5)
        self.came("live", 6, 7)
        self.assertEqual(self.holes(0), [(1, 3, 4, "waiting")])
        self.assertEqual(self.holes(GRACE + 1), [(1, 3, 4, "missing")])

    def test_what_a_lane_may_still_bring_is_waited_for_as_long_as_it_brings_anything(self):
        self.online()
        self.came("live", 9)
        self.came("backfill", 1)
        self.assertEqual(self.holes(GRACE + 1), [(1, 2, 8, "waiting")])
        self.came("backfill", 2, 3, 4)
        self.assertEqual(self.holes(GRACE + 2), [(1, 5, 8, "waiting")])
        self.assertEqual(self.holes(2 * QUIET + 1000), [(1, 5, 8, "missing")])

    def test_while_the_gateway_is_offline_it_is_waited_for(self):
        self.online("offline")
        self.came("live", 9)
        self.holes(0)
        self.assertEqual(self.holes(100_000), [(1, 1, 8, "waiting")])
        self.online()
        self.assertEqual(self.holes(100_001), [(1, 1, 8, "missing")])

    def test_an_epoch_that_is_over_brings_nothing_more(self):
        self.online("offline")
        self.came("live", 1, 3)
        self.came("live", 1, epoch=2)
        self.holes(0)
        self.assertEqual(self.holes(1000), [(1, 2, 2, "missing")])

    def test_a_hole_shrinks_and_goes_as_rows_come(self):
        self.came("backfill", 1, 9)
        self.came("live", 10)
        self.holes(0)
        self.assertEqual(self.holes(GRACE), [(1, 2, 8, "missing")])
        self.came("backfill", 5)
        self.assertEqual(self.holes(GRACE), [(1, 2, 4, "missing"), (1, 6, 8, "missing")])
        self.came("backfill", 2, 3, 4, 6, 7, 8)
        self.assertEqual(self.holes(GRACE), [])

    def test_what_a_person_has_accepted_stays_on_record_and_alarms_no_more(self):
        self.came("backfill", 1, 9)
        self.came("live", 10)
        self.holes(0)
        self.assertEqual(self.holes(GRACE, accept=True), [(1, 2, 8, "accepted")])
        self.assertEqual(self.holes(GRACE + 1), [(1, 2, 8, "accepted")])

    def test_what_is_no_event_is_told_from_one(self):
        good = message(1, state="raised")
        for wrong in ({}, [], "text", {**good, "source": "/other/1/2"}, {**good, "id": "gw-1/1/2"}, {**good, "type": "davy.warning.v2"}, {**good, "id": 7}):
            with self.assertRaises(ValueError, msg=wrong):
                store.read(wrong)


if __name__ == "__main__":
    unittest.main()
