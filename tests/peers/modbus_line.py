"""A line of Modbus devices that this project did not write (pymodbus), as a gateway meets it in the field: behind a serial port
(a pseudo-terminal), behind a serial server (RTU over TCP), or behind a DTU that dials in.

Set-up: {"port": 5020, "way": "pty" | "tcp" | "dial", "framing": "rtu" | "tcp", "path": "…", "registration": "…", "devices": {…}}.
With "pty" the serial port is the link `path`; with "tcp" the serial server listens on `port`; with "dial" it connects to `port`
and says `registration` first. Devices are those of modbus_server.py, one question at a time, as on a real line. Requests: write
{"values": […]} as there; late {"ms", "every", "address"}: every so-manieth answer to questions for this
address, or for any without one, comes so much later; trickle {"on"}: answers come byte
by byte; chatter {"text"}: what the DTU says before and after each answer; noise {"every"}: every so-manieth answer is damaged; dead {"units"}: those do not answer; deaf {"functions"}: those questions are not answered; dial: one more connection beside the last one; hang_up: the connection is closed;
asked: every question [unit id, function, address, count] so far; written: how many were no reads.
"""

import asyncio
import logging
import os
import socket
import tty

from lines import read_line, say, serve, standard_input
from modbus_server import Device, device
from pymodbus import FramerType, ModbusDeviceIdentification
from pymodbus.server import ModbusTcpServer

READS = (1, 2, 3, 4, 0x2B)


class Line:
    """One question at a time; the answer goes to whoever is connected when it comes."""

    def __init__(self, framing, inside):
        self.tcp = framing == "tcp"
        self.inside = inside
        self.questions = asyncio.Queue()
        self.current = None
        self.asked, self.answers, self.written = [], 0, 0
        self.late_ms, self.late_every, self.late_address, self.noise = 0, 0, None, 0
        self.trickle, self.dead, self.deaf, self.chatter = False, set(), set(), b""

    def question_end(self, data):
        if self.tcp:
            return 6 + int.from_bytes(data[4:6], "big") if len(data) >= 6 else None
        if len(data) < 2:
            return None
        return 7 if data[1] == 0x2B else 8

    async def take(self, data):
        """Cuts what came into questions; gives the rest."""
        while (end := self.question_end(data)) is not None and len(data) >= end:
            await self.questions.put(data[:end])
            data = data[end:]
        return data

    async def run(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.inside)
        while True:
            question = await self.questions.get()
            body = question[6:] if self.tcp else question
            unit, function = body[0], body[1]
            self.asked.append([unit, function, int.from_bytes(body[2:4], "big"), int.from_bytes(body[4:6], "big")])
            self.written += function not in READS
            if unit in self.dead or function in self.deaf:
                continue
            writer.write(question)
            answer = await reader.read(512)
            concerned = self.late_address in (None, self.asked[-1][2])
            self.answers += concerned
            if concerned and self.late_every and self.answers % self.late_every == 0:
                await asyncio.sleep(self.late_ms / 1000)
            if self.noise and self.answers % self.noise == 0:
                answer = answer[:-1] + bytes([answer[-1] ^ 0x55])
            for part in filter(None, (self.chatter, answer, self.chatter)):
                await self.send(part)

    async def send(self, answer):
        for part in [bytes([byte]) for byte in answer] if self.trickle else [answer]:
            if self.current is not None:
                self.current(part)
            if self.trickle:
                await asyncio.sleep(0.0005)


class Ways:
    def __init__(self, line, setup):
        self.line, self.setup = line, setup
        self.connections = []

    async def begin(self):
        match self.setup["way"]:
            case "pty":
                await self.pty(self.setup["path"])
            case "tcp":
                await asyncio.start_server(self.connected, "127.0.0.1", self.setup["port"])
            case "dial":
                self.dialling = asyncio.create_task(self.dial_for_ever())

    async def pty(self, path):
        master, slave = os.openpty()
        tty.setraw(slave)
        if os.path.lexists(path):
            os.unlink(path)
        os.symlink(os.ttyname(slave), path)
        self.slave = slave  # open, so that the port outlives whoever closes it
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(master, "rb", 0))
        self.line.current = lambda data: os.write(master, data)
        self.reading = asyncio.create_task(self.read(reader))

    async def read(self, reader):
        rest = b""
        while data := await reader.read(512):
            rest = await self.line.take(rest + data)

    async def connected(self, reader, writer):
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connections.append(writer)
        self.line.current = writer.write
        try:
            await self.read(reader)
        except ConnectionError:
            pass
        if self.line.current == writer.write:
            self.line.current = None
        writer.close()

    async def dial(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.setup["port"])
        writer.write(self.setup.get("registration", "").encode())
        await self.connected(reader, writer)

    async def dial_for_ever(self):
        while True:
            try:
                await self.dial()
            except OSError:
                pass
            await asyncio.sleep(0.05)

    def hang_up(self):
        self.connections[-1].close()


async def main():
    logging.basicConfig(level=logging.CRITICAL)
    reader = await standard_input()
    setup = await read_line(reader)
    devices = [device(int(number), tables) for number, tables in setup["devices"].items()]
    framer = FramerType.SOCKET if setup.get("framing") == "tcp" else FramerType.RTU
    names = {"VendorName": "Pymodbus", "ProductCode": "Line", "MajorMinorRevision": "3.16"}
    identity = ModbusDeviceIdentification(info_name=names)
    server = ModbusTcpServer(devices, framer=framer, identity=identity, address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    inside = server.transport.sockets[0].getsockname()[1]
    line = Line(setup.get("framing", "rtu"), inside)
    running = asyncio.create_task(line.run())
    ways = Ways(line, setup)
    await ways.begin()
    peer = Device(server)
    others = []

    async def handle(request):
        match request["op"]:
            case "late":
                line.late_ms, line.late_every = request["ms"], request["every"]
                line.late_address = request.get("address")
            case "noise":
                line.noise = request["every"]
            case "trickle":
                line.trickle = request["on"]
            case "chatter":
                line.chatter = request["text"].encode()
            case "dead":
                line.dead = set(request["units"])
            case "deaf":
                line.deaf = set(request["functions"])
            case "dial":
                others.append(asyncio.create_task(ways.dial()))
            case "hang_up":
                ways.hang_up()
            case "asked":
                return {"asked": line.asked}
            case "written":
                return {"count": line.written}
            case _:
                return await peer.handle(request)

    say({"ready": setup["port"]})
    await serve(reader, handle)
    running.cancel()
    await server.shutdown()


asyncio.run(main())
