//! What is in force, for whoever looks at it from outside the loop.

use super::{finding, secrets};
use crate::{gateway::Fixed, versions::About};
use davy_api::{ConfigRefusal, Finding};
use davy_config::{Checked, Configuration, Files, SourceConfig, UpdateConfig};
use davy_core::model::Site;
use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError, RwLock},
};

/// A configuration in force.
pub(crate) struct InForce {
    pub(crate) files: Files,
    pub(crate) site: Site,
    pub(crate) sources: Vec<SourceConfig>,
    pub(crate) coverage: Vec<Finding>,
    /// Names of secrets that it may read wherever they are.
    pub(crate) secrets: BTreeSet<String>,
    pub(crate) fixed: Fixed,
    /// Whose releases are installed.
    pub(crate) update: UpdateConfig,
    /// Who put it in force, why, when.
    pub(crate) about: About,
    /// Among the versions that are kept; `None` where it could not be.
    pub(crate) number: Option<u64>,
}

impl InForce {
    pub(crate) fn of(checked: &Checked, about: About, number: Option<u64>) -> Self {
        let Configuration { site, sources, files, board, storage, web, update, .. } = &checked.configuration;
        Self {
            files: files.clone(),
            site: site.clone(),
            sources: sources.clone(),
            coverage: checked.coverage.iter().cloned().map(finding).collect(),
            secrets: secrets::named_by(files),
            fixed: Fixed { board: board.clone(), storage: *storage, web: web.clone() },
            update: update.clone(),
            about,
            number,
        }
    }

    pub(crate) fn version(&self) -> String {
        self.site.gateway.config_version.to_string()
    }

    /// Whether changes were made to what is in force.
    pub(crate) fn is_base(&self, base: &str) -> Result<(), ConfigRefusal> {
        let version = self.version();
        if base == version {
            return Ok(());
        }
        let by = self.about.by.as_deref().map(|by| format!(" by {by}")).unwrap_or_default();
        Err(ConfigRefusal::Outdated(format!(
            "the changes were made to {base}; {version} is in force since {}{by}",
            self.about.at
        )))
    }
}

/// The configuration in force, which one task replaces.
#[derive(Clone)]
pub(crate) struct Shared(Arc<RwLock<Arc<InForce>>>);

impl Shared {
    pub(crate) fn new(in_force: InForce) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(in_force))))
    }

    pub(crate) fn now(&self) -> Arc<InForce> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn replace(&self, in_force: InForce) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(in_force);
    }
}
