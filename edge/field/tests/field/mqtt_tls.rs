//! MQTT over TLS against Mosquitto, which asks for the client's certificate.

use crate::{
    mqtt::{location, stand_trusting, stand_with},
    stand::utc,
};
use acceptance::{
    broker::Broker,
    places,
    tls::{certificates, openssl},
    waiting::{self, LONG},
};
use anyhow::{Context, Result, ensure};
use davy_config::{ClientCertificate, MqttSource, MqttVersion, Secret};
use davy_core::id::ZoneIx;
use davy_field::{Pki, wire::Sent};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, PublishOptions, QoS, Transport};
use std::{fs, path::Path, sync::Arc};

fn known_as(folder: &Path, name: &str) -> Result<ClientCertificate> {
    Ok(ClientCertificate {
        certificate_pem: fs::read(folder.join(format!("{name}.pem")))?,
        key_pem: Secret(fs::read_to_string(folder.join(format!("{name}.key")))?),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_asks_for_a_certificate_gets_one() -> Result<()> {
    let folder = places::fresh("field_mqtt_tls")?;
    certificates(&folder)?;
    let broker = Broker::start_with("field", &folder, &listener(&folder)).await?;
    let authority = fs::read(folder.join("ca.pem"))?;

    for stranger in [None, Some(known_as(&folder, "stranger")?)] {
        let mut stand = stand_with(broker.port, |config: &mut MqttSource| {
            config.broker.ca_pem = Some(authority.clone());
            config.broker.client_certificate = stranger;
        });
        let reason = stand.down().await?;
        assert!(reason.contains(&format!("127.0.0.1:{}", broker.port)), "{reason}");
        stand.stop().await?;
    }

    let davy = known_as(&folder, "client")?;
    for version in [MqttVersion::V3, MqttVersion::V5] {
        let mut stand = stand_with(broker.port, |config: &mut MqttSource| {
            config.version = version;
            config.broker.ca_pem = Some(authority.clone());
            config.broker.client_certificate = Some(davy.clone());
        });
        stand.up().await?;
        publish(broker.port, authority.clone(), &davy).await?;
        assert_eq!(location(&mut stand, 0).await?.zone, Some(ZoneIx(0)));
        let sent = stand.sent();
        let packets = [1, 8].map(Sent::Mqtt);
        ensure!(packets.iter().all(|packet| sent.contains_key(packet)), "seen before it is encrypted: {sent:?}");
        stand.stop().await?;
    }
    Ok(())
}

/// The broker's is valid for two days, the client's for three hundred.
#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_that_ends_first_is_known_and_a_replaced_one_is_taken_or_refused() -> Result<()> {
    let folder = places::fresh("field_mqtt_certificates")?;
    certificates(&folder)?;
    sign(&folder, "client", "ca", 300)?;
    let mut broker = Broker::start_with("field", &folder, &listener(&folder)).await?;
    let (authority, davy) = (fs::read(folder.join("ca.pem"))?, known_as(&folder, "client")?);
    for version in [MqttVersion::V3, MqttVersion::V5] {
        let pki = Arc::new(Pki::new(&folder));
        let mut stand = stand_trusting(broker.port, Arc::clone(&pki), |config: &mut MqttSource| {
            config.version = version;
            config.broker.ca_pem = Some(authority.clone());
            config.broker.client_certificate = Some(davy.clone());
        });
        stand.up().await?;
        let subject = |pki: &Pki| pki.ends_first(utc()).map(|end| (end.subject, end.left_s / DAY_S));
        assert_eq!(subject(&pki), Some(("CN=broker".to_owned(), 1)));

        // One that ends after the client's.
        broker.stop().await?;
        stand.down().await?;
        sign(&folder, "server", "ca", 400)?;
        broker.start_again().await?;
        stand.up().await?;
        assert_eq!(subject(&pki), Some(("CN=davy".to_owned(), 299)));

        for (authority, days, advice) in [("stranger", 400, "UnknownIssuer"), ("ca", 0, "xpired")] {
            broker.stop().await?;
            sign(&folder, "server", authority, days)?;
            // A certificate ends with a whole second.
            let signed = utc();
            let is_over = async || Ok(days > 0 || utc().since(signed) > 2_000);
            waiting::until_true("a certificate of no days is over", LONG, is_over).await?;
            broker.start_again().await?;
            let why = stand.health_with("it is refused", |health| health.detail.contains(advice)).await?;
            ensure!(
                why.detail.contains("no secure connection") && why.detail.contains("check its certificate"),
                "{why:?}"
            );
        }
        stand.stop().await?;
        broker.stop().await?;
        sign(&folder, "server", "ca", 2)?;
        broker.start_again().await?;
    }
    Ok(())
}

const DAY_S: i64 = 86_400;

fn listener(folder: &Path) -> String {
    let place = folder.display();
    format!(
        "allow_anonymous true\ncafile {place}/ca.pem\ncertfile {place}/server.pem\nkeyfile {place}/server.key\nrequire_certificate true\n"
    )
}

/// An authority gives another certificate, and a key with it, for so many days; one of no days is over already.
fn sign(folder: &Path, name: &str, authority: &str, days: u32) -> Result<()> {
    let subject = if name == "server" { "broker" } else { "davy" };
    for line in [
        format!(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {name}.key -out {name}.csr -subj /CN={subject}"
        ),
        format!(
            "x509 -req -in {name}.csr -CA {authority}.pem -CAkey {authority}.key -CAcreateserial -days {days} -extfile san -out {name}.pem"
        ),
    ] {
        openssl(folder, &line)?;
    }
    Ok(())
}

async fn publish(port: u16, authority: Vec<u8>, davy: &ClientCertificate) -> Result<()> {
    let mut options = MqttOptions::new("field-devices", ("127.0.0.1", port));
    let pair = (davy.certificate_pem.clone(), davy.key_pem.0.clone().into_bytes());
    options.set_transport(Transport::tls(authority, Some(pair), None));
    let (client, mut events) = AsyncClient::builder(options).capacity(10).build();
    let payload = br#"{"zone": "Z-1"}"#.to_vec();
    client.publish("site/location/C-1", payload, PublishOptions::new(QoS::AtLeastOnce)).await?;
    while !matches!(events.poll().await.context("publish")?, Event::Incoming(Packet::PubAck(_))) {}
    Ok(())
}
