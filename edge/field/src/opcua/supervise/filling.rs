//! After the source has come back: what was not heard of it, from its own history.

use super::Supervisor;
use crate::opcua::{
    history::{Filling, Missing},
    server::Server,
};
use davy_core::event::{Filled, Sample};

impl Supervisor<'_> {
    /// Begins to fill the gap, where there is one. By then every item has had its time to be heard again, which is where
    /// its gap ends.
    pub(super) fn fill_gap(&mut self, server: &Server) {
        let Some(gaps) = self.gaps.as_mut().filter(|gaps| gaps.is_open()) else { return };
        let wanted = &self.jobs.wanted;
        let missing = gaps.missing().into_iter().filter_map(|(item, between)| {
            let node = wanted.node(item, server).ok()?;
            Some(Missing::new(item, wanted.tag(item), node, between))
        });
        if let Some(filling) = Filling::new(missing.collect(), server.limits.nodes_per_history_read) {
            self.asked.history = true;
            self.running.spawn(self.jobs.clone().fill(filling));
        } else {
            gaps.close();
        }
    }

    /// Hands a piece on, and asks for the next.
    pub(super) async fn filled(&mut self, filling: Filling, samples: Vec<Sample>) {
        if let Some(gaps) = self.gaps.as_mut() {
            filling.filled.iter().for_each(|item| gaps.fill(*item));
        }
        if !filling.is_done() {
            self.monitor.backfill(samples, None).await;
            self.running.spawn(self.jobs.clone().fill(filling));
            return;
        }
        self.asked.history = false;
        let Filling { span, values, refused, trouble, .. } = filling;
        let mut note = format!("gap from {} to {}: {values} values from the server's history", span.start, span.end);
        if !refused.is_empty() {
            note.push_str(&format!(", {} nodes have none", refused.len()));
        }
        if let Some(trouble) = trouble {
            note.push_str(&format!(", not all of it: {trouble}"));
        }
        self.report.history = Some(note);
        self.tell();
        let filled = Filled { from: span.start, until: span.end, values: values as u64 };
        self.monitor.backfill(samples, (values > 0).then_some(filled)).await;
        if let Some(gaps) = self.gaps.as_mut() {
            refused.into_iter().for_each(|item| gaps.refuse(item));
            gaps.close();
        }
    }
}
