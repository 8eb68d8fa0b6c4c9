"""The reference consumer, which also writes down when each row was in the database: TIMES gets a line for each batch, the
milliseconds since 1970 and then `gateway/seq` of each row."""

import os
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "docs/consumer"))
import consumer
import store

take = store.take


def timed(database, events, *rest):
    take(database, events, *rest)
    print(store.milliseconds(), *(f"{event.gateway}/{event.seq}" for event in events), file=times, flush=True)


times = open(os.environ["TIMES"], "a", encoding="utf-8")
store.take = timed
one = consumer.Consumer(consumer.arguments())
signal.signal(signal.SIGTERM, one.stop)
one.run()
consumer.say(consumer.json.dumps(one.figures))
