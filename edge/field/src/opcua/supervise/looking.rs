//! What is due every now and then.

use super::{Supervisor, Trouble};
use crate::{
    limits::{self, opcua as bounds},
    opcua::wanted::Filter,
};
use tokio::time::Instant;

impl Supervisor<'_> {
    /// Whether anybody is silent, and what is due.
    pub(super) fn look_round(&mut self) -> Result<(), Trouble> {
        let now = Instant::now();
        if !self.connected && now - self.begun > limits::CONNECT_MAX {
            return Err(self.broken(&format!("no session within {} s", limits::CONNECT_MAX.as_secs())));
        }
        let silent = self.granted.iter().zip(&self.seen).find(|(granted, seen)| now - **seen > granted.silence_max);
        if let Some((granted, _)) = silent.filter(|_| self.held.is_none()) {
            let seconds = granted.silence_max.as_secs();
            return Err(self.useless(&format!("subscription {} has been silent for {seconds} s", granted.id)));
        }
        let Some(server) = self.server.clone() else { return Ok(()) };
        if !self.asked.standing && now >= self.due.standing {
            self.asked.standing = true;
            self.due.standing = now + bounds::ALIVE_EVERY;
            self.running.spawn(self.jobs.clone().standing());
        }
        if !self.asked.history && self.monitor.is_up() && now >= self.due.history {
            self.fill_gap(&server);
        }
        self.look_for_conditions(&server, now);
        if self.granted.is_empty() {
            return Ok(());
        }
        if !self.asked.refused && !self.refused.is_empty() && now >= self.due.refused {
            self.asked.refused = true;
            self.refused_again = (self.refused_again * 2).min(bounds::REFUSED_AGAIN_MAX);
            self.due.refused = now + self.refused_again;
            let (granted, refused) = (self.granted.clone(), self.refused.clone());
            self.running.spawn(self.jobs.clone().ask_again(server.clone(), granted, refused));
        }
        if !self.asked.spot && now >= self.due.spot {
            let publishing = self.granted.iter().map(|granted| granted.publishing).max().unwrap_or_default();
            self.due.spot = now + (2 * publishing).max(bounds::SPOT_CHECK_EVERY);
            let wanted = &self.jobs.wanted;
            let every_change = |item| wanted.filter(item) == Filter::Change;
            let items = self.spot.choose(bounds::SPOT_CHECK_NODES, every_change);
            if !items.is_empty() {
                self.asked.spot = true;
                self.running.spawn(self.jobs.clone().look_at(server.clone(), items));
            }
        }
        if !self.asked.unheard && now >= self.due.unheard {
            self.due.unheard = now + bounds::UNHEARD_AGAIN;
            let unheard = self.arrival.unheard();
            if unheard.is_empty() {
                self.report.silent = 0;
                self.tell();
            } else {
                self.asked.unheard = true;
                self.running.spawn(self.jobs.clone().read(server, unheard));
            }
        }
        Ok(())
    }
}
