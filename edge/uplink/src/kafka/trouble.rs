//! What an error of the client means for the link, and what a person can do about it. Pure.

use krafka::{KrafkaError, error::ErrorCode};
use std::error::Error;

/// Why the cluster does not take something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It cannot now.
    Lost(String),
    /// It refuses this row.
    Refused(String),
    /// It will not before a person has changed something.
    Misconfigured(String),
}

/// What an error says. `place` names the brokers and `topic` where the record went.
pub(super) fn read(error: &KrafkaError, place: &str, topic: &str) -> Trouble {
    if let KrafkaError::Broker { code, message } = error {
        return of_broker(*code, message, place, topic);
    }
    if matches!(error, KrafkaError::UnknownTopic { .. }) {
        return no_topic(place, topic);
    }
    if let KrafkaError::Auth { message, .. } = error {
        return Trouble::Misconfigured(of_login(message, place));
    }
    if let KrafkaError::Config { message } = error {
        return Trouble::Misconfigured(format!("the uplink to Kafka cannot be used as it is configured: {message}"));
    }
    if let KrafkaError::DeliveryTimeout { message, .. } = error {
        return Trouble::Lost(format!("Kafka {place} does not acknowledge what is sent to {topic}: {message}"));
    }
    Trouble::Lost(no_answer(error, place))
}

fn of_broker(code: ErrorCode, message: &str, place: &str, topic: &str) -> Trouble {
    if matches!(code, ErrorCode::UnknownTopicOrPartition | ErrorCode::InvalidTopic) {
        return no_topic(place, topic);
    }
    if matches!(code, ErrorCode::TopicAuthorizationFailed) {
        return Trouble::Misconfigured(format!(
            "Kafka {place} does not let this gateway write to the topic {topic}; grant its user Write and Describe there"
        ));
    }
    if matches!(code, ErrorCode::ClusterAuthorizationFailed) {
        return Trouble::Misconfigured(format!(
            "Kafka {place} does not let this gateway write without repetitions; grant its user IdempotentWrite on the cluster"
        ));
    }
    if matches!(code, ErrorCode::SaslAuthenticationFailed | ErrorCode::UnsupportedSaslMechanism) {
        return Trouble::Misconfigured(of_login(message, place));
    }
    if matches!(code, ErrorCode::MessageTooLarge | ErrorCode::RecordListTooLarge | ErrorCode::InvalidMessageSize) {
        return Trouble::Refused(format!(
            "Kafka {place} refuses a message because it is too large for the topic {topic}; raise its max.message.bytes to 1 MiB or more, and message.max.bytes of the brokers"
        ));
    }
    if matches!(code, ErrorCode::InvalidRecord | ErrorCode::PolicyViolation | ErrorCode::InvalidTimestamp) {
        return Trouble::Refused(format!(
            "Kafka {place} refuses a message for the topic {topic} ({code:?}): {message}; check the topic's settings"
        ));
    }
    if matches!(code, ErrorCode::NotEnoughReplicas | ErrorCode::NotEnoughReplicasAfterAppend) {
        return Trouble::Lost(format!(
            "Kafka {place} has too few replicas of the topic {topic} in sync to take anything; look after its brokers"
        ));
    }
    Trouble::Lost(format!("Kafka {place} does not take what is sent to {topic} ({code:?}): {message}"))
}

fn no_topic(place: &str, topic: &str) -> Trouble {
    Trouble::Misconfigured(format!(
        "Kafka {place} has no topic {topic}; have it created, or correct topic of the uplink"
    ))
}

fn of_login(message: &str, place: &str) -> String {
    let advice = if is_of_certificates(message) {
        "check the brokers' certificates, the uplink's ca_file and client certificate, and this box's clock"
    } else {
        "check user, password and sasl of the uplink, and its client certificate where the brokers ask for one"
    };
    format!("Kafka {place} and this gateway do not trust each other ({message}); {advice}")
}

fn no_answer(error: &KrafkaError, place: &str) -> String {
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let cause = cause.to_string();
    let advice = if is_of_certificates(&cause) {
        "; check the brokers' certificates, the uplink's ca_file and this box's clock"
    } else if cause.contains("refused") {
        ", nothing listens there; check brokers of the uplink and whether Kafka runs"
    } else {
        "; check brokers of the uplink, whether they ask for TLS, the network settings of this box and the firewall"
    };
    format!("no answer from Kafka {place}: {cause}{advice}")
}

fn is_of_certificates(message: &str) -> bool {
    let message = message.to_lowercase();
    ["certificate", "unknownissuer", "tls"].iter().any(|word| message.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_says_what_to_do() {
        let broker = |code| KrafkaError::broker(code, "said so");
        let kind = |trouble: &Trouble| match trouble {
            Trouble::Lost(_) => "lost",
            Trouble::Refused(_) => "refused",
            Trouble::Misconfigured(_) => "misconfigured",
        };
        for (error, expected, words) in [
            (broker(ErrorCode::UnknownTopicOrPartition), "misconfigured", "have it created"),
            (KrafkaError::unknown_topic("plant"), "misconfigured", "have it created"),
            (broker(ErrorCode::TopicAuthorizationFailed), "misconfigured", "Write and Describe"),
            (broker(ErrorCode::ClusterAuthorizationFailed), "misconfigured", "IdempotentWrite"),
            (broker(ErrorCode::SaslAuthenticationFailed), "misconfigured", "check user, password"),
            (KrafkaError::auth("invalid peer certificate: UnknownIssuer"), "misconfigured", "ca_file"),
            (broker(ErrorCode::MessageTooLarge), "refused", "max.message.bytes"),
            (broker(ErrorCode::InvalidRecord), "refused", "InvalidRecord"),
            (broker(ErrorCode::NotEnoughReplicas), "lost", "in sync"),
            (broker(ErrorCode::RequestTimedOut), "lost", "RequestTimedOut"),
            (KrafkaError::delivery_timeout(true, "late"), "lost", "does not acknowledge"),
            (KrafkaError::network(std::io::Error::other("connection refused")), "lost", "nothing listens"),
            (KrafkaError::timeout("metadata"), "lost", "firewall"),
        ] {
            let trouble = read(&error, "k:9092", "plant");
            let (Trouble::Lost(text) | Trouble::Refused(text) | Trouble::Misconfigured(text)) = &trouble;
            assert!(kind(&trouble) == expected && text.contains(words) && text.contains("k:9092"), "{trouble:?}");
        }
    }
}
