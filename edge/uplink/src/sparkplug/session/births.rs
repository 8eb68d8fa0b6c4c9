//! Who is born and who dies: the node with its primary host, devices with their sources.

use super::{Sent, Session};
use crate::{
    lanes::Lane,
    limits::sparkplug::{DEATH_AFTER, REBIRTH_EVERY, SET_BACK_EVERY},
    sparkplug::{ears::HostState, payload::Value, plant},
};
use tokio::time::Instant;

impl Session<'_> {
    /// Looks whether the primary host has come, when the node is born, or gone.
    pub(super) async fn has_lost_its_host(&mut self) -> Result<bool, String> {
        let host = self.heard.borrow_and_update().host;
        match (host, self.born) {
            (Some(HostState { online: true, .. }), None) => self.begin_to_live().await.map(|()| false),
            (Some(HostState { online: false, .. }), Some(_)) => Ok(self.config.primary_host.is_some()),
            (_, _) => Ok(false),
        }
    }

    /// What is recorded from here on is live.
    pub(super) async fn begin_to_live(&mut self) -> Result<(), String> {
        self.uplink.go_live().await;
        self.bear()
    }

    /// The node's birth, and that of every device of which something is heard.
    fn bear(&mut self) -> Result<(), String> {
        self.born = Some(Instant::now());
        self.reborn = self.heard.borrow().rebirths;
        let now = self.now();
        let birth = self.node.birth(now);
        self.publish(Sent::Notice, vec![birth])?;
        let heard = plant::connected(&self.uplink.now.borrow(), self.node.places());
        self.bear_devices(heard.into_iter())
    }

    /// Another birth, when a host wishes for it and the last one is long enough ago.
    pub(super) fn be_born_again(&mut self) -> Result<(), String> {
        let is_due = self.born.is_some_and(|born| born.elapsed() >= REBIRTH_EVERY);
        if is_due && self.heard.borrow().rebirths > self.reborn { self.bear() } else { Ok(()) }
    }

    /// The births of devices that are not born, with what the gateway knows of them now.
    pub(super) fn bear_devices(&mut self, devices: impl Iterator<Item = usize>) -> Result<(), String> {
        let unborn: Vec<usize> = devices.filter(|device| !self.node.is_born(*device)).collect();
        if unborn.is_empty() {
            return Ok(());
        }
        let values = self.values();
        self.bear_with(&values, unborn)
    }

    fn bear_with(&mut self, values: &[Value], devices: Vec<usize>) -> Result<(), String> {
        for device in devices {
            let birth = self.node.device_birth(device, values, self.now());
            self.publish(Sent::Notice, birth.into_iter().collect())?;
        }
        Ok(())
    }

    /// What the gateway knows of all metrics now.
    fn values(&self) -> Vec<Value> {
        plant::values(&self.uplink.now.borrow(), self.node.places(), self.now())
    }

    /// The births of devices that are heard again, and the deaths of those that are lost and have nothing more to say.
    pub(super) fn look_at_devices(&mut self) -> Result<(), String> {
        let heard = plant::connected(&self.uplink.now.borrow(), self.node.places());
        self.lost.retain(|device, _| !heard.contains(device));
        let head = self.uplink.head();
        let is_idle = Lane::ALL.into_iter().all(|lane| self.uplink.lanes.wanted(lane, head).is_none());
        let is_lost = |device: &usize| self.node.is_born(*device) && !heard.contains(device);
        let lost: Vec<usize> = self.node.devices().filter(is_lost).collect();
        for device in lost {
            let since = *self.lost.entry(device).or_insert_with(Instant::now);
            if is_idle && since.elapsed() >= DEATH_AFTER {
                let death = self.node.device_death(device, self.now());
                self.publish(Sent::Notice, death.into_iter().collect())?;
            }
        }
        self.bear_devices(heard.into_iter())?;
        self.look_at_clocks()
    }

    /// Another birth of devices whose clock was set back.
    fn look_at_clocks(&mut self) -> Result<(), String> {
        let is_due = self.compared.is_none_or(|at| at.elapsed() >= SET_BACK_EVERY);
        if !is_due || !self.node.has_doubts() {
            return Ok(());
        }
        self.compared = Some(Instant::now());
        let values = self.values();
        let set_back = self.node.set_back(&values);
        self.bear_with(&values, set_back)
    }
}
