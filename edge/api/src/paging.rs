//! Lists in pages: `{"items": […], "next": cursor or null}`. A page is ordered by key and begins after the cursor, so
//! that rows which come and go between two pages neither shift the others nor hide them.

use crate::{
    extract::Asked,
    limits,
    problem::{Kind, Problem},
};
use axum::{
    Json,
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

/// A page of a list.
#[derive(Debug, Serialize)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next: Option<String>,
}

/// Which page.
#[derive(Clone, Debug)]
pub(crate) struct Paging {
    pub(crate) limit: usize,
    pub(crate) after: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedPaging {
    limit: Option<usize>,
    after: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Asked(AskedPaging { limit, after }) = Asked::from_request_parts(parts, state).await?;
        Ok(Self { limit: checked_limit(limit)?, after })
    }
}

pub(crate) fn checked_limit(limit: Option<usize>) -> Result<usize, Problem> {
    let limit = limit.unwrap_or(limits::PAGE_ROWS);
    if (1..=limits::PAGE_ROWS_MAX).contains(&limit) {
        return Ok(limit);
    }
    Err(Kind::BadQuery.with(format!("`limit` is {limit} and must be 1 to {}", limits::PAGE_ROWS_MAX)))
}

/// The page of a list that is wholly there.
pub(crate) fn page<T: Serialize>(rows: &[T], key: impl Fn(&T) -> &str, paging: &Paging) -> Response {
    Json(cut(rows.iter(), |row| key(row), paging)).into_response()
}

/// The page of a list that is wholly there, before it goes out.
pub(crate) fn cut<T>(rows: impl Iterator<Item = T>, key: impl Fn(&T) -> &str, paging: &Paging) -> Page<T> {
    let after = |row: &T| paging.after.as_deref().is_none_or(|after| key(row) > after);
    let mut items: Vec<T> = rows.filter(after).collect();
    items.sort_by(|a, b| key(a).cmp(key(b)));
    let more = items.len() > paging.limit;
    items.truncate(paging.limit);
    let next = items.last().filter(|_| more).map(|last| key(last).to_owned());
    Page { items, next }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_whatever_comes_and_goes() {
        let mut rows = vec!["d", "a", "c", "e"];
        let read = |rows: &[&str], after: Option<&str>| {
            let page = cut(rows.iter(), |row| row, &Paging { limit: 2, after: after.map(str::to_owned) });
            (page.items.into_iter().map(|row| (*row).to_owned()).collect::<Vec<_>>().join(""), page.next)
        };
        assert_eq!(read(&rows, None), ("ac".to_owned(), Some("c".to_owned())));
        rows.retain(|row| *row != "c");
        rows.push("b");
        assert_eq!(read(&rows, Some("c")), ("de".to_owned(), None));
        assert_eq!(read(&rows, Some("e")), (String::new(), None));
        assert_eq!(read(&[], None), (String::new(), None));
    }
}
