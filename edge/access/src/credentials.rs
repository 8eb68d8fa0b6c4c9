//! What a request shows of itself: a session's cookie or a token. Anything odd is refused rather than guessed at.

use crate::secret::Secret;

/// The name of the session's cookie.
pub const COOKIE: &str = "davy_session";

/// The hash of what was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// Neither.
    None,
    /// A session's id.
    Session(String),
    /// A token.
    Token(String),
    /// Something that is neither, or more than one.
    Odd,
}

impl Credentials {
    /// From the values of all `Authorization` and all `Cookie` headers; `None` stands for a value that is no text. A token comes
    /// before a cookie: who shows one means it.
    pub fn read<'a>(
        authorization: impl IntoIterator<Item = Option<&'a str>>,
        cookies: impl IntoIterator<Item = Option<&'a str>>,
    ) -> Self {
        let mut authorization = authorization.into_iter();
        match (authorization.next(), authorization.next()) {
            (None, _) => Self::of_cookies(cookies),
            (Some(Some(value)), None) => bearer(value).map_or(Self::Odd, |token| Self::Token(token.sha256())),
            (Some(_), _) => Self::Odd,
        }
    }

    fn of_cookies<'a>(headers: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut found = Self::None;
        // A header that is no text is none of ours: every cookie of the gateway is.
        let pairs = headers.into_iter().flatten().flat_map(|header| header.split(';'));
        for value in pairs.filter_map(|pair| pair.trim_matches([' ', '\t']).strip_prefix(COOKIE)?.strip_prefix('=')) {
            found = match (&found, Secret::parse(value)) {
                (Self::None, Some(id)) => Self::Session(id.sha256()),
                _ => return Self::Odd,
            };
        }
        found
    }
}

/// RFC 6750: one space between the two; the scheme in any letters (RFC 9110, 11.1).
fn bearer(value: &str) -> Option<Secret> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Secret::parse_token(token))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::new_token;
    use proptest::prelude::*;

    fn read(authorization: &[&str], cookies: &[&str]) -> Credentials {
        Credentials::read(authorization.iter().copied().map(Some), cookies.iter().copied().map(Some))
    }

    #[test]
    fn one_is_taken_and_anything_odd_is_not() {
        let (id, (token, hash)) = (Secret::new().unwrap(), new_token().unwrap());
        let cookie = format!("{COOKIE}={}", id.expose());
        let session = Credentials::Session(id.sha256());
        let bearer = format!("Bearer {token}");
        for (authorization, cookies, expected) in [
            (vec![], vec![], Credentials::None),
            (vec![], vec![cookie.clone()], session.clone()),
            (vec![], vec![format!("theme=dark; {cookie};lang=zh")], session.clone()),
            (vec![], vec!["theme=dark".to_owned(), cookie.clone()], session),
            (vec![], vec![format!("my{cookie}")], Credentials::None),
            (vec![], vec![format!("{cookie}; {cookie}")], Credentials::Odd),
            (vec![], vec![cookie.clone(), format!("{COOKIE}=1")], Credentials::Odd),
            (vec![], vec![format!("{COOKIE}=")], Credentials::Odd),
            (vec![], vec![format!("{COOKIE}=\"{}\"", id.expose())], Credentials::Odd),
            (vec![bearer.clone()], vec![cookie.clone()], Credentials::Token(hash.clone())),
            (vec![bearer.to_lowercase()], vec![], Credentials::Token(hash)),
            (vec![bearer.clone(), bearer.clone()], vec![], Credentials::Odd),
            (vec![token.clone()], vec![cookie.clone()], Credentials::Odd),
            (vec![format!("Bearer  {token}")], vec![], Credentials::Odd),
            (vec![format!("{bearer} ")], vec![], Credentials::Odd),
            (vec!["Basic YTpi".to_owned()], vec![cookie], Credentials::Odd),
        ] {
            let refer = |all: &'_ Vec<String>| all.iter().map(|one| one.to_owned()).collect::<Vec<_>>();
            let (a, c) = (refer(&authorization), refer(&cookies));
            let (a, c): (Vec<&str>, Vec<&str>) = (a.iter().map(|s| &**s).collect(), c.iter().map(|s| &**s).collect());
            assert_eq!(read(&a, &c), expected, "{authorization:?} {cookies:?}");
        }
        assert_eq!(Credentials::read([None], []), Credentials::Odd);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_fall_or_lets_a_stranger_in(
            authorization in prop::collection::vec(prop::option::of(".{0,90}|[Bb]earer davy_[0-9a-f]{60,68}"), 0..3),
            cookies in prop::collection::vec(prop::option::of(".{0,120}|(davy_session=[0-9a-f]{62,66}; ?){0,3}"), 0..3),
        ) {
            let read = Credentials::read(
                authorization.iter().map(Option::as_deref),
                cookies.iter().map(Option::as_deref),
            );
            match read {
                Credentials::Token(_) => prop_assert_eq!(authorization.len(), 1),
                Credentials::Session(_) => {
                    prop_assert!(authorization.is_empty());
                    let all: String = cookies.iter().flatten().map(String::as_str).collect();
                    prop_assert_eq!(all.matches("davy_session=").count(), 1);
                }
                Credentials::None => prop_assert!(authorization.is_empty()),
                Credentials::Odd => {}
            }
        }
    }
}
