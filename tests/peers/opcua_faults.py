"""Ways in which an OPC UA server is unlike the one in the book, for `opcua_server.py`.

Set-up keys, all optional: "limits" {"read", "monitor", "history", "browse"}: how many a request may ask for; more is answered
with BadTooManyOperations. "items": how many a subscription may hold; each further one is refused with BadTooManyMonitoredItems. "sessions": how
many there may be; a further one is refused with BadTooManySessions. "untold": true keeps them secret. "advertise": the URL in its endpoint descriptions.
"no_subscriptions": CreateSubscription is not supported. "no_paths": nor is TranslateBrowsePathsToNodeIds. "no_deadband": items with a deadband are refused. "mute": items are
granted and bring nothing. "references": as many in one answer to Browse, the rest by continuation points. "history_values": as many in one answer
to HistoryRead, the rest by continuation points.
"""

import itertools

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.server.internal_server import InternalServer
from asyncua.server.internal_session import InternalSession
from asyncua.server.internal_subscription import InternalSubscription
from asyncua.server.monitored_item_service import MonitoredItemService
from asyncua.server.uaprocessor import UaProcessor
from asyncua.ua.ua_binary import struct_from_binary

LIMIT_NODES = {
    "read": ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead,
    "monitor": ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall,
    "history": ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerHistoryReadData,
    "browse": ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerBrowse,
}


async def most_items(server):
    """The node that tells how many items a subscription may hold; older address spaces have none."""
    node_id = ua.NodeId(ua.ObjectIds.Server_ServerCapabilities_MaxMonitoredItemsPerSubscription)
    node = server.get_node(node_id)
    try:
        await node.read_value()
        return node
    except ua.UaStatusCodeError:
        capabilities = server.get_node(ua.NodeId(ua.ObjectIds.Server_ServerCapabilities))
        name = ua.QualifiedName("MaxMonitoredItemsPerSubscription", 0)
        return await capabilities.add_property(node_id, name, 0, varianttype=ua.VariantType.UInt32)


class Faults:
    def __init__(self, setup):
        self.setup = setup
        self.largest = dict.fromkeys(LIMIT_NODES, 0)
        self.swallow = 0
        self.forget = False
        self.rest = {}
        limits = setup.get("limits", {})
        self.limit("read", "read", lambda params: len(params.NodesToRead), limits)
        self.limit("create_monitored_items", "monitor", lambda params: len(params.ItemsToCreate), limits)
        self.limit("history_read", "history", lambda params: len(params.NodesToRead), limits)
        self.limit("browse", "browse", lambda params: len(params.NodesToBrowse), limits)
        if "advertise" in setup:
            self.advertise(setup["advertise"])
        if setup.get("no_subscriptions"):
            self.refuse(ua.ObjectIds.CreateSubscriptionRequest_Encoding_DefaultBinary)
        if setup.get("no_paths"):
            self.refuse(ua.ObjectIds.TranslateBrowsePathsToNodeIdsRequest_Encoding_DefaultBinary)
        if "items" in setup:
            self.few_items(setup["items"])
        spans = [high - low for low, high in (row["range"] for row in setup["nodes"] if "range" in row)]
        self.percent(spans[0] if spans else None)
        if "sessions" in setup:
            self.few_sessions(setup["sessions"])
        if setup.get("no_deadband"):
            self.refuse_deadbands()
        if setup.get("mute"):
            self.mute()
        if "references" in setup:
            self.continue_browsing(setup["references"])
        self.lose_notifications()

    async def tell_limits(self, server):
        if "history_values" in self.setup:
            server.iserver.history_manager.storage.max_history_data_response_size = self.setup["history_values"]
        if "items" in self.setup and not self.setup.get("untold"):
            node = await most_items(server)
            await node.write_value(ua.Variant(self.setup["items"], ua.VariantType.UInt32))
        if self.setup.get("untold"):
            for node in LIMIT_NODES.values():
                await server.get_node(ua.NodeId(node)).write_value(ua.Variant(0, ua.VariantType.UInt32))
            return
        for name, limit in self.setup.get("limits", {}).items():
            await server.get_node(ua.NodeId(LIMIT_NODES[name])).write_value(ua.Variant(limit, ua.VariantType.UInt32))

    def limit(self, method, name, count, limits):
        answer = getattr(InternalSession, method)
        limit = limits.get(name)

        async def limited(session, params):
            if session.external:
                self.largest[name] = max(self.largest[name], count(params))
                if limit is not None and count(params) > limit:
                    raise ServiceError(ua.StatusCodes.BadTooManyOperations)
            return await answer(session, params)

        setattr(InternalSession, method, limited)

    def advertise(self, url):
        answer = InternalServer.get_endpoints

        async def elsewhere(server, *args, **named):
            endpoints = await answer(server, *args, **named)
            for endpoint in endpoints:
                endpoint.EndpointUrl = url
            return endpoints

        InternalServer.get_endpoints = elsewhere

    def refuse(self, service):
        answer = UaProcessor._process_message

        async def refused(processor, typeid, *rest):
            if typeid.Identifier == service:
                raise ServiceError(ua.StatusCodes.BadServiceUnsupported)
            return await answer(processor, typeid, *rest)

        UaProcessor._process_message = refused

    def few_items(self, most):
        answer = MonitoredItemService._create_data_change_monitored_item

        async def limited(service, params):
            if len(service._monitored_items) >= most:
                result = ua.MonitoredItemCreateResult()
                result.StatusCode = ua.StatusCode(ua.StatusCodes.BadTooManyMonitoredItems)
                return result
            return await answer(service, params)

        MonitoredItemService._create_data_change_monitored_item = limited

    def percent(self, span):
        """Asyncua takes a deadband in percent and lets everything pass; here it is one of the range of the first node with one."""
        answer = MonitoredItemService._is_deadband_exceeded

        def exceeded(service, values, wanted):
            if wanted.DeadbandType != ua.DeadbandType.Percent or span is None:
                return answer(service, values, wanted)
            now, before = values.get_current_datavalue(), values.get_old_datavalue()
            change = wanted.DeadbandValue / 100 * span
            return before is None or abs(now.Value.Value - before.Value.Value) > change

        MonitoredItemService._is_deadband_exceeded = exceeded

    def few_sessions(self, most):
        answer = InternalSession.create_session

        async def limited(session, params, *rest, **named):
            others = session.iserver._external_sessions.values()
            if session.external and sum(other.state.name == "Activated" for other in others) >= most:
                raise ServiceError(ua.StatusCodes.BadTooManySessions)
            return await answer(session, params, *rest, **named)

        InternalSession.create_session = limited

    def refuse_deadbands(self):
        answer = MonitoredItemService._create_data_change_monitored_item

        async def refused(service, params):
            wanted = params.RequestedParameters.Filter
            if wanted is not None and wanted.DeadbandType != ua.DeadbandType.None_:
                result = ua.MonitoredItemCreateResult()
                result.StatusCode = ua.StatusCode(ua.StatusCodes.BadMonitoredItemFilterUnsupported)
                return result
            return await answer(service, params)

        MonitoredItemService._create_data_change_monitored_item = refused

    def mute(self):
        async def nothing(subscription, item, value, most):
            pass

        InternalSubscription.enqueue_datachange_event = nothing

    def lose_notifications(self):
        """The next `swallow` notifications with values are made and not sent; `forget` loses them for good."""
        pop = InternalSubscription._pop_publish_result

        def lost(subscription):
            result = pop(subscription)
            data = result.NotificationMessage.NotificationData
            if self.swallow and data and subscription.pub_request_callback:
                self.swallow -= 1
                if self.forget:
                    subscription._not_acknowledged_results.pop(result.NotificationMessage.SequenceNumber, None)
                instead = ua.PublishResult()
                instead.SubscriptionId = result.SubscriptionId
                instead.NotificationMessage.SequenceNumber = subscription._notification_seq
                return instead
            return result

        InternalSubscription._pop_publish_result = lost

    def continue_browsing(self, most):
        answer = InternalSession.browse
        numbers = itertools.count()

        def cut(result):
            if len(result.References) > most:
                point = f"{next(numbers)}".encode()
                self.rest[point] = result.References[most:]
                result.References = result.References[:most]
                result.ContinuationPoint = point
            return result

        async def browse(session, params):
            results = await answer(session, params)
            return [cut(result) for result in results] if session.external else results

        def browse_next(params):
            results = []
            for point in params.ContinuationPoints:
                result = ua.BrowseResult()
                result.References = self.rest.pop(point)
                results.append(result if params.ReleaseContinuationPoints else cut(result))
            return results

        process = UaProcessor._process_message

        async def process_browse_next(processor, typeid, requesthdr, seqhdr, body):
            if typeid.Identifier != ua.ObjectIds.BrowseNextRequest_Encoding_DefaultBinary:
                return await process(processor, typeid, requesthdr, seqhdr, body)
            response = ua.BrowseNextResponse()
            response.Parameters.Results = browse_next(struct_from_binary(ua.BrowseNextParameters, body))
            processor.send_response(requesthdr.RequestHandle, seqhdr, response)
            return True

        InternalSession.browse = browse
        UaProcessor._process_message = process_browse_next
