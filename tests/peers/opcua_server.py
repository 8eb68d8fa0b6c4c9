"""An OPC UA server that this project did not write (asyncua), driven by a test.

Set-up: {"port": 4840, "nodes": [{"node": "LI-1", "type": "Double", "value": 0.0}, …]}; a node becomes `ns=2;s=LI-1`.
Optional: "host" to listen on; "namespaces", URIs that come before the nodes' own, `urn:davy:acceptance`, and move its index; "range" of a node,
[low, high], "description" and "unit" (by default %); "history": every node keeps one; "folder_max": more nodes
go into further folders, for asyncua looks at every node of a folder for each one that is added; the alarm conditions of `opcua_conditions.py` and the faults of `opcua_faults.py`.
Requests: write {"values": [{"node", "value", "status"?, "source_time"?}]}, read {"nodes"}, load {"nodes", "hz", "seconds"},
cut (all connections, at once), mute (items bring nothing any more), add {"nodes"}, say {"state"?, "service_level"?}, leave (connections are cut and none is taken until "return"),
swallow {"count", "forget"}, counts of sessions, subscriptions and the largest request of each kind;
and "written", the count of requests that would change something that ever came over the wire.
`security` and `clock_ahead_s` of the set-up are those of `opcua_security.py`.
`status` is an OPC UA status code; `source_time` is RFC 3339, by default the moment of the write.
"""

import asyncio
import datetime
import logging

from asyncua import Server, ua
from asyncua.server.uaprocessor import UaProcessor
from lines import read_line, say, serve, standard_input
from opcua_conditions import Conditions
from opcua_faults import Faults
from opcua_security import secure, shift_clock, users_of

TYPES = {
    "Double": ua.VariantType.Double,
    "Float": ua.VariantType.Float,
    "Int16": ua.VariantType.Int16,
    "Int32": ua.VariantType.Int32,
    "Boolean": ua.VariantType.Boolean,
    "String": ua.VariantType.String,
}


CHANGES = {
    getattr(ua.ObjectIds, f"{service}Request_Encoding_DefaultBinary")
    for service in (
        "Write", "Call", "HistoryUpdate", "AddNodes", "AddReferences", "DeleteNodes", "DeleteReferences",
    )
}


def count_changes():
    """Counts requests of the services that change something: the field side must never send one."""
    seen = [0]
    answer = UaProcessor._process_message

    async def counted(self, typeid, *rest):
        if typeid.Identifier in CHANGES:
            seen[0] += 1
        return await answer(self, typeid, *rest)

    UaProcessor._process_message = counted
    return seen


class Plant:
    def __init__(self, server, changes, faults, folder, index):
        self.conditions = Conditions(server, index)
        self.server = server
        self.changes = changes
        self.faults = faults
        self.folder = folder
        self.index = index
        self.nodes = {}

    async def add(self, nodes):
        for row in nodes:
            folder_max = self.faults.setup.get("folder_max")
            if folder_max and self.nodes and len(self.nodes) % folder_max == 0:
                name = f"Plant-{len(self.nodes) // folder_max}"
                place = (ua.NodeId(name, self.index), ua.QualifiedName(name, self.index))
                self.folder = await self.server.nodes.objects.add_folder(*place)
            kind = TYPES[row["type"]]
            node_id = ua.NodeId(row["node"], self.index)
            variable = await self.folder.add_variable(node_id, row["node"], row["value"], varianttype=kind)
            if "range" in row:
                low, high = row["range"]
                await variable.add_property(0, "EURange", ua.Range(low, high))
                await variable.add_property(0, "EngineeringUnits", ua.EUInformation(DisplayName=ua.LocalizedText(row.get("unit", "%"))))
            if "description" in row:
                text = ua.Variant(ua.LocalizedText(row["description"]), ua.VariantType.LocalizedText)
                await variable.write_attribute(ua.AttributeIds.Description, ua.DataValue(text))
            self.nodes[row["node"]] = (variable.nodeid, kind)
            await self.write_one(row)
            if self.faults.setup.get("history"):
                await self.server.historize_node_data_change(variable, period=None, count=100_000)

    async def say(self, request):
        if "state" in request:
            state = self.server.get_node(ua.NodeId(ua.ObjectIds.Server_ServerStatus_State))
            await state.write_value(ua.Variant(request["state"], ua.VariantType.Int32))
        if "service_level" in request:
            level = self.server.get_node(ua.NodeId(ua.ObjectIds.Server_ServiceLevel))
            await level.write_value(ua.Variant(request["service_level"], ua.VariantType.Byte))

    def counts(self):
        sessions = {session.session_id for session in self.server.iserver._external_sessions.values()}
        subscriptions = self.server.iserver.subscription_service.subscriptions.values()
        mine = sum(subscription.session_id in sessions for subscription in subscriptions)
        return {"sessions": len(sessions), "subscriptions": mine, "largest": self.faults.largest}

    async def still(self):
        """The subscriptions are there and send nothing any more, not even a sign of life; the sessions go on."""
        subscriptions = list(self.server.iserver.subscription_service.subscriptions.values())
        for subscription in subscriptions:
            await subscription.stop()
        return len(subscriptions)

    async def write_one(self, row):
        node_id, kind = self.nodes[row["node"]]
        now = datetime.datetime.now(datetime.timezone.utc)
        source = row.get("source_time")
        value = ua.DataValue(
            Value=ua.Variant(row["value"], kind),
            StatusCode=ua.StatusCode(row.get("status", 0)),
            SourceTimestamp=datetime.datetime.fromisoformat(source) if source else now,
            ServerTimestamp=now,
        )
        await self.server.write_attribute_value(node_id, value)

    async def read(self, names):
        values = [await self.server.get_node(self.nodes[name][0]).read_value() for name in names]
        return {"values": values}

    async def load(self, names, hz, seconds):
        """Gives every node a new value `hz` times a second, as a plant's noise does; small changes, no limit."""
        loop = asyncio.get_running_loop()
        begun, written, step = loop.time(), 0, 0
        while loop.time() - begun < seconds:
            for at, name in enumerate(names):
                await self.write_one({"node": name, "value": 50.0 + ((step * 7 + at) % 100) / 100.0})
            written += len(names)
            step += 1
            await asyncio.sleep(max(0.0, begun + step / hz - loop.time()))
        return {"written": written, "seconds": loop.time() - begun}

    async def handle(self, request):
        match request["op"]:
            case "write":
                for row in request["values"]:
                    await self.write_one(row)
            case "read":
                return await self.read(request["nodes"])
            case "load":
                return await self.load(request["nodes"], request["hz"], request["seconds"])
            case "add":
                await self.add(request["nodes"])
            case "say":
                await self.say(request)
            case "leave":
                await self.server.bserver.stop()
            case "mute":
                self.faults.mute()
            case "still":
                return {"subscriptions": await self.still()}
            case "cut":
                for transport in list(self.server.iserver.asyncio_transports):
                    transport.abort()
            case "return":
                await self.server.bserver.start()
            case "swallow":
                self.faults.swallow, self.faults.forget = request["count"], request["forget"]
            case "counts":
                return self.counts()
            case "written":
                return {"count": self.changes[0]}
            case "alarm" | "event" | "burst":
                await self.conditions.handle(request)
            case other:
                raise ValueError(f"unknown request {other}")


async def main():
    logging.basicConfig(level=logging.ERROR)
    reader = await standard_input()
    setup = await read_line(reader)
    changes, faults = count_changes(), Faults(setup)
    security = setup.get("security")
    if "clock_ahead_s" in setup:
        shift_clock(setup["clock_ahead_s"])
    server = Server(user_manager=users_of(security) if security else None)
    await server.init()
    server.set_endpoint(f"opc.tcp://{setup.get('host', '127.0.0.1')}:{setup['port']}/")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    if security:
        await secure(server, security)
    for uri in setup.get("namespaces", []):
        await server.register_namespace(uri)
    index = await server.register_namespace("urn:davy:acceptance")
    folder = await server.nodes.objects.add_folder(ua.NodeId("Plant", index), ua.QualifiedName("Plant", index))
    plant = Plant(server, changes, faults, folder, index)
    await plant.add(setup["nodes"])
    await plant.conditions.add(setup.get("conditions", []), setup.get("no_events"))
    await faults.tell_limits(server)
    async with server:
        say({"ready": setup["port"], "namespace": index})
        await serve(reader, plant.handle)


asyncio.run(main())
