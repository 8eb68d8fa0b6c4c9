//! What handlers take from a request, with refusals in the shape of all errors.

use crate::problem::{Kind, Problem};
use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

/// An id from the path, percent-decoded.
pub(crate) struct Id(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(rejection) => Err(Problem::of(rejection.status(), rejection.body_text())),
        }
    }
}

/// A number from the path.
pub(crate) struct Number(pub(crate) u64);

impl<S: Send + Sync> FromRequestParts<S> for Number {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<u64>::from_request_parts(parts, state).await {
            Ok(Path(number)) => Ok(Self(number)),
            Err(rejection) => Err(Problem::of(rejection.status(), rejection.body_text())),
        }
    }
}

/// An id and the place of a row, from the path.
pub(crate) struct IdAndSeq(pub(crate) String, pub(crate) u64);

impl<S: Send + Sync> FromRequestParts<S> for IdAndSeq {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<(String, u64)>::from_request_parts(parts, state).await {
            Ok(Path((id, seq))) => Ok(Self(id, seq)),
            Err(rejection) => Err(Problem::of(rejection.status(), rejection.body_text())),
        }
    }
}

/// The query. Unknown names are refused where the type says so.
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(rejection) => Err(Kind::BadQuery.with(rejection.body_text())),
        }
    }
}

/// A JSON body; `Content-Type: application/json` is required, which no foreign page can send unasked.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(Problem::of(rejection.status(), rejection.body_text())),
        }
    }
}
