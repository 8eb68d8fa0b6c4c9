//! MQTT over TLS against Mosquitto, which asks for the client's certificate.

use crate::mqtt::{location, stand_with};
use acceptance::{broker::Broker, places};
use anyhow::{Context, Result, ensure};
use davy_config::{ClientCertificate, MqttSource, MqttVersion, Secret};
use davy_core::id::ZoneIx;
use davy_field::wire::Sent;
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, PublishOptions, QoS, Transport};
use std::{fs, path::Path, process::Command};

/// An authority, a broker's certificate for this machine, a client's, and one that another authority gave.
fn certificates(folder: &Path) -> Result<()> {
    fs::write(folder.join("san"), "subjectAltName=IP:127.0.0.1\n")?;
    for line in [
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=authority",
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr -subj /CN=broker",
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.pem",
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout client.key -out client.csr -subj /CN=davy",
        "x509 -req -in client.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out client.pem",
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout stranger.key -out stranger.pem -days 2 -subj /CN=stranger",
    ] {
        let output = Command::new("openssl").args(line.split(' ')).current_dir(folder).output();
        let output = output.context("openssl is missing: run `scripts/setup.sh`")?;
        ensure!(output.status.success(), "openssl: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

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
    let place = folder.display();
    let settings = format!(
        "allow_anonymous true\ncafile {place}/ca.pem\ncertfile {place}/server.pem\nkeyfile {place}/server.key\nrequire_certificate true\n"
    );
    let broker = Broker::start_with("field", &folder, &settings).await?;
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
