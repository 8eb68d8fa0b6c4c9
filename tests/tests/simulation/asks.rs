//! What operators and the enterprise's platform ask for, with and without sense.

use super::Random;
use crate::step::{Ask, Rectified, Step};
use davy_core::{
    event::{CertificateDecision, Note, NoteAct, Reference, Shelving, TaskResult, Verdict},
    limits::TEXT_MAX,
};
use rand::{Rng, seq::IndexedRandom};

impl Random<'_> {
    pub(super) fn ask(&mut self) -> Step {
        let what = match self.rng.random_range(0..18) {
            0..6 => self.ask_of_alarms(),
            6..11 => self.ask_of_tasks(),
            11..13 => Ask::Review(self.nth(), self.verdict(), self.note(), self.rectified()),
            13 if self.rng.random_bool(0.3) => Ask::RetryParked(self.nth(), self.rng.random_bool(0.5).then_some(7)),
            13 if self.rng.random_bool(0.2) => Ask::Unauthenticated(self.rng.random_range(1..100)),
            13 if self.rng.random_bool(0.3) => self.ask_of_access(),
            13 => self.ask_of_certificates(),
            _ => self.ask_to_hide(),
        };
        Step::Ask { by: self.by(), what }
    }

    fn ask_of_access(&mut self) -> Ask {
        let too_long = self.rng.random_bool(0.3);
        Ask::Access(Note {
            act: NoteAct::ChangeRole,
            object: Some(if too_long { "长".repeat(TEXT_MAX + 1) } else { "陈静".to_owned() }),
            before: Some("viewer".to_owned()),
            after: Some("operator".to_owned()),
            note: self.note(),
        })
    }

    /// An operator, the enterprise's platform, or nobody who makes sense.
    fn by(&mut self) -> String {
        match self.rng.random_range(0..20) {
            0 => String::new(),
            1 => "长".repeat(TEXT_MAX + 1),
            2..8 => "platform".to_owned(),
            _ => "张伟".to_owned(),
        }
    }

    fn nth(&mut self) -> usize {
        self.rng.random_range(0..5)
    }

    fn ask_of_alarms(&mut self) -> Ask {
        match self.rng.random_range(0..6) {
            0..4 => Ask::Acknowledge(self.nth()),
            4 => Ask::Silence,
            _ => Ask::Reset(self.nth()),
        }
    }

    fn ask_of_tasks(&mut self) -> Ask {
        match self.rng.random_range(0..6) {
            0 | 1 => Ask::Accept(self.nth(), self.attachments()),
            2 | 3 => Ask::Finish(self.nth(), self.result(), self.note(), self.attachments()),
            4 => Ask::Cancel(self.nth(), self.note()),
            _ => Ask::Attach(self.nth(), self.attachment()),
        }
    }

    fn ask_of_certificates(&mut self) -> Ask {
        let decision = [
            CertificateDecision::Trust,
            CertificateDecision::Reject,
            CertificateDecision::Remove,
            CertificateDecision::Renew,
        ];
        let decision = *decision.choose(&mut self.rng).unwrap_or(&CertificateDecision::Trust);
        let sha256 = if self.rng.random_bool(0.2) { String::new() } else { "ab".repeat(32) };
        Ask::Certificate { decision, sha256, subject: "CN=dcs".to_owned() }
    }

    fn ask_to_hide(&mut self) -> Ask {
        let rule = self.rng.random_range(0..=self.site.rules.len());
        let unit = self.rng.random_range(0..=self.site.units.len());
        match self.rng.random_range(0..12) {
            0..3 => Ask::Shelve(rule, self.shelving()),
            3 => Ask::Unshelve(rule),
            4 => Ask::ShelveAlarm(self.nth(), self.shelving()),
            9 => Ask::UnshelveAlarm(self.nth()),
            5 => Ask::OutOfService(rule, self.note()),
            6 | 7 => Ask::ReturnToService(rule),
            8 => Ask::Stop(unit, self.rng.random_bool(0.7).then(|| self.duration_ms() * 4), self.note()),
            _ => Ask::Resume(unit),
        }
    }

    fn shelving(&mut self) -> Shelving {
        let for_ms = if self.rng.random_bool(0.1) { u64::MAX } else { self.duration_ms() * 4 };
        Shelving { for_ms, one_shot: self.rng.random(), reason: self.note() }
    }

    fn result(&mut self) -> TaskResult {
        *[TaskResult::Normal, TaskResult::HiddenDanger, TaskResult::CouldNot]
            .choose(&mut self.rng)
            .unwrap_or(&TaskResult::Normal)
    }

    fn verdict(&mut self) -> Verdict {
        *[Verdict::Confirmed, Verdict::Rejected, Verdict::Closed].choose(&mut self.rng).unwrap_or(&Verdict::Confirmed)
    }

    fn note(&mut self) -> String {
        if self.rng.random_bool(0.2) { String::new() } else { "已查".to_owned() }
    }

    fn rectified(&mut self) -> Rectified {
        let most = [Rectified::NotSaid, Rectified::AtOnce, Rectified::ByDeadline, Rectified::ByNobody];
        if self.rng.random() { Rectified::NotSaid } else { *most.choose(&mut self.rng).unwrap_or(&Rectified::NotSaid) }
    }

    fn attachments(&mut self) -> Vec<Reference> {
        let count = *[0, 0, 1, 2].choose(&mut self.rng).unwrap_or(&0);
        (0..count).map(|_| self.attachment()).collect()
    }

    /// A photo by reference; now and then one that names nothing, or no kind.
    fn attachment(&mut self) -> Reference {
        let media_type = if self.rng.random_bool(0.1) { "photo" } else { "image/jpeg" };
        let sha256 = self.rng.random_bool(0.3).then(|| "cd".repeat(32));
        Reference { uri: self.note(), media_type: media_type.to_owned(), sha256 }
    }
}
