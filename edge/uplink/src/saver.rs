//! Saves the cursor: behind the messages, never before one, one write at a time so that an older cursor cannot replace a
//! newer one.

use crate::lanes::Cursor;
use davy_store::{ParkedChange, Store, StoreError};
use std::{future::Future, pin::Pin};

type Write = Pin<Box<dyn Future<Output = (Cursor, Result<(), StoreError>)> + Send>>;

/// The one who writes the cursor of an uplink.
pub(crate) struct Saver {
    store: Store,
    name: String,
    saved: Cursor,
    writing: Option<Write>,
    failing: bool,
}

impl Saver {
    /// Reads the cursor. Without one, or with one of another recording, `beginning` takes its place; so it does for one that
    /// cannot be read, after which records go up again with the ids they had.
    pub(crate) async fn load(store: Store, name: String, beginning: Cursor) -> Result<Self, StoreError> {
        let text = store.cursor(&name).await?;
        let read = text.as_deref().map(Cursor::read).transpose().unwrap_or_else(|reason| {
            tracing::error!(event = "cursor_unreadable", uplink = name, reason, "it begins anew");
            None
        });
        // Connections are counted on, whatever they carry.
        let bd_seq = read.as_ref().and_then(|cursor| cursor.bd_seq);
        let read = read.filter(|cursor| cursor.recording == beginning.recording);
        let begins = read.is_none();
        let saved = read.unwrap_or(Cursor { bd_seq, ..beginning });
        if begins {
            // What begins with today must not begin with tomorrow after a crash.
            store.set_cursor(&name, text_of(&saved)).await?;
        }
        Ok(Self { store, name, saved, writing: None, failing: false })
    }

    /// The name of the cursor.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The last one that is on the disk.
    pub(crate) fn saved(&self) -> &Cursor {
        &self.saved
    }

    /// Begins to save a cursor, unless one is being saved; the next call takes over.
    pub(crate) fn begin(&mut self, cursor: &Cursor) {
        if self.writing.is_none() && *cursor != self.saved {
            let (store, name, cursor) = (self.store.clone(), self.name.clone(), cursor.clone());
            self.writing = Some(Box::pin(async move {
                let result = store.set_cursor(&name, text_of(&cursor)).await;
                (cursor, result)
            }));
        }
    }

    /// Whether something is being saved.
    pub(crate) fn is_writing(&self) -> bool {
        self.writing.is_some()
    }

    /// Waits for what is being saved.
    pub(crate) async fn written(&mut self) {
        let Some(writing) = self.writing.as_mut() else { return };
        let (cursor, result) = writing.await;
        self.writing = None;
        match result {
            Ok(()) => {
                self.saved = cursor;
                self.failing = false;
            }
            Err(error) if !std::mem::replace(&mut self.failing, true) => {
                tracing::warn!(event = "cursor_not_saved", uplink = self.name, %error, "rows may be sent again after a restart");
            }
            Err(_) => {}
        }
    }

    /// Saves a cursor together with the rows that it passes without their being taken, and waits until both are on the disk.
    ///
    /// # Errors
    /// When they are not; then nothing of it is.
    pub(crate) async fn park(&mut self, cursor: &Cursor, parked: Vec<ParkedChange>) -> Result<(), StoreError> {
        self.written().await;
        self.store.save_uplink(&self.name, Some(text_of(cursor)), parked).await?;
        self.saved = cursor.clone();
        Ok(())
    }

    /// Saves a cursor and waits until it is on the disk, or until that has failed.
    pub(crate) async fn save(&mut self, cursor: &Cursor) {
        self.written().await;
        self.begin(cursor);
        self.written().await;
    }
}

fn text_of(cursor: &Cursor) -> String {
    serde_json::to_string(cursor).expect("numbers are JSON")
}
