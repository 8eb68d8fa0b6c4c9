//! Sources and uplinks on the wire: who they are and how they are doing, in one flat row.

use crate::{Context, app::App};
use davy_core::{
    health::{SourceHealth, UplinkHealth},
    id::{SourceId, UplinkId},
    model::SourceKind,
};
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct SourceRow {
    pub(crate) source: SourceId,
    pub(crate) name: String,
    pub(crate) kind: SourceKind,
    #[serde(flatten)]
    pub(crate) health: SourceHealth,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct UplinkRow {
    pub(crate) uplink: UplinkId,
    pub(crate) name: String,
    #[serde(flatten)]
    pub(crate) health: UplinkHealth,
}

impl App {
    pub(crate) fn sources(&self) -> Vec<SourceRow> {
        let Context { sources, .. } = &self.context;
        let rows = sources.iter().map(|(source, health)| SourceRow {
            source: source.id.clone(),
            name: source.name.clone(),
            kind: source.kind,
            health: health.borrow().clone(),
        });
        rows.collect()
    }

    pub(crate) fn uplinks(&self) -> Vec<UplinkRow> {
        let Context { uplinks, .. } = &self.context;
        let rows = uplinks.iter().map(|(uplink, health)| UplinkRow {
            uplink: uplink.id.clone(),
            name: uplink.name.clone(),
            health: health.borrow().clone(),
        });
        rows.collect()
    }
}
