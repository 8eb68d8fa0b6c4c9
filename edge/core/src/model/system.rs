//! Rules by which the alarm system watches itself: floods, nuisance alarms, its clock, its disk, its journal, its horn.

/// What of the alarm system a rule watches. Such a rule belongs to no unit and counts no alarm of its own family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemRule {
    /// More alarms than a person can answer 报警泛滥.
    Flood(FloodLimits),
    /// A rule that is raised again and again within a short time 报警抖动.
    Chattering(Repeating),
    /// A rule whose alarms are over before anybody can act 瞬时报警.
    Fleeting {
        /// An activation that lasts less than this is fleeting. EEMUA 191 speaks of alarms that clear before the operator
        /// can act and gives no number.
        shorter_ms: u64,
        /// How many make it a nuisance.
        repeating: Repeating,
    },
    /// An alarm that stands for so long that nobody sees it any more 长期报警: EEMUA 191 and ISA-18.2 call it stale.
    Standing {
        /// Active for so long.
        after_ms: u64,
    },
    /// The wall clock is wrong, or nobody sets it: times in records cannot be trusted.
    ClockUnsynchronised {
        /// Wrong by more than this.
        offset_max_ms: u64,
        /// Or not synchronised for so long.
        unsynchronised_ms: u64,
    },
    /// The disk fills: without room nothing can be kept for the uplinks.
    StorageFilling {
        /// From so much on, in % of the room there is.
        percent: u8,
        /// Below so much it is over.
        clear_percent: u8,
    },
    /// The journal does not reach the disk: what happens now is lost when the power goes.
    JournalNotDurable,
    /// The horn was silent by hand for too long while it should have sounded.
    HornSilenced {
        /// Longer than this in total …
        longer_ms: u64,
        /// … within so long.
        window_ms: u64,
    },
    /// The horn was silenced while an alarm that may never be hidden (SOS, gas) is unacknowledged.
    LifeAlarmSilenced,
    /// A certificate of a connection in use is about to end, and with it the connection.
    CertificateExpiring {
        /// So many days before.
        before_days: u32,
    },
    /// Lamp, horn, a relay, a button or a watchdog of the box does not do its work: people on the spot may not hear of an alarm.
    BoardTrouble,
}

/// When a flood begins and ends. EEMUA 191: ten alarms in ten minutes begin it, fewer than five in ten minutes end it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FloodLimits {
    /// So many alarms within the window begin it.
    pub begins: u32,
    /// Fewer than so many end it; at most `begins`.
    pub ends_below: u32,
    /// The window.
    pub window_ms: u64,
}

/// How often a rule must repeat itself to be a nuisance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeating {
    /// So often …
    pub count_min: u32,
    /// … within so long.
    pub window_ms: u64,
    /// It is a nuisance until it has been quiet for so long.
    pub quiet_ms: u64,
}

impl SystemRule {
    /// The published name of the kind.
    pub(super) fn kind_name(&self) -> &'static str {
        match self {
            Self::Flood(_) => "flood",
            Self::Chattering(_) => "chattering",
            Self::Fleeting { .. } => "fleeting",
            Self::Standing { .. } => "standing",
            Self::ClockUnsynchronised { .. } => "clock_unsynchronised",
            Self::StorageFilling { .. } => "storage_filling",
            Self::JournalNotDurable => "journal_not_durable",
            Self::HornSilenced { .. } => "horn_silenced",
            Self::LifeAlarmSilenced => "life_alarm_silenced",
            Self::CertificateExpiring { .. } => "certificate_expiring",
            Self::BoardTrouble => "board_trouble",
        }
    }

    /// Whether it can be judged before anybody has told the engine of clock, disk, journal, certificates and box.
    pub(super) fn known_from_start(&self) -> bool {
        !matches!(
            self,
            Self::ClockUnsynchronised { .. }
                | Self::StorageFilling { .. }
                | Self::JournalNotDurable
                | Self::CertificateExpiring { .. }
                | Self::BoardTrouble
        )
    }
}
