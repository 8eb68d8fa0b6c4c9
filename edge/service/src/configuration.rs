//! The configuration as the API sees and changes it: what is in force, proposals, earlier versions, what-if. To put something in force
//! is the business of the task that holds everything together, to which an order is sent.

mod changes;
mod draft;
pub(crate) mod folder;
mod in_force;
pub(crate) mod lines;
mod prepare;
mod secrets;

pub(crate) use changes::{of_all, of_model};
pub(crate) use in_force::{InForce, Shared};
pub(crate) use prepare::{Prepared, prepare};

use crate::{versions::Shelf, what_if::WhatIfs};
use davy_api::{
    Apply, AskWhatIf, ConfigChecked, ConfigFiles, ConfigRefusal, ConfigState, ConfigVersion, Configurations, Finding,
    FolderState, PointsFormat, PointsHeader, Proposal, SourceKeys, WhatIf,
};
use davy_config::{
    Errors, Files,
    exchange::{self, Format, Header},
    scaffold::{self, Keys},
};
use futures::{FutureExt as _, future::BoxFuture};
use std::{path::PathBuf, sync::Arc};
use tokio::sync::{mpsc, oneshot};

/// Something that is to be put in force, and where the answer goes.
pub(crate) struct Order {
    pub(crate) apply: Apply,
    pub(crate) answer: oneshot::Sender<Result<ConfigVersion, ConfigRefusal>>,
}

/// What the API may see and ask for.
pub(crate) struct ForPage {
    /// `None` in the demonstration.
    pub(crate) folder: Option<PathBuf>,
    pub(crate) in_force: Shared,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) what_ifs: Arc<WhatIfs>,
    pub(crate) orders: mpsc::Sender<Order>,
}

type Told<T> = Result<T, ConfigRefusal>;

impl Configurations for ForPage {
    fn state(&self) -> ConfigState {
        let in_force = self.in_force.now();
        let (folder, folder_detail) = self.folder_state(&in_force);
        let about = &in_force.about;
        ConfigState {
            version: in_force.version(),
            number: in_force.number,
            applied_at: about.at,
            by: about.by.clone(),
            reason: about.reason.clone(),
            how: about.how,
            folder,
            folder_detail,
            findings: in_force.coverage.clone(),
        }
    }

    fn files(&self) -> ConfigFiles {
        let in_force = self.in_force.now();
        texts(&in_force.files, in_force.number)
    }

    fn points(&self, format: PointsFormat, header: PointsHeader) -> Told<Vec<u8>> {
        let format = match format {
            PointsFormat::Csv => Format::CsvUtf8,
            PointsFormat::Gbk => Format::CsvGbk,
            PointsFormat::Xlsx => Format::Xlsx,
        };
        let header = match header {
            PointsHeader::Zh => Header::Chinese,
            PointsHeader::En => Header::English,
        };
        exchange::export(&self.in_force.now().files, format, header).map_err(wrong)
    }

    fn source(&self, id: &str) -> Told<SourceKeys> {
        let in_force = self.in_force.now();
        let Keys { kind, keys } = scaffold::keys_of(&in_force.files, id).map_err(ConfigRefusal::NoSuchSource)?;
        Ok(SourceKeys { version: in_force.version(), kind, keys })
    }

    fn versions(&self) -> Told<Vec<ConfigVersion>> {
        let number = self.in_force.now().number;
        let all = self.shelf.list().map_err(|error| ConfigRefusal::Failed(format!("{error:#}")))?;
        Ok(all.into_iter().rev().map(|about| about.on_the_wire(number)).collect())
    }

    fn version(&self, number: u64) -> Told<ConfigFiles> {
        let kept = self.shelf.read(number).map_err(prepare::unreadable)?;
        let differences = lines::between(&self.in_force.now().files, &kept);
        Ok(ConfigFiles { differences, ..texts(&kept, Some(number)) })
    }

    fn check(&self, proposal: &Proposal) -> Told<ConfigChecked> {
        let in_force = self.in_force.now();
        in_force.is_base(&proposal.base)?;
        prepare::check(&in_force, &proposal.edits, self.folder.as_deref())
    }

    fn apply(&self, apply: Apply) -> BoxFuture<'static, Told<ConfigVersion>> {
        let (orders, (answer, answered)) = (self.orders.clone(), oneshot::channel());
        let stopping = || ConfigRefusal::Failed("the gateway is stopping".to_owned());
        async move {
            orders.send(Order { apply, answer }).await.map_err(|_| stopping())?;
            answered.await.map_err(|_| stopping())?
        }
        .boxed()
    }

    fn ask_what_if(&self, ask: AskWhatIf) -> Told<WhatIf> {
        let in_force = self.in_force.now();
        in_force.is_base(&ask.proposal.base)?;
        self.what_ifs.is_free()?;
        let files = prepare::proposed(&in_force, &ask.proposal.edits, self.folder.as_deref())?;
        self.what_ifs.ask(&ask, &files)
    }

    fn what_if(&self) -> WhatIf {
        self.what_ifs.now()
    }

    fn stop_what_if(&self) -> WhatIf {
        self.what_ifs.stop()
    }
}

impl ForPage {
    fn folder_state(&self, in_force: &InForce) -> (FolderState, String) {
        let Some(folder) = &self.folder else {
            return (
                FolderState::Unusable,
                "this gateway has no configuration folder: it is a demonstration".to_owned(),
            );
        };
        match Files::from_dir(folder) {
            Ok(files) if files == in_force.files => (FolderState::InForce, String::new()),
            Ok(files) => {
                let names: Vec<String> = lines::differing(&in_force.files, &files).map(String::clone).collect();
                (FolderState::Edited, format!("{} differ from what is in force", names.join(", ")))
            }
            Err(errors) => (FolderState::Unusable, errors.0.first().map(ToString::to_string).unwrap_or_default()),
        }
    }
}

fn texts(files: &Files, number: Option<u64>) -> ConfigFiles {
    let mut answer = ConfigFiles {
        version: files.version(),
        number,
        files: Default::default(),
        others: Vec::new(),
        differences: Vec::new(),
    };
    for (name, bytes) in &files.0 {
        match String::from_utf8(bytes.clone()) {
            Ok(text) if Files::may_have(name) => drop(answer.files.insert(name.clone(), text)),
            Ok(_) | Err(_) => answer.others.push(name.clone()),
        }
    }
    answer
}

/// A finding on the wire.
pub(crate) fn finding(finding: davy_config::Finding) -> Finding {
    let davy_config::Finding { file, line, column, message } = finding;
    Finding { file, line, column, message }
}

fn wrong(Errors(findings): Errors) -> ConfigRefusal {
    ConfigRefusal::Wrong(findings.into_iter().map(finding).collect())
}
