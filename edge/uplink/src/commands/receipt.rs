//! What a platform is told of its command. It is made of the audit in the journal and of nothing else, so it is the same whenever
//! it is asked for.

use davy_core::{
    event::CommandOutcome,
    record::{AuditRecord, CommandRecord},
    time::UtcTime,
};
use serde::Serialize;

/// A receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Receipt {
    /// The command's id, its `jti`.
    pub command: String,
    /// Its kind, as it said.
    pub kind: String,
    /// What came of it. It is the same for ever: what is refused is asked for again under another id.
    pub outcome: CommandOutcome,
    /// Why it was not done; absent when it was.
    pub reason: Option<String>,
    /// What changed, or all that is wrong; often empty.
    pub details: Vec<String>,
    /// The place in the gateway's journal of the audit that answers it.
    pub seq: u64,
    /// When.
    pub at: UtcTime,
    /// Whether the command has the id of another one, of which the rest tells.
    #[serde(skip)]
    pub reused: bool,
}

impl Receipt {
    /// Of the audit at a place in the journal, as JSON.
    ///
    /// # Errors
    /// When it is no audit of a command.
    pub fn of_audit(seq: u64, body: &str) -> Result<(Self, CommandRecord), String> {
        let audit: AuditRecord = serde_json::from_str(body).map_err(|error| error.to_string())?;
        let command = audit.command.ok_or("it names no command")?;
        let receipt = Self {
            command: command.id.clone(),
            kind: command.kind.clone(),
            outcome: command.outcome,
            reason: audit.refused,
            details: command.details.clone(),
            seq,
            at: audit.at,
            reused: false,
        };
        Ok((receipt, command))
    }

    /// For a command that has the id of another one.
    #[must_use]
    pub fn reused(self) -> Self {
        let reason = format!(
            "the id stands for another command, which was answered at {}; give every command an id of its own",
            self.at
        );
        Self { outcome: CommandOutcome::Invalid, reason: Some(reason), details: Vec::new(), reused: true, ..self }
    }
}
