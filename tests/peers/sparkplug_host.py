"""A Sparkplug host application with paho-mqtt and pysparkplug: it decodes what an edge node says by the schema of Eclipse Tahu, finds
names by the aliases of the births, and checks what a host may rely on.

Set-up: {"port", "group", "node", "host"}. Requests: {"op": "messages", "from": 3}, {"op": "state", "online": true}, {"op": "rebirth"},
{"op": "command", "device": null or an id, "name", "value"}.
"""

import asyncio
import json
import time

import paho.mqtt.client as mqtt
import pysparkplug as spb
from pysparkplug import _protobuf as tahu

import lines

KINDS = {
    "NBIRTH": spb.NBirth,
    "DBIRTH": spb.DBirth,
    "DDATA": spb.DData,
    "NDEATH": spb.NDeath,
    "DDEATH": spb.DDeath,
}


class Host:
    def __init__(self, setup):
        self.group, self.node, self.name = setup["group"], setup["node"], setup["host"]
        self.messages = []
        self.births = {}
        self.aliases = {}
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=self.name, clean_session=False)
        self.client.reconnect_delay_set(min_delay=1, max_delay=1)
        self.client.on_connect = lambda client, *_: client.subscribe(f"spBv1.0/{self.group}/#", qos=1)
        self.client.on_message = self.take
        self.client.connect("127.0.0.1", setup["port"], keepalive=10)
        self.client.loop_start()

    def take(self, _client, _data, message):
        _, _, kind, _, *device = message.topic.split("/")
        if kind not in KINDS:
            return
        device = device[0] if device else None
        told = {"kind": kind, "device": device, "retained": message.retain, "metrics": []}
        try:
            self.read(kind, device, message.payload, told)
        except Exception as error:  # the test says so
            told["problem"] = f"{type(error).__name__}: {error}"
        self.messages.append(told)

    def read(self, kind, device, raw, told):
        birth = self.births.get(device) if kind == "DDATA" else None
        if kind == "DDATA" and birth is None:
            raise ValueError("data of a device that is not born")
        payload = KINDS[kind].decode(raw, birth=birth)
        plain = tahu.Payload.FromString(raw)
        told["seq"] = plain.seq if plain.HasField("seq") else None
        of_death = [payload.bd_seq_metric] if kind == "NDEATH" else ()
        for metric, more in zip(getattr(payload, "metrics", of_death), map(properties_of, plain.metrics)):
            told["metrics"].append(
                {
                    "name": metric.name,
                    "alias": metric.alias,
                    "value": metric.value,
                    "type": metric.datatype.name,
                    "timestamp": metric.timestamp,
                    "historical": metric.is_historical,
                    "null": metric.is_null,
                    "properties": more,
                }
            )
        if kind == "NBIRTH":
            self.births, self.aliases = {}, {}
        if kind in ("NBIRTH", "DBIRTH"):
            self.births[device] = payload
            for metric in payload.metrics:
                if metric.alias is not None and self.aliases.setdefault(metric.alias, metric.name) != metric.name:
                    raise ValueError(f"alias {metric.alias} has two names")
        if kind == "DDEATH":
            del self.births[device]
        if kind == "NDEATH":
            self.births = {}

    def publish(self, topic, payload, retain=False):
        self.client.publish(f"spBv1.0/{topic}", payload, qos=1, retain=retain).wait_for_publish(10)

    def say(self, online):
        state = {"online": online, "timestamp": int(time.time() * 1000)}
        self.publish(f"STATE/{self.name}", json.dumps(state), retain=True)

    def command(self, device, name, value):
        datatype = spb.DataType.BOOLEAN if isinstance(value, bool) else spb.DataType.DOUBLE
        metric = spb.Metric(timestamp=int(time.time() * 1000), name=name, datatype=datatype, value=value)
        kind, payload = ("DCMD", spb.DCmd) if device else ("NCMD", spb.NCmd)
        raw = payload(timestamp=metric.timestamp, metrics=(metric,)).encode(include_dtypes=True)
        self.publish("/".join(part for part in (self.group, kind, self.node, device) if part), raw)


def properties_of(metric):
    def value(one):
        return getattr(one, one.WhichOneof("value"))

    return {key: value(one) for key, one in zip(metric.properties.keys, metric.properties.values)}


async def main():
    reader = await lines.standard_input()
    setup = await lines.read_line(reader)
    host = Host(setup)
    lines.say({"ready": setup["port"]})

    async def answer(request):
        if request["op"] == "messages":
            return {"messages": host.messages[request["from"] :]}
        if request["op"] == "state":
            host.say(request["online"])
        elif request["op"] == "rebirth":
            host.command(None, "Node Control/Rebirth", True)
        elif request["op"] == "command":
            host.command(request["device"], request["name"], request["value"])
        return {}

    await lines.serve(reader, answer)


asyncio.run(main())
