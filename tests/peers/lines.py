"""One JSON object a line on standard input, one answer a line on standard output: how a test drives a peer.

The first line is the set-up. Every later line carries an `id`, which the answer repeats. The peer ends when its standard
input closes, so it never outlives the test that started it.
"""

import asyncio
import json
import sys


def say(answer):
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


async def standard_input():
    reader = asyncio.StreamReader(limit=1 << 26)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


async def read_line(reader):
    line = await reader.readline()
    return json.loads(line) if line else None


async def serve(reader, handle):
    """Answers every request until the input closes; a request that fails is answered with its error."""
    while (request := await read_line(reader)) is not None:
        try:
            result = await handle(request)
            say({"id": request["id"], "ok": True, **(result or {})})
        except Exception as error:  # the test decides what an error means
            say({"id": request["id"], "ok": False, "error": f"{type(error).__name__}: {error}"})
