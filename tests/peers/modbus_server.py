"""A Modbus TCP server that this project did not write (pymodbus), driven by a test.

Set-up: {"port": 5020, "devices": {"1": {"holding": [[0, 100], [120, 8]], "coil": [[0, 64]], …}}}: spans of address and count;
an address outside every span answers ILLEGAL DATA ADDRESS. Optional: "host" to listen on. Requests: write {"values": [{"device", "table", "address",
"words"}]} with 16-bit words, or 0 and 1 for coils and discrete inputs; read {"device", "table", "address", "count"};
load {"device", "table", "address", "count", "hz", "seconds", "stamps"?}: holding words that change all the time, and behind them so
many stamps of four words, the time of the change in milliseconds since 1970; and "written", the count of
write requests that ever came over the wire.
"""

import asyncio
import logging
import time

from lines import read_line, say, serve, standard_input
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

TABLES = {"coil": 15, "discrete": 2, "holding": 16, "input": 4}
READS = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}
FAR = 65_000


def span(table, address, count):
    if table in ("coil", "discrete"):
        return SimData(address, values=[False] * count, datatype=DataType.BITS)
    return SimData(address, count=count, values=0, datatype=DataType.REGISTERS)


def device(number, tables):
    # A table must not be empty: one that nobody asked for holds sixteen far-away entries.
    blocks = tuple([span(table, *each) for each in tables.get(table) or [[FAR, 16]]] for table in TABLES)
    return SimDevice(id=number, simdata=blocks)


class Device:
    def __init__(self, server):
        self.server = server
        self.writes_seen = 0

    def watch(self, sending, pdu):
        """Counts requests that would change something: the field side must never send one."""
        if not sending and pdu.function_code not in (1, 2, 3, 4):
            self.writes_seen += 1
        return pdu

    async def write_one(self, row):
        table = row["table"]
        words = [bool(word) for word in row["words"]] if table in ("coil", "discrete") else row["words"]
        refused = await self.server.async_setValues(row["device"], TABLES[table], row["address"], words)
        if refused:
            raise ValueError(f"{row}: {refused}")

    async def load(self, request):
        loop = asyncio.get_running_loop()
        begun, written, step = loop.time(), 0, 0
        while loop.time() - begun < request["seconds"]:
            words = [(step * 7 + at) % 100 for at in range(request["count"])]
            stamps = request.get("stamps", 0)
            now = time.time_ns() // 1_000_000
            words += [now >> shift & 0xFFFF for shift in (48, 32, 16, 0)] * stamps
            await self.write_one({**request, "words": words})
            written += request["count"] + stamps
            step += 1
            await asyncio.sleep(max(0.0, begun + step / request["hz"] - loop.time()))
        return {"written": written, "seconds": loop.time() - begun}

    async def handle(self, request):
        match request["op"]:
            case "write":
                for row in request["values"]:
                    await self.write_one(row)
            case "read":
                got = await self.server.async_getValues(
                    request["device"], READS[request["table"]], request["address"], request["count"]
                )
                return {"words": [int(word) for word in got]}
            case "load":
                return await self.load(request)
            case "written":
                return {"count": self.writes_seen}
            case other:
                raise ValueError(f"unknown request {other}")


async def main():
    logging.basicConfig(level=logging.CRITICAL)
    reader = await standard_input()
    setup = await read_line(reader)
    devices = [device(int(number), tables) for number, tables in setup["devices"].items()]
    watcher = Device(None)
    server = ModbusTcpServer(devices, address=(setup.get("host", "127.0.0.1"), setup["port"]), trace_pdu=watcher.watch)
    watcher.server = server
    await server.serve_forever(background=True)
    say({"ready": setup["port"]})
    await serve(reader, watcher.handle)
    await server.shutdown()


if __name__ == "__main__":
    asyncio.run(main())
