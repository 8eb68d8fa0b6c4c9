//! Who asks, found out once for each request, and whether he may: what a route needs stands in the table of routes.

use crate::{
    app::App,
    connections::Peer,
    problem::{Kind, Problem},
};
use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use davy_access::{Credentials, Denied, Keeper, Needs, Permission, Role, Who};
use davy_core::time::Now;
use std::{convert::Infallible, net::IpAddr, sync::Arc};

/// Both clocks.
pub type Clock = Arc<dyn Fn() -> Now + Send + Sync>;

/// Who may do what.
#[derive(Clone, Debug)]
pub enum Access {
    /// The demonstration on a desk: everything is simulated, and everybody may do everything under the name he gives.
    Demo,
    /// Users, roles, tokens.
    Kept(Arc<Keeper>),
}

/// Who asks, and from where.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) who: Who,
    pub(crate) from: IpAddr,
}

/// Finds out who asks, for everything at the gateway's address.
pub(crate) async fn find_out(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<Peer>>();
    let Some(from) = peer.map(|ConnectInfo(peer)| peer.address.ip()) else {
        return Kind::Internal.with("the request has no address of a peer").into_response();
    };
    let who = match &app.context.access {
        Access::Demo => Who::Demo,
        Access::Kept(keeper) => keeper.who(&credentials(request.headers()), from, (app.context.clock)()),
    };
    request.extensions_mut().insert(Caller { who, from });
    next.run(request).await
}

/// Lets through whoever may; a command is activity of its session.
pub(crate) async fn admit(app: Arc<App>, needs: Needs, request: Request, next: Next) -> Response {
    let Some(Caller { who, .. }) = request.extensions().get::<Caller>() else {
        return Kind::Internal.with("nobody has found out who asks").into_response();
    };
    let acts = !request.method().is_safe();
    if let Err(denied) = who.check(needs, acts) {
        return refusal(denied, who, needs).into_response();
    }
    if let (Who::Session { hash, .. }, Access::Kept(keeper), Needs::May(_), true) =
        (who, &app.context.access, needs, acts)
    {
        keeper.touch(hash, (app.context.clock)());
    }
    next.run(request).await
}

fn refusal(denied: Denied, who: &Who, needs: Needs) -> Problem {
    match denied {
        Denied::LogIn => Kind::LogIn.with("this needs somebody who is logged in, or a token"),
        Denied::Over => {
            Kind::SessionOver.with("what was shown is not known, or not any more, or not from this address")
        }
        Denied::PasswordAgain => Kind::PasswordAgain.with("the session idles"),
        Denied::NoPerson => Kind::NotAllowed.with("this is about a person who is logged in"),
        Denied::Role => Kind::NotAllowed.with(not_reaching(who, needs)),
    }
}

fn not_reaching(who: &Who, needs: Needs) -> String {
    if let (Who::Token { name, role, permissions, .. }, Needs::May(permission)) = (who, needs)
        && role.may(permission)
    {
        let scopes: Vec<&str> = permissions.iter().map(Permission::code).collect();
        return format!("the token {name} is for {} only, and this needs `{}`", scopes.join(", "), permission.code());
    }
    let role = match who {
        Who::Session { role, .. } | Who::Token { role, .. } => role.code(),
        Who::Demo | Who::Panel | Who::Nobody { .. } => "nobody",
    };
    let Needs::May(permission) = needs else { return format!("it is not for {role}") };
    let others: Vec<&str> = Role::ALL.into_iter().filter(|role| role.may(permission)).map(Role::code).collect();
    format!("`{}` is not for {role}, but for {}", permission.code(), others.join(", "))
}

fn credentials(headers: &HeaderMap) -> Credentials {
    let texts = |name| headers.get_all(name).into_iter().map(|value| value.to_str().ok());
    Credentials::read(texts(header::AUTHORIZATION), texts(header::COOKIE))
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let nobody = Self { who: Who::Nobody { showed: false }, from: IpAddr::from([0, 0, 0, 0]) };
        Ok(parts.extensions.get().cloned().unwrap_or(nobody))
    }
}
