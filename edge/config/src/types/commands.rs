//! What the enterprise platform may ask for, and who it must prove to be.

/// Commands that come back over an uplink. Without it none is listened to.
#[derive(Clone, Debug, PartialEq)]
pub struct CommandsConfig {
    /// Who may sign them; never empty.
    pub keys: Vec<CommandKey>,
    /// The kinds that are done; never empty, each once.
    pub kinds: Vec<AskKind>,
    /// Where they are asked for; over HTTP alone.
    pub poll: Option<Poll>,
}

/// A key of the platform, provisioned on site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandKey {
    /// What a command calls it, `kid` of its header: the name of its file up to the first dot.
    pub id: String,
    /// Ed25519 (RFC 8032).
    pub public: [u8; 32],
}

/// Where commands are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poll {
    /// `https://…` or `http://…`, as the uplink's own.
    pub url: String,
    /// How often, in milliseconds.
    pub every_ms: u64,
}

/// What a command is about, as its topic and its claim `kind` say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AskKind {
    /// Acknowledge an alarm.
    Acknowledge,
    /// Take, finish or cancel a task, or attach something to it.
    Task,
    /// Decide on a suspected hazard.
    Hazard,
    /// Open or close a unit's stop record.
    Stop,
    /// A special-work ticket as the platform has it.
    Ticket,
    /// The files of `risk/` as a whole.
    RiskModel,
}

impl AskKind {
    /// Every kind there is.
    pub const ALL: [Self; 6] = [Self::Acknowledge, Self::Task, Self::Hazard, Self::Stop, Self::Ticket, Self::RiskModel];

    /// The published name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Task => "task",
            Self::Hazard => "hazard",
            Self::Stop => "stop",
            Self::Ticket => "ticket",
            Self::RiskModel => "risk_model",
        }
    }

    /// The kind of a published name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
