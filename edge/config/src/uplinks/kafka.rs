//! `[[uplink.kafka]]`.

use super::{KEYS, backfill_per_s, commands, kinds};
use crate::{
    Secrets,
    addresses::{self, HostPort},
    broker::{certificate_with_key, credentials, pem},
    defaults,
    documents::Section,
    limits,
    sources::narrow,
    text::{Text, is_code_char, quoted},
    types::{ClientCertificate, KafkaUplink},
    words,
};
use davy_core::{id::UplinkIx, model::Gateway, record::Record};

const OWN_KEYS: [&str; 11] = [
    "brokers",
    "topic",
    "ca_file",
    "client_certificate_file",
    "client_key_file",
    "insecure_plaintext",
    "user",
    "password_file",
    "password_env",
    "sasl",
    "inflight_max",
];
const CERTIFICATE: [&str; 2] = ["client_certificate_file", "client_key_file"];
const PORT: u16 = 9092;

/// Reads one.
pub(super) fn read(section: &Section<'_>, uplink: UplinkIx, gateway: &Gateway, secrets: Secrets<'_>) -> KafkaUplink {
    refuse_where_it_is_not_built_in(section, cfg!(feature = "kafka"));
    let keys: Vec<&str> = KEYS.into_iter().chain(OWN_KEYS).filter(|key| *key != commands::KEY).collect();
    section.knows(&keys);
    let (brokers, stays_here) = brokers(section);
    let (ca_pem, client_certificate) = trust(section, stays_here, secrets);
    let mechanism = section.one_of("sasl", words::SASL, Default::default());
    let credentials = credentials(section, secrets);
    if let Some(sasl) = section.text("sasl").filter(|_| section.text("user").is_none()) {
        sasl.wrong("has no user; add user = \"…\" and a password, or remove it");
    }
    KafkaUplink {
        uplink,
        brokers,
        client_id: format!("davy-{}-{}", gateway.company_code, gateway.gateway_id),
        topic: section.text("topic").and_then(|text| text.parse(topic)).unwrap_or(defaults::KAFKA_TOPIC.to_owned()),
        ca_pem,
        client_certificate,
        login: credentials.map(|credentials| (credentials, mechanism)),
        inflight_max: narrow(section.whole("inflight_max", 1..=1_000, defaults::KAFKA_INFLIGHT_MAX)),
        backfill_per_s: backfill_per_s(section),
        kinds: kinds(section),
        samples: None,
    }
}

fn refuse_where_it_is_not_built_in(section: &Section<'_>, built_in: bool) {
    if !built_in {
        section.spot().error(
            "this davy is built without Kafka; install one that is built with the feature kafka, or remove [[uplink.kafka]]",
        );
    }
}

/// The brokers, and whether all of them are this machine.
fn brokers(section: &Section<'_>) -> (Vec<String>, bool) {
    let written = section.texts("brokers");
    if written.is_empty() {
        section.missing("brokers", "brokers = [\"kafka-1.example.cn:9093\"]");
    } else if let Some(more) = written.get(limits::KAFKA_BROKERS_MAX) {
        more.wrong(format_args!("is one too many; {} brokers are enough", limits::KAFKA_BROKERS_MAX));
    }
    let read = |text: &Text<'_>| text.parse(|text| addresses::host_port(text, PORT));
    let brokers: Vec<HostPort> = written.iter().filter_map(read).collect();
    let stays_here = brokers.iter().all(|HostPort { host, .. }| addresses::is_loopback(host));
    (brokers.into_iter().map(written_out).collect(), stays_here)
}

fn written_out(HostPort { host, port }: HostPort) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// With an authority to trust it is TLS. Without one, what anybody on the way can read and change leaves the box only when
/// somebody has said so, and a password never, nor what a password can be guessed from.
fn trust(
    section: &Section<'_>,
    stays_here: bool,
    secrets: Secrets<'_>,
) -> (Option<Vec<u8>>, Option<ClientCertificate>) {
    if let Some(file) = section.text("ca_file") {
        if let Some(insecure) = section.key("insecure_plaintext").filter(|_| section.flag("insecure_plaintext", false))
        {
            insecure.error("insecure_plaintext: makes no sense with ca_file, which means TLS; remove one of the two");
        }
        let ca_pem = pem(file, "-----BEGIN CERTIFICATE-----", secrets).map(String::into_bytes);
        return (ca_pem, certificate_with_key(section, CERTIFICATE, secrets));
    }
    if let Some(file) = CERTIFICATE.iter().find_map(|name| section.text(name)) {
        file.wrong("belongs to TLS; add ca_file = \"ca.pem\" or remove it");
    }
    if !stays_here {
        if !section.flag("insecure_plaintext", false) {
            section.spot().error(
                "without ca_file anybody on the way can read and change what goes up; add ca_file = \"ca.pem\", or insecure_plaintext = true if that is accepted",
            );
        }
        if let Some(user) = section.text("user") {
            user.wrong(
                "anybody on the way could get at the password; add ca_file = \"ca.pem\" or remove user and password",
            );
        }
    }
    (None, None)
}

/// Kafka's own rule for names, with `{kind}` for the kind of the record.
fn topic(text: &str) -> Result<String, String> {
    let longest = Record::KINDS.iter().max_by_key(|kind| kind.len()).unwrap_or(&"");
    let name = text.replace("{kind}", longest);
    let fits = !name.is_empty() && name.len() <= limits::KAFKA_TOPIC_CHARS_MAX && name.chars().all(is_code_char);
    if fits && !matches!(name.as_str(), "." | "..") {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{} is no name of a topic; write at most {} letters, digits, '.', '_' and '-', such as davy.v1, or davy.v1.{{kind}} for a topic of each kind",
        quoted(text),
        limits::KAFKA_TOPIC_CHARS_MAX
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Files, documents::Document, finding::Sink};

    #[test]
    fn a_build_without_kafka_says_which_has_it() {
        let toml = b"[[uplink.kafka]]\n".to_vec();
        let files = Files([("gateway.toml".to_owned(), toml)].into());
        for (built_in, expected) in
            [(true, vec![]), (false, vec!["gateway.toml:1:1: this davy is built without Kafka"])]
        {
            let sink = Sink::default();
            {
                let texts = files.texts(&sink);
                let document = Document::parse(&texts, "gateway.toml");
                let uplinks = document.root().and_then(|root| root.section("uplink")).expect("the table is there");
                refuse_where_it_is_not_built_in(&uplinks.sections("kafka")[0], built_in);
            }
            let (errors, _) = sink.into_findings();
            let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
            let beginnings: Vec<&str> = said.iter().map(|line| line.split(';').next().unwrap_or_default()).collect();
            assert_eq!(beginnings, expected);
        }
    }
}
