"""Alarm conditions for `opcua_server.py`: instances in the address space, and events.

Set-up key "conditions": [{"source": "LI-1", "name": "HighHigh", "instance"?: "HasCondition" | "HasComponent", "active"?,
"called"?, "dated"?}, …]. The source is a node of the set-up; without "instance" the server keeps none. "called" is the
ConditionName of an instance whose browse name is another one; with "dated": false the instance has no Time. "no_events": the
server's object does not let anybody subscribe to events.
Requests: alarm {"source", "name", "active", "enabled"?, "retain"?, "quality"?, "time"?, "branch"?, "only"?: "instance" |
"event"}, event {"kind"}, one of another kind, and burst {"source", "name", "count"}: as many events at once, the last one active.
"""

import datetime

from asyncua import ua
from asyncua.server.internal_session import InternalSession


def now():
    return datetime.datetime.now(datetime.timezone.utc)


class Conditions:
    def __init__(self, server, index):
        self.server = server
        self.index = index
        self.events = {}
        self.instances = {}

    def node(self, name):
        return self.server.get_node(ua.NodeId(name, self.index))

    async def add(self, rows, no_events):
        if not rows and not no_events:
            return
        self.folder = await self.server.nodes.objects.add_folder(self.index, "Alarms")
        for row in rows:
            key = row["source"], row["name"]
            if "instance" in row:
                self.instances[key] = await self.instance(row)
            await self.tell({"active": False, **row}, only="instance")
        server = self.server.get_node(ua.ObjectIds.Server)
        if no_events:
            self.refuse()
        else:
            await server.set_event_notifier([ua.EventNotifier.SubscribeToEvents])

    def refuse(self):
        answer = InternalSession.create_monitored_items

        async def refused(session, params):
            items = params.ItemsToCreate
            if session.external and items[0].ItemToMonitor.AttributeId == ua.AttributeIds.EventNotifier:
                result = ua.MonitoredItemCreateResult()
                result.StatusCode = ua.StatusCode(ua.StatusCodes.BadAttributeIdInvalid)
                return [result]
            return await answer(session, params)

        InternalSession.create_monitored_items = refused

    async def instance(self, row):
        source = self.node(row["source"])
        is_component = row["instance"] == "HasComponent"
        node_id = ua.NodeId(f"{row['source']}.{row['name']}", self.index)
        instance = await (source if is_component else self.folder).add_object(
            node_id, ua.QualifiedName(row["name"], self.index), objecttype=ua.ObjectIds.AlarmConditionType
        )
        if not is_component:
            await source.add_reference(instance, ua.ObjectIds.HasCondition, forward=True, bidirectional=False)
        name = await instance.get_child("0:ConditionName")
        await name.write_value(row.get("called", row["name"]), ua.VariantType.String)
        if row.get("dated") is False:
            await (await instance.get_child("0:Time")).delete()
        return instance

    async def event(self, source, name):
        key = source, name
        if key not in self.events:
            kind = ua.ObjectIds.AlarmConditionType
            generator = await self.server.get_event_generator(kind, ua.ObjectIds.Server)
            generator.event.SourceNode = ua.NodeId(source, self.index)
            generator.event.SourceName = source
            generator.event.ConditionName = name
            self.events[key] = generator
        return self.events[key]

    async def tell(self, row, only=None):
        time = datetime.datetime.fromisoformat(row["time"]) if "time" in row else now()
        parts = {
            "ActiveState/Id": (row.get("active"), ua.VariantType.Boolean),
            "EnabledState/Id": (row.get("enabled", True), ua.VariantType.Boolean),
            "Retain": (row.get("retain", True), ua.VariantType.Boolean),
            "Quality": (ua.StatusCode(row.get("quality", 0)), ua.VariantType.StatusCode),
        }
        instance = self.instances.get((row["source"], row["name"]))
        if instance is not None and only != "event":
            dated = {} if row.get("dated") is False else {"Time": (time, ua.VariantType.DateTime)}
            for path, (value, kind) in {**parts, **dated}.items():
                part = await instance.get_child([f"0:{name}" for name in path.split("/")])
                if value is not None:
                    value = ua.DataValue(ua.Variant(value, kind), SourceTimestamp=time, ServerTimestamp=now())
                    await self.server.write_attribute_value(part.nodeid, value)
        if only != "instance":
            generator = await self.event(row["source"], row["name"])
            for path, (value, _) in parts.items():
                setattr(generator.event, path, value)
            generator.event.BranchId = ua.NodeId("former", self.index) if row.get("branch") else None
            await generator.trigger(time_attr=time, message=row["name"])

    async def other(self, kind):
        generator = await self.server.get_event_generator(getattr(ua.ObjectIds, kind), ua.ObjectIds.Server)
        await generator.trigger()

    async def handle(self, request):
        match request["op"]:
            case "alarm":
                await self.tell(request, request.get("only"))
            case "event":
                await self.other(request["kind"])
            case "burst":
                count = request["count"]
                for number in range(count):
                    await self.tell({**request, "active": (count - number) % 2 == 1}, "event")
