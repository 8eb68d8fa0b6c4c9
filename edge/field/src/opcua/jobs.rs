//! What is asked of a session while it is being watched. A session answers only while its events are polled, so none of
//! this may be waited for there.

use crate::{
    limits::{self, opcua as bounds},
    opcua::{
        convert, drive,
        granted::{Created, Granted, Refused},
        history::Filling,
        instances::{self, Look},
        security::Security,
        server::{self, Server, Standing},
        session,
        subscribe::{self, Deaf, Notice},
        wanted::Wanted,
    },
};
use davy_config::OpcUaSource;
use davy_core::{event::Sample, time::UtcTime};
use opcua::{client::Session, types::NotificationMessage};
use std::{ops::Range, sync::Arc};
use tokio::{sync::mpsc, time::timeout};

/// What a job brought.
pub(crate) enum Done {
    /// The server has said what it is.
    Met(Server, Standing),
    /// The subscriptions are there, and what limits they have shown.
    Subscribed(Server, Vec<Granted>, Created),
    /// The events of alarm conditions are subscribed to, and how many the server keeps; or they are not to be had.
    Listening(Result<(Granted, u32), Deaf>),
    /// The states of alarm conditions were read, or in words why not.
    Looked(Result<(Server, Vec<Look>), String>),
    /// Refused items were asked for again.
    AskedAgain(Server, Created),
    /// Whether the server runs.
    Standing(Standing),
    /// Items that no notification had brought, each with its value.
    Read(Vec<(usize, Sample)>),
    /// Some items, to be compared with what was notified.
    Spotted(Vec<(usize, Sample)>),
    /// Notifications of a subscription that had not come, and how many of them the server does not have any more.
    Republished(usize, Vec<NotificationMessage>, u64),
    /// A piece of a gap.
    Filled(Filling, Vec<Sample>),
    /// The best of the other servers, by its place in the list; `None` when none answers.
    Scouted(Option<(usize, Standing)>),
}

/// The result of a job; an error, in words, makes the session useless.
pub(crate) type Outcome = Result<Done, String>;

/// The session on which jobs are done, and for what.
#[derive(Clone)]
pub(crate) struct Jobs {
    pub(crate) session: Arc<Session>,
    pub(crate) wanted: Arc<Wanted>,
    pub(crate) utc: fn() -> UtcTime,
}

impl Jobs {
    pub(crate) async fn meet(self) -> Outcome {
        let standing = server::standing(&self.session).await?;
        Ok(Done::Met(server::ask(&self.session).await?, standing))
    }

    pub(crate) async fn subscribe(self, server: Server, notices: mpsc::Sender<Notice>) -> Outcome {
        let (server, granted, created) = subscribe::subscribe(&self.session, &self.wanted, server, &notices).await?;
        Ok(Done::Subscribed(server, granted, created))
    }

    pub(crate) async fn listen(self, subscription: usize, notices: mpsc::Sender<Notice>) -> Outcome {
        Ok(Done::Listening(subscribe::listen(&self.session, &self.wanted, subscription, &notices).await))
    }

    /// A server that does not answer this may well send values.
    pub(crate) async fn look(self, server: Server, looks: Vec<Look>) -> Outcome {
        let looked = async {
            // One that has just started may not have had its namespaces yet.
            let namespaces = server::namespaces(&self.session).await?;
            let server = Server { namespaces, ..server };
            let looks = instances::look(&self.session, &server, looks).await?;
            Ok((server, looks))
        };
        Ok(Done::Looked(looked.await))
    }

    pub(crate) async fn ask_again(self, server: Server, granted: Vec<Granted>, refused: Vec<Refused>) -> Outcome {
        let (server, created) = subscribe::ask_again(&self.session, &self.wanted, &server, &granted, &refused).await?;
        Ok(Done::AskedAgain(server, created))
    }

    pub(crate) async fn standing(self) -> Outcome {
        server::standing(&self.session).await.map(Done::Standing)
    }

    pub(crate) async fn look_at(self, server: Server, items: Vec<usize>) -> Outcome {
        self.values(server, items).await.map(Done::Spotted)
    }

    pub(crate) async fn read(self, server: Server, items: Vec<usize>) -> Outcome {
        self.values(server, items).await.map(Done::Read)
    }

    async fn values(self, server: Server, items: Vec<usize>) -> Result<Vec<(usize, Sample)>, String> {
        let known = items.into_iter().filter_map(|item| Some((item, self.wanted.node(item, &server).ok()?)));
        let (items, nodes): (Vec<usize>, Vec<_>) = known.unzip();
        let values = server::read(&self.session, nodes, server.limits.nodes_per_read).await?;
        let received_time = (self.utc)();
        let sample = |(item, value)| (item, convert::sample(self.wanted.tag(item), &value, received_time));
        Ok(items.into_iter().zip(values).map(sample).collect())
    }

    pub(crate) async fn fill(self, mut filling: Filling) -> Outcome {
        let samples = filling.step(&self.session, self.utc).await;
        Ok(Done::Filled(filling, samples))
    }

    /// Asks for notifications that did not come; the server keeps them until they are acknowledged, as long as it can.
    pub(crate) async fn republish(self, subscription: usize, id: u32, missed: Range<u32>) -> Outcome {
        let mut found = Vec::new();
        let count = u64::from(missed.end - missed.start);
        if missed.len() <= bounds::REPUBLISHED_MAX {
            for number in missed {
                // Refused means gone, and so does another or an empty one; what is gone is read instead.
                let again = self.session.republish(id, number).await.ok();
                found
                    .extend(again.filter(|again| again.sequence_number == number && again.notification_data.is_some()));
            }
        }
        let lost = count - found.len() as u64;
        Ok(Done::Republished(subscription, found, lost))
    }
}

/// Asks the other servers of the list how they are.
pub(crate) async fn scout(config: OpcUaSource, security: Security, places: Vec<(usize, String)>) -> Outcome {
    let mut best: Option<(usize, Standing)> = None;
    for (at, place) in places {
        let standing = timeout(limits::CONNECT_MAX, standing_of(&config, &place, &security)).await;
        let Ok(Ok(standing)) = standing else { continue };
        if best.is_none_or(|(_, best)| standing.rank() > best.rank()) {
            best = Some((at, standing));
        }
    }
    Ok(Done::Scouted(best))
}

async fn standing_of(config: &OpcUaSource, place: &str, security: &Security) -> Result<Standing, String> {
    let (session, mut events, _) = session::open(config, place, security).await?;
    drive::connected(&mut events).await?;
    let standing = drive::driven(&mut events, server::standing(&session)).await;
    session::close(&session, &mut events).await;
    standing
}
