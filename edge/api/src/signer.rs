//! In whose name a command goes on record: who is logged in signs himself; a program may name the person it acts for, and stands
//! beside that name.

use crate::{
    access::Caller,
    problem::{Kind, Problem},
};
use davy_access::Who;

impl Caller {
    /// Who signs, where the body names `by` or nobody.
    pub(crate) fn sign(&self, by: Option<String>) -> Result<String, Problem> {
        match &self.who {
            Who::Session { user, .. } => match by {
                Some(by) if by != *user => {
                    Err(Kind::SignedByAnother.with(format!("{user} is logged in and the command is signed by {by}")))
                }
                Some(_) | None => Ok(user.clone()),
            },
            Who::Token { name, .. } => Ok(match by {
                Some(by) if !by.trim().is_empty() => format!("{by} ({name})"),
                Some(_) | None => format!("({name})"),
            }),
            Who::Demo => by.ok_or_else(|| Kind::Invalid.with("the name is missing: say in `by` who signs")),
            Who::Panel | Who::Nobody { .. } => Err(Kind::LogIn.with("nobody is there who could sign")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use davy_access::{Permissions, Role};
    use std::net::IpAddr;

    #[test]
    fn a_person_signs_himself_and_a_program_beside_a_person() {
        let session =
            Who::Session { user: "陈静".to_owned(), role: Role::Operator, hash: String::new(), idle: false };
        let permissions = Permissions::of(Role::Operator.permissions());
        let token = Who::Token { name: "scada".to_owned(), role: Role::Operator, permissions, hash: String::new() };
        let panel = || Who::Panel;
        for (who, by, expected) in [
            (session.clone(), None, Some("陈静")),
            (session.clone(), Some("陈静"), Some("陈静")),
            (session, Some("李雷"), None),
            (token.clone(), None, Some("(scada)")),
            (token.clone(), Some(" "), Some("(scada)")),
            (token, Some("李雷"), Some("李雷 (scada)")),
            (Who::Demo, Some("李雷"), Some("李雷")),
            (Who::Demo, None, None),
            (panel(), Some("李雷"), None),
        ] {
            let caller = Caller { who, from: IpAddr::from([127, 0, 0, 1]) };
            assert_eq!(caller.sign(by.map(str::to_owned)).ok().as_deref(), expected, "{caller:?} {by:?}");
        }
    }
}
