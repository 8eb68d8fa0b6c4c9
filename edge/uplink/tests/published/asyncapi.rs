//! The AsyncAPI document: what an enterprise platform subscribes to.

use super::schemas;
use std::fmt::Write as _;

const HEAD: &str = r#"asyncapi: 3.0.0
info:
  title: Davy, MQTT and Kafka north
  version: 1.0.0
  license:
    name: Apache-2.0
  description: |
    What a gateway publishes to the enterprise's broker, or writes to a topic of its Kafka: at least once, in order within
    each lane, over Kafka within each lane of each key.

    - A consumer that upserts by `id` sees each row exactly once.
    - Lane `live` carries what happens while the link is up, at once. Lane `backfill` carries what happened while it was
      down, in order, at a bounded rate, beside it. A row is in one lane for ever. Of two states of one object the one
      with the greater `sequence` is the newer, whichever came first.
    - Kind `sample` comes from an uplink of its own where one is configured: values that have changed enough, each to be upserted by
      tag and time.
    - The retained message on `…/live/status` says in its attribute `link` whether the gateway is connected: `online`, or
      `offline` before an orderly stop and as the last will.
defaultContentType: application/cloudevents+json
servers:
  enterprise:
    host: '{host}:{port}'
    protocol: mqtt
    protocolVersion: '3.1.1, or 5 where the uplink says so'
    description: The broker of an uplink in `gateway.toml`; the gateway connects to it, with a clean session.
    variables:
      host:
        description: Host name or address.
      port:
        default: '1883'
  enterprise-tls:
    host: '{host}:{port}'
    protocol: mqtts
    protocolVersion: '3.1.1, or 5 where the uplink says so'
    description: The same over TLS, with the certificate authority that the uplink names.
    variables:
      host:
        description: Host name or address.
      port:
        default: '8883'
  kafka:
    host: '{host}:{port}'
    protocol: kafka-secure
    description: |
      Some of the brokers of an uplink to Kafka; TLS with the certificate authority that the uplink names, SASL with SCRAM-SHA-512,
      SCRAM-SHA-256 or PLAIN where it has a user.
    variables:
      host:
        description: Host name or address.
      port:
        default: '9092'
"#;

const KAFKA: &str = "  kafka:
    address: davy.v1
    description: |
      The topic as the uplink names it; with `{kind}` in its name there is one for each kind. CloudEvents Kafka binding, structured mode: the key is
      `{gateway_id}/{subject}`, or `{gateway_id}/{kind}` without a subject; the headers are `content-type`
      (`application/cloudevents+json; charset=UTF-8`), `ce_id`, `ce_type` and `ce_lane`.
    servers:
      - $ref: '#/servers/kafka'
    messages:
";

const PARAMETERS: &str = "  parameters:
    company_code:
      description: The enterprise's code in the hazardous-chemical registration system, nine digits.
    gateway_id:
      description: The gateway's id, unique within the enterprise.
    lane:
      description: Written while the link is up, or while it was down.
      enum: [live, backfill]
    kind:
      description: What a command is about, as its claim `kind` says.
      enum: [acknowledge, task, hazard, stop, ticket, risk_model]
";

/// The document.
pub(crate) fn render() -> String {
    let mut text = HEAD.to_owned();
    text.push_str("channels:\n");
    for kind in schemas::kinds() {
        channel(&mut text, kind);
    }
    text.push_str(KAFKA);
    for kind in schemas::kinds() {
        writeln!(text, "      {kind}:\n        $ref: '#/components/messages/{kind}'").unwrap();
    }
    text.push_str(&commands_channels());
    text.push_str("operations:\n");
    for kind in schemas::kinds() {
        operation(&mut text, kind);
    }
    text.push_str("  send-to-kafka:\n    action: send\n    channel:\n      $ref: '#/channels/kafka'\n");
    text.push_str(COMMANDS_OPERATIONS);
    text.push_str("components:\n  parameters:\n");
    for line in PARAMETERS.lines().skip(1) {
        writeln!(text, "{line}").unwrap();
    }
    text.push_str("  messages:\n");
    for kind in messages() {
        message(&mut text, kind);
    }
    text.push_str(
        "    command:\n      name: command\n      summary: A command of the enterprise platform, signed.\n      contentType: application/jose\n      \
         payload:\n        type: string\n        description: A JWS in compact serialisation; its payload is as ./command.json says.\n",
    );
    text
}

fn messages() -> impl Iterator<Item = &'static str> {
    schemas::kinds().chain(["link", "reply"])
}

fn channel(text: &mut String, kind: &str) {
    writeln!(
        text,
        "  {kind}:\n    address: 'davy/v1/{{company_code}}/{{gateway_id}}/{{lane}}/{kind}'\n    parameters:"
    )
    .unwrap();
    for name in ["company_code", "gateway_id", "lane"] {
        writeln!(text, "      {name}:\n        $ref: '#/components/parameters/{name}'").unwrap();
    }
    text.push_str(
        "    servers:\n      - $ref: '#/servers/enterprise'\n      - $ref: '#/servers/enterprise-tls'\n    messages:\n",
    );
    for message in on(kind) {
        writeln!(text, "      {message}:\n        $ref: '#/components/messages/{message}'").unwrap();
    }
}

fn operation(text: &mut String, kind: &str) {
    writeln!(text, "  send-{kind}:\n    action: send\n    channel:\n      $ref: '#/channels/{kind}'\n    messages:")
        .unwrap();
    for message in on(kind) {
        writeln!(text, "      - $ref: '#/channels/{kind}/messages/{message}'").unwrap();
    }
    text.push_str("    bindings:\n      mqtt:\n        qos: 1\n");
    if kind == "status" {
        text.push_str("    description: Retained in lane `live`.\n");
    }
}

/// The announcements share the status topic.
fn on(kind: &str) -> impl Iterator<Item = &str> {
    std::iter::once(kind).chain((kind == "status").then_some("link"))
}

fn message(text: &mut String, kind: &str) {
    let schema = match kind {
        "link" => schemas::link(),
        "reply" => schemas::reply(),
        kind => schemas::record(kind),
    };
    let summary = &schema["description"];
    writeln!(
        text,
        "    {kind}:\n      name: {kind}\n      summary: {summary}\n      payload:\n        allOf:\n          \
         - $ref: './cloudevent.json'\n          - type: object\n            properties:\n              type:\n                \
         const: davy.{kind}.v1\n              data:\n                $ref: './{kind}.json'"
    )
    .unwrap();
}

/// Where commands come and where they are answered.
fn commands_channels() -> String {
    let mut text = String::new();
    for (name, message) in [("command", "command"), ("reply", "reply")] {
        writeln!(
            text,
            "  {name}:\n    address: 'davy/v1/{{company_code}}/{{gateway_id}}/{name}/{{kind}}'\n    parameters:\n      company_code:\n        \
             $ref: '#/components/parameters/company_code'\n      gateway_id:\n        $ref: '#/components/parameters/gateway_id'\n      \
             kind:\n        $ref: '#/components/parameters/kind'\n    messages:\n      {message}:\n        $ref: '#/components/messages/{message}'"
        )
        .unwrap();
    }
    text
}

const COMMANDS_OPERATIONS: &str = "  receive-command:
    action: receive
    channel:
      $ref: '#/channels/command'
    messages:
      - $ref: '#/channels/command/messages/command'
    bindings:
      mqtt:
        qos: 1
    reply:
      channel:
        $ref: '#/channels/reply'
    description: |
      Taken only where the uplink has `commands`. The session is clean: what is sent while the gateway is not connected is lost
      unless it is retained. Send a command again, retained or not, until its receipt is there: it is done once.
  send-reply:
    action: send
    channel:
      $ref: '#/channels/reply'
    messages:
      - $ref: '#/channels/reply/messages/reply'
    bindings:
      mqtt:
        qos: 1
    description: |
      When what the command did is on the gateway's disk. A command of nobody known gets none, nor does one that came while the
      gateway had no room for it.
";
