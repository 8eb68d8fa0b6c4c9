//! Who a unit is: vendor, product and revision, as it says itself with function code 43/14.

use crate::{
    limits::modbus::{IDENTIFY_REQUESTS_MAX, IDENTITY_CHARS_MAX},
    modbus::{
        decode,
        device::{Device, Failure},
    },
};
use std::{collections::BTreeMap, fmt};

/// What a unit says of itself; empty where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Who made it.
    pub vendor: String,
    /// What it is.
    pub product: String,
    /// Which version of that.
    pub revision: String,
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}, {}", self.vendor, self.product, self.revision)
    }
}

/// The units that were asked on a connection, and what came of it, in words.
#[derive(Debug, Default)]
pub(crate) struct Identities(BTreeMap<u8, String>);

impl Identities {
    /// Asks the first of these units that has not been asked yet.
    ///
    /// # Errors
    /// In words, when there is no connection any more.
    pub(crate) async fn ask_next(
        &mut self,
        mut units: impl Iterator<Item = u8>,
        device: &mut Device,
    ) -> Result<(), String> {
        let Some(unit_id) = units.find(|unit_id| !self.0.contains_key(unit_id)) else { return Ok(()) };
        let told = match ask(unit_id, device).await {
            Ok(identity) => format!("unit id {unit_id} is {identity}"),
            Err(failure) => {
                // It is asked once: some devices hang when they are asked at all.
                self.0.insert(unit_id, format!("unit id {unit_id} does not say who it is"));
                return device.mend(&failure).await;
            }
        };
        self.0.insert(unit_id, told);
        Ok(())
    }

    pub(crate) fn notes(&self) -> impl Iterator<Item = String> {
        self.0.values().cloned()
    }
}

/// Asks a unit who it is.
///
/// # Errors
/// The failure, which the device has to mend.
pub(crate) async fn ask(unit_id: u8, device: &mut Device) -> Result<Identity, Failure> {
    let mut identity = Identity::default();
    let mut next = Some(0);
    for _ in 0..IDENTIFY_REQUESTS_MAX {
        let Some(from) = next else { break };
        let objects = device.identify(unit_id, from).await?;
        for (id, value) in objects.found {
            let place = match id {
                0 => &mut identity.vendor,
                1 => &mut identity.product,
                2 => &mut identity.revision,
                _ => continue,
            };
            *place = decode::plain(&value).chars().take(IDENTITY_CHARS_MAX).collect();
        }
        next = objects.next;
    }
    Ok(identity)
}
