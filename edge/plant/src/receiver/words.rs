//! A message in short readable words, in the language of those who wrote the names in it.

use crate::limits;
use serde_json::Value;

/// What a message of a kind says.
pub(super) fn message(kind: &str, data: &Value) -> String {
    let text = |field: &str| data[field].as_str().unwrap_or_default();
    let said = match kind {
        "alarm" => said(text("name"), text("state")),
        "measure" => said(text("description"), text("state")),
        "warning" => {
            format!("{} {}：{}，{}", text("unit_name"), text("name"), word(text("level")), word(text("state")))
        }
        "unit" => said(text("name"), text("colour")),
        "task" => said(text("content"), text("state")),
        "hazard" => said(text("name"), text("state")),
        "hidden" => said(text("name"), hidden(data)),
        "person" => person(data),
        "ticket" => format!("作业票 {}：{}", text("id"), word(text("status"))),
        "change" => said(text("name"), text("change")),
        "evidence" => format!("证据包已保存：{}", text("warning")),
        "gap" => said(text("source"), text("reason")),
        "status" => word(first_of(data, &["change", "state"])).to_owned(),
        "audit" => said(text("by"), text("action")),
        _ => String::new(),
    };
    shortened(&said)
}

fn said(what: &str, state: &str) -> String {
    format!("{what}：{}", word(state))
}

fn person(data: &Value) -> String {
    let text = |field: &str| data[field].as_str();
    let place = text("zone").map_or_else(|| "离开监控区域".to_owned(), |zone| format!("进入 {zone}"));
    let place = if data["sos"].as_bool() == Some(true) { format!("{place}，SOS") } else { place };
    format!("{}：{place}", text("name").unwrap_or_default())
}

fn hidden(data: &Value) -> &str {
    if data["hidden_because"].as_array().is_none_or(Vec::is_empty) {
        return "恢复报警";
    }
    data["hidden_because"][0]["kind"].as_str().unwrap_or_default()
}

fn first_of<'a>(data: &'a Value, fields: &[&str]) -> &'a str {
    fields.iter().find_map(|field| data[*field].as_str()).unwrap_or_default()
}

/// The Chinese word of a published one.
fn word(published: &str) -> &str {
    match published {
        "configuration" => "报警主表变更",
        "added" => "新增",
        "removed" => "删除",
        "changed" => "修改",
        "unacknowledged" => "未确认",
        "acknowledged" => "已确认",
        "returned_unacknowledged" => "已恢复，未确认",
        "latched_unacknowledged" => "已恢复，锁定，未确认",
        "latched_acknowledged" => "已恢复，锁定，待复位",
        "shelved" => "搁置",
        "suppressed" | "suppressed_by_rule" => "设计抑制",
        "unit_stopped" => "单元停用",
        "out_of_service" => "停用",
        "bypassed" => "旁路",
        "normal" => "正常",
        "effective" => "有效",
        "failed" => "失效",
        "unknown" => "未知",
        "raised" => "已发布",
        "being_handled" => "处置中",
        "cleared" => "已消除",
        "closed" => "已关闭",
        "red" => "红色",
        "orange" => "橙色",
        "yellow" => "黄色",
        "blue" => "蓝色",
        "in_work" => "作业中",
        "suspended" => "暂停",
        "unissued" => "未签发",
        "voided" => "作废",
        "revoked" => "撤销",
        "issued" => "已下发",
        "accepted" => "已接收",
        "done" => "已完成",
        "suspected" => "疑似隐患",
        "confirmed" => "已确认为隐患",
        "rejected" => "已排除",
        "first_start" => "首次启动",
        "restarted" => "重新启动",
        "online" => "在线",
        "offline" => "离线",
        other => other,
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= limits::WORDS_MAX {
        return text.to_owned();
    }
    text.chars().take(limits::WORDS_MAX - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn messages_read_well() {
        let cases = [
            ("alarm", json!({"name": "1103罐液位高高报警", "state": "unacknowledged"}), "1103罐液位高高报警：未确认"),
            (
                "warning",
                json!({"unit_name": "甲醇储罐单元", "name": "满罐冒顶", "level": "red", "state": "raised"}),
                "甲醇储罐单元 满罐冒顶：红色，已发布",
            ),
            ("unit", json!({"name": "甲醇储罐单元", "colour": "orange"}), "甲醇储罐单元：橙色"),
            ("person", json!({"name": "孙立军", "zone": "Z-02", "sos": true}), "孙立军：进入 Z-02，SOS"),
            ("person", json!({"name": "孙立军", "zone": null}), "孙立军：离开监控区域"),
            ("status", json!({"change": "restarted"}), "重新启动"),
            ("alarm", json!(null), "："),
        ];
        for (kind, data, expected) in cases {
            assert_eq!(message(kind, &data), expected);
        }
        let long = message("alarm", &json!({"name": "长".repeat(500), "state": "normal"}));
        assert_eq!(long.chars().count(), limits::WORDS_MAX);
    }
}
