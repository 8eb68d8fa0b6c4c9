//! What the gateway holds of its box: what it tells it, and never waits for.

use crate::limits;
use davy_core::annunciation::{Annunciation, LampPattern};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

/// A test of outputs: each is on or off, whatever would be shown, for so long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// Who tests.
    pub by: String,
    /// The outputs by name.
    pub outputs: BTreeMap<String, bool>,
    /// 1 to [`crate::TEST_SECONDS_MAX`]; then everything is normal again.
    pub seconds: u64,
}

/// Why a test may not begin, in words for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It can never be.
    Senseless(String),
    /// It cannot be now.
    NotNow(String),
}

/// Tells the box what to show and that the loop turns. Clones tell the same box. Nothing here waits for hardware.
#[derive(Clone, Debug)]
pub struct Hand(Arc<Shared>);

#[derive(Debug)]
pub(crate) struct Shared {
    turns: AtomicU64,
    disk_hangs: AtomicBool,
    outputs: Vec<String>,
    orders: Mutex<Orders>,
    /// There are orders, or the thread has ended.
    news: Condvar,
}

/// What the thread of the panel is to do.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    pub(crate) shown: Option<Annunciation>,
    pub(crate) tests: VecDeque<Order>,
    pub(crate) stopping: bool,
    pub(crate) end: bool,
    /// What was shown last, also when it was taken.
    last: Option<Annunciation>,
    ended: bool,
}

/// How the loop that evaluates alarms is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pulse {
    /// How often it has turned.
    pub(crate) turns: u64,
    /// Whether the disk has taken nothing for so long that only a restart helps.
    pub(crate) disk_hangs: bool,
}

/// About tests.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    Begin(Test),
    End,
}

impl Hand {
    pub(crate) fn new(outputs: Vec<String>) -> Self {
        Self(Arc::new(Shared {
            turns: AtomicU64::new(0),
            disk_hangs: AtomicBool::new(false),
            outputs,
            orders: Mutex::default(),
            news: Condvar::new(),
        }))
    }

    /// Shows this from now on.
    pub fn show(&self, shown: Annunciation) {
        let mut orders = self.lock();
        (orders.shown, orders.last) = (Some(shown), Some(shown));
        drop(orders);
        self.0.news.notify_all();
    }

    /// The loop that evaluates alarms turns. To be called by it alone, at each turn. While `disk_hangs` no watchdog is fed: lamp and
    /// horn go on, and whoever restarts the gateway is to do so.
    pub fn turn(&self, disk_hangs: bool) {
        self.0.disk_hangs.store(disk_hangs, Ordering::Relaxed);
        self.0.turns.fetch_add(1, Ordering::Relaxed);
    }

    /// Why a test may not begin, if it may not. The panel looks again when it begins.
    ///
    /// # Errors
    /// That.
    pub fn consider(&self, test: &Test) -> Result<(), Refusal> {
        self.make_sense(test).map_err(Refusal::Senseless)?;
        self.may_begin().map_err(|why| Refusal::NotNow(why.to_owned()))
    }

    fn make_sense(&self, test: &Test) -> Result<(), String> {
        if !(1..=limits::TEST_SECONDS_MAX).contains(&test.seconds) {
            return Err(limits::TEST_TEXT.to_owned());
        }
        if let Some(unknown) = test.outputs.keys().find(|name| !self.0.outputs.contains(name)) {
            return Err(format!("the box has no output {unknown}; it has {}", self.0.outputs.join(", ")));
        }
        if test.outputs.is_empty() {
            return Err("nothing is to be tested: name an output".to_owned());
        }
        Ok(())
    }

    fn may_begin(&self) -> Result<(), &'static str> {
        let orders = self.lock();
        let flashes = |shown: Annunciation| shown.pattern == LampPattern::Flash || shown.horn;
        if orders.last.is_some_and(flashes) {
            return Err("an alarm is not acknowledged, and a test must not hide it: acknowledge it first");
        }
        if orders.tests.len() >= limits::ORDERS_MAX {
            return Err("other tests are about to begin: try again in a moment");
        }
        Ok(())
    }

    /// Begins a test in the place of any other.
    pub fn begin(&self, test: Test) {
        self.order(Order::Begin(test));
    }

    /// Ends a test at once.
    pub fn end_test(&self) {
        self.order(Order::End);
    }

    /// The gateway is ending its connections; alarming goes on until [`Hand::end`].
    pub fn stopping(&self) {
        self.lock().stopping = true;
        self.0.news.notify_all();
    }

    /// Puts every output into its safe state and lets go of watchdogs. Waits for that, but not for ever; whether it was done.
    pub fn end(&self) -> bool {
        let mut orders = self.lock();
        orders.end = true;
        self.0.news.notify_all();
        let waited = self.0.news.wait_timeout_while(orders, limits::END_MAX, |orders| !orders.ended);
        waited.unwrap_or_else(PoisonError::into_inner).0.ended
    }

    fn order(&self, order: Order) {
        let mut orders = self.lock();
        if orders.tests.len() < limits::ORDERS_MAX || matches!(order, Order::End) {
            // To end them all is to end those that wait as well.
            if matches!(order, Order::End) {
                orders.tests.clear();
            }
            orders.tests.push_back(order);
        }
        drop(orders);
        self.0.news.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Orders> {
        self.0.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the loop has said of itself.
    pub(crate) fn pulse(&self) -> Pulse {
        Pulse { turns: self.0.turns.load(Ordering::Relaxed), disk_hangs: self.0.disk_hangs.load(Ordering::Relaxed) }
    }

    /// Waits for orders, at most so long, and takes them.
    pub(crate) fn wait(&self, at_most: Duration) -> Orders {
        let idle = |orders: &mut Orders| orders.shown.is_none() && orders.tests.is_empty() && !orders.end;
        let waited = self.0.news.wait_timeout_while(self.lock(), at_most, idle);
        let mut orders = waited.unwrap_or_else(PoisonError::into_inner).0;
        Orders {
            shown: orders.shown.take(),
            tests: std::mem::take(&mut orders.tests),
            stopping: orders.stopping,
            end: orders.end,
            last: orders.last,
            ended: orders.ended,
        }
    }

    /// The thread of the panel has done all that is to be done at its end.
    pub(crate) fn tell_ended(&self) {
        self.lock().ended = true;
        self.0.news.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use davy_core::annunciation::LampColour;

    fn test(outputs: &[&str], seconds: u64) -> Test {
        Test {
            by: "李工".to_owned(),
            outputs: outputs.iter().map(|name| ((*name).to_owned(), true)).collect(),
            seconds,
        }
    }

    #[test]
    fn orders_are_taken_once_and_the_last_to_show_counts() {
        let hand = Hand::new(vec!["horn".to_owned()]);
        let red = Annunciation { lamp: LampColour::Red, ..Annunciation::default() };
        hand.show(red);
        hand.show(Annunciation::default());
        hand.begin(test(&["horn"], 10));
        let orders = hand.wait(Duration::ZERO);
        assert_eq!((orders.shown, orders.tests.len()), (Some(Annunciation::default()), 1));
        let orders = hand.wait(Duration::ZERO);
        assert_eq!((orders.shown, orders.tests.len()), (None, 0));
    }

    #[test]
    fn what_may_not_be_tested_is_refused_before_it_is_on_record() {
        let hand = Hand::new(vec!["horn".to_owned()]);
        let refused = |test: &Test| match hand.consider(test).expect_err("it may not be") {
            Refusal::Senseless(why) | Refusal::NotNow(why) => why,
        };
        assert!(hand.consider(&test(&["horn"], 60)).is_ok());
        assert!(refused(&test(&["horn"], 61)).contains("1 to 60 s"));
        assert!(refused(&test(&[], 1)).contains("name an output"));
        assert_eq!(refused(&test(&["bell"], 1)), "the box has no output bell; it has horn");
        hand.show(Annunciation { pattern: LampPattern::Flash, ..Annunciation::default() });
        assert!(refused(&test(&["horn"], 1)).contains("not acknowledged"));
        hand.show(Annunciation::default());
        (0..limits::ORDERS_MAX).for_each(|_| hand.begin(test(&["horn"], 1)));
        assert!(refused(&test(&["horn"], 1)).contains("try again"));
        hand.end_test();
        assert_eq!(hand.wait(Duration::ZERO).tests.len(), 1, "the end alone");
    }
}
