//! The way to the cluster: a producer, and one who asks whether it is there. It trusts nobody but the uplink's own authority,
//! lets no topic come into being by a slip of the pen, and tells the brokers nothing of itself beyond its name.

use super::{
    record,
    trouble::{self, Trouble},
};
use crate::{limits, samples};
use davy_config::{ClientCertificate, KafkaUplink, Sasl};
use futures::{FutureExt, future::BoxFuture};
use krafka::{
    CloseOptions, Kafka, KrafkaError, Record,
    admin::{AdminClient, DescribeTopicsOptions},
    auth::{AuthConfig, TlsConfig},
    producer::{Acks, Producer},
};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

/// Whether the cluster has a row, or is there at all.
pub(super) type Answer = BoxFuture<'static, Result<(), Trouble>>;

/// The way to a cluster that has answered.
pub(super) struct Connection {
    admin: Arc<AdminClient>,
    producer: Producer,
    topics: BTreeSet<String>,
    place: String,
}

impl Connection {
    /// Connects, is given the producer's identity, and looks whether every topic is there that rows may go to: that one is
    /// missing is told when the uplink begins, not when the first row comes for it.
    pub(super) async fn open(config: &KafkaUplink) -> Result<Self, Trouble> {
        let place = config.brokers.join(",");
        let trouble = |error: KrafkaError| trouble::read(&error, &place, &config.topic);
        let kafka = Kafka::builder(place.clone())
            .client_id(config.client_id.clone())
            .security(security(config))
            .connect_timeout(limits::kafka::CONNECT_MAX)
            .request_timeout(limits::kafka::REQUEST_MAX)
            .metadata_topic_cache_ttl(None)
            .max_response_size(limits::kafka::ANSWER_BYTES_MAX)
            .tcp_keepalive(Some(limits::KEEP_ALIVE))
            .connect()
            .await
            .map_err(trouble)?;
        let producer = kafka
            .producer()
            .acks(Acks::All)
            .idempotent(true)
            .linger(Duration::ZERO)
            .delivery_timeout(limits::kafka::DELIVERY_MAX)
            .max_block(limits::kafka::REQUEST_MAX)
            .buffer_memory(limits::kafka::BUFFER_BYTES_MAX)
            .metrics_push(false)
            .build()
            .await
            .map_err(trouble)?;
        let topics = match &config.samples {
            Some(_) => [record::topic(&config.topic, samples::KIND)].into(),
            None => record::topics(&config.topic, &config.kinds),
        };
        let connection = Self { admin: Arc::new(kafka.admin()), producer, topics, place };
        connection.ask().await?;
        Ok(connection)
    }

    /// The brokers as people know them.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Asks whether the cluster is there with every topic.
    pub(super) fn ask(&self) -> Answer {
        let (admin, topics, place) = (Arc::clone(&self.admin), self.topics.clone(), self.place.clone());
        async move {
            let options = DescribeTopicsOptions::default().timeout(limits::kafka::REQUEST_MAX);
            let all = topics.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            let found = admin.describe_topics(topics, options).await;
            let found = found.map_err(|error| trouble::read(&error, &place, &all))?;
            for (topic, described) in found {
                described.map_err(|error| trouble::read(&error, &place, &topic))?;
            }
            Ok(())
        }
        .boxed()
    }

    /// Hands a record to the producer; anything but `Ok` as its answer means that it is due again.
    ///
    /// # Errors
    /// When the producer takes no more.
    pub(super) async fn publish(&self, record: Record) -> Result<Answer, Trouble> {
        let (place, topic) = (self.place.clone(), record.topic.clone());
        match self.producer.enqueue(record).await {
            Ok(delivery) => Ok(async move {
                let delivered = delivery.await;
                delivered.map(drop).map_err(|error| trouble::read(&error, &place, &topic))
            }
            .boxed()),
            Err(error) => Err(trouble::read(&error, &place, &topic)),
        }
    }

    /// Ends: what has no answer within the time is given up, and every answer that is still awaited is then given.
    pub(super) async fn end(self, within: Duration) {
        let _ = self.producer.close_with(CloseOptions::new().timeout(within)).await;
        let _ = self.admin.close().await;
    }
}

fn security(config: &KafkaUplink) -> AuthConfig {
    let login = config.login.as_ref().map(|(credentials, sasl)| {
        let (user, password) = (credentials.user.clone(), credentials.password.0.clone());
        match sasl {
            Sasl::ScramSha512 => AuthConfig::sasl_scram_sha512(user, password),
            Sasl::ScramSha256 => AuthConfig::sasl_scram_sha256(user, password),
            Sasl::Plain => AuthConfig::sasl_plain(user, password),
        }
    });
    match (login, tls(config)) {
        (Some(login), Some(tls)) => login.with_tls(tls),
        (Some(login), None) => login,
        (None, Some(tls)) => AuthConfig::ssl(tls),
        (None, None) => AuthConfig::plaintext(),
    }
}

fn tls(config: &KafkaUplink) -> Option<TlsConfig> {
    let tls = TlsConfig::new().with_ca_cert_pem(config.ca_pem.clone()?);
    Some(match &config.client_certificate {
        Some(ClientCertificate { certificate_pem, key_pem }) => {
            tls.with_client_cert_pem(certificate_pem.clone(), key_pem.0.clone().into_bytes())
        }
        None => tls,
    })
}
