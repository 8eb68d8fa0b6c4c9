//! How a server or device may be connected to, for the page.

use super::target;
use crate::{clock, source};
use davy_api::{Chosen, Endpoint, LookFailure, LookUser, OffersAsk, ShownCertificate, SourceOffers};
use davy_config::{ModbusPace, NetworkAddress, OpcUaSecurity};
use davy_core::model::Gateway;
use davy_field::{
    Pki, Security, Shown,
    probe::{
        self, modbus,
        opcua::{Offer, Offers, User},
    },
};
use std::sync::Arc;

/// Asks whoever is there.
pub(super) async fn ask(ask: OffersAsk, pki: Arc<Pki>, gateway: Gateway) -> Result<SourceOffers, LookFailure> {
    let url = ask.url.as_str();
    if url.starts_with(target::OPC_UA) {
        return of_server(&ask, pki, gateway).await;
    }
    if let Some(link) = target::modbus(url) {
        let link = link.map_err(LookFailure::Senseless)?;
        modbus::reach(&link, ModbusPace::default()).await.map_err(LookFailure::Unreachable)?;
        return Ok(SourceOffers { kind: "modbus", ..SourceOffers::default() });
    }
    if let Some(place) = url.strip_prefix("mqtts://").map(|place| (place, 8883)).or_else(|| broker(url)) {
        let place = NetworkAddress::parse(place.0.trim_end_matches('/'), place.1).map_err(LookFailure::Senseless)?;
        probe::reach(&place.host, place.port).await.map_err(LookFailure::Unreachable)?;
        return Ok(SourceOffers { kind: "mqtt", ..SourceOffers::default() });
    }
    Err(LookFailure::Senseless(format!(
        "{url} cannot be looked at; write opc.tcp://host:port/path, modbus://host:port, modbus-rtu://host:port, mqtt://host:port or \
         mqtts://host:port"
    )))
}

fn broker(url: &str) -> Option<(&str, u16)> {
    url.strip_prefix("mqtt://").map(|place| (place, 1883))
}

async fn of_server(ask: &OffersAsk, pki: Arc<Pki>, gateway: Gateway) -> Result<SourceOffers, LookFailure> {
    let offers = Offers::ask(&ask.url, clock::utc).await.map_err(LookFailure::Unreachable)?;
    let (user, chosen) = choose(&offers, ask.user.map(theirs));
    let lacking = chosen.is_none().then(|| source::Lacking::of(&offers, user).code());
    let certificate = match chosen {
        Some(_) => shown(ask, pki, gateway, &offers, user).await?.map(certificate),
        None => None,
    };
    let chosen = chosen.map(|source::Chosen { policy, mode }| Chosen {
        security: policy,
        security_mode: mode,
        user: ours(user),
    });
    let endpoints = offers.all.iter().map(endpoint).collect();
    Ok(SourceOffers { kind: "opc_ua", endpoints, clock: offers.clock(), chosen, lacking, certificate })
}

/// As whom, and with which security: as asked for, or as whoever is let in, anybody before a user with a password.
fn choose(offers: &Offers, asked: Option<User>) -> (User, Option<source::Chosen>) {
    let users = asked.map_or(vec![User::Anonymous, User::Password, User::Certificate], |user| vec![user]);
    let found = users.iter().find_map(|user| Some((*user, source::strongest(offers, *user)?)));
    found.map_or((users[0], None), |(user, chosen)| (user, Some(chosen)))
}

/// The certificate for the strongest security; who logs in does not change it. The list of certificates is on the disk.
async fn shown(
    ask: &OffersAsk,
    pki: Arc<Pki>,
    gateway: Gateway,
    offers: &Offers,
    user: User,
) -> Result<Option<Shown>, LookFailure> {
    let Some(secured) = offers.strongest(user) else { return Ok(None) };
    let security = Security { pki, source: ask.id.clone(), gateway, utc: clock::utc };
    let (offers, place) = (offers.clone(), ask.url.clone());
    let work = tokio::task::spawn_blocking(move || offers.certificate_for(&place, secured, &security)).await;
    let shown = work.map_err(|error| LookFailure::Unreachable(format!("the look was broken off: {error}")))?;
    shown.map(Some).map_err(LookFailure::Unreachable)
}

fn certificate(Shown { facts, is_trusted, objections }: Shown) -> ShownCertificate {
    ShownCertificate { is_trusted, objections, facts }
}

fn endpoint(offer: &Offer) -> Endpoint {
    Endpoint {
        name: offer.name.clone(),
        spoken: offer.security.is_some(),
        secured: matches!(offer.security, Some(OpcUaSecurity::Secured(_))),
        users: offer.users.iter().map(|user| ours(*user)).collect(),
    }
}

fn ours(user: User) -> LookUser {
    match user {
        User::Anonymous => LookUser::Anonymous,
        User::Password => LookUser::Password,
        User::Certificate => LookUser::Certificate,
    }
}

fn theirs(user: LookUser) -> User {
    match user {
        LookUser::Anonymous => User::Anonymous,
        LookUser::Password => User::Password,
        LookUser::Certificate => User::Certificate,
    }
}
