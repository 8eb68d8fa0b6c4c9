//! A file on its way to who asked for it, read piece by piece: however large it is, it takes no more memory than one piece.

use super::MadeFile;
use crate::limits;
use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use futures::stream::unfold;
use std::io;
use tokio::{fs::File, io::AsyncReadExt as _, sync::OwnedSemaphorePermit};

struct Sending {
    file: File,
    _turn: OwnedSemaphorePermit,
}

pub(super) fn send(made: MadeFile, media_type: &str) -> Response {
    let MadeFile { file, name, bytes, turn, .. } = made;
    let sending = Sending { file: File::from_std(file), _turn: turn };
    let pieces = unfold(sending, |mut sending| async move {
        match sending.piece().await {
            Ok(None) => None,
            Ok(Some(piece)) => Some((Ok(piece), sending)),
            Err(error) => Some((Err(error), sending)),
        }
    });
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_LENGTH, bytes.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}

impl Sending {
    async fn piece(&mut self) -> io::Result<Option<Bytes>> {
        let mut piece = BytesMut::with_capacity(limits::FILE_PIECE_BYTES);
        let read = self.file.read_buf(&mut piece).await?;
        Ok((read > 0).then(|| piece.freeze()))
    }
}
