//! The table of roles in the handbook, in both languages, against the one in the code; `UPDATE_GOLDEN=1` writes it.

use davy_access::{Permission, Role};
use std::{fs, path::PathBuf};

const BEGIN: &str = "<!-- roles -->\n";
const END: &str = "<!-- /roles -->";

struct Words {
    file: &'static str,
    head: &'static str,
    role: fn(Role) -> &'static str,
    permission: fn(Permission) -> &'static str,
}

const ZH: Words = Words {
    file: "zh/src/security.md",
    head: "可以",
    role: |role| match role {
        Role::Viewer => "观察员",
        Role::Operator => "操作员",
        Role::InstrumentEngineer => "仪表工程师",
        Role::SafetyOfficer => "安全员",
        Role::Administrator => "管理员",
    },
    permission: |permission| match permission {
        Permission::Live => "看实时状态：报警、预警、单元、区域、位号、措施、链路、网关",
        Permission::Read => "看人员、任务、隐患、日志、证据、历史、指标、`/metrics`",
        Permission::Respond => "确认、复位、消音；接受、完成、取消任务",
        Permission::Shelve => "搁置规则，取消搁置",
        Permission::Suspend => "停用规则，登记单元停用，解除二者",
        Permission::Review => "审核疑似隐患",
        Permission::Configure => "信任证书，重发被拒消息",
        Permission::Administer => "用户与令牌",
    },
};

const EN: Words = Words {
    file: "en/src/security.md",
    head: "May",
    role: |role| match role {
        Role::Viewer => "viewer",
        Role::Operator => "operator",
        Role::InstrumentEngineer => "instrument engineer",
        Role::SafetyOfficer => "safety officer",
        Role::Administrator => "administrator",
    },
    permission: |permission| match permission {
        Permission::Live => "see the live state: alarms, warnings, units, zones, tags, measures, links, the gateway",
        Permission::Read => "see people, tasks, hazards, journal, evidence, history, indicators, `/metrics`",
        Permission::Respond => "acknowledge, reset, silence the horn; accept, finish, cancel tasks",
        Permission::Shelve => "shelve a rule, and end it",
        Permission::Suspend => "take a rule out of service, stop a unit, and end both",
        Permission::Review => "decide on suspected hazards",
        Permission::Configure => "trust certificates, try refused rows again",
        Permission::Administer => "users and tokens",
    },
};

fn table(words: &Words) -> String {
    let row = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    let roles = || Role::ALL.into_iter();
    let mut text = row([words.head].into_iter().chain(roles().map(words.role)).collect());
    text += &row(["---"].into_iter().chain(roles().map(|_| ":-:")).collect());
    for permission in Permission::ALL {
        let cells = roles().map(|role| if role.may(permission) { "✓" } else { "" });
        text += &row([(words.permission)(permission)].into_iter().chain(cells).collect());
    }
    text
}

#[test]
fn the_handbook_has_the_table_of_the_code() {
    for words in [ZH, EN] {
        let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs")).join(words.file);
        let text = fs::read_to_string(&path).unwrap();
        let (before, rest) = text.split_once(BEGIN).unwrap();
        let (_, after) = rest.split_once(END).unwrap();
        let right = format!("{before}{BEGIN}{}{END}{after}", table(&words));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, &right).unwrap();
        }
        assert!(fs::read_to_string(&path).unwrap() == right, "{} differs: UPDATE_GOLDEN=1 writes it", words.file);
    }
}
