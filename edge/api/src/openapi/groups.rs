//! The groups in which the document names its operations (`tags` of OpenAPI), by the resource that stands first in the path.

use serde_json::{Value, json};

/// A group: its name, what it is about, and its resources.
const GROUPS: [(&str, &str, &[&str]); 10] = [
    ("alarms", "Alarms and warnings", &["alarms", "warnings", "rules", "hidden", "horn", "watch"]),
    ("risk", "Risk units, measures, tasks and hazards", &["units", "measures", "tasks", "plans", "hazards"]),
    ("field", "The field: sources and tags", &["sources", "tags", "certificates"]),
    ("people", "People, zones and tickets", &["people", "roster", "zones", "map", "tickets"]),
    ("enterprise", "The enterprise: uplinks", &["uplinks"]),
    ("records", "Journal and indicators", &["journal", "kpi"]),
    ("commissioning", "Commissioning", &["look", "loop-check"]),
    ("configuration", "Configuration", &["config"]),
    ("access", "Sessions, users and tokens", &["session", "setup", "users", "tokens"]),
    (OTHER, "The gateway itself", &["system", "stream", "board", "updates"]),
];

/// Whatever is not about a resource of another group is about the gateway.
const OTHER: &str = "gateway";

/// The group of a path.
pub(super) fn of(path: &str) -> &'static str {
    let resource = path.strip_prefix("/api/v1/").and_then(|rest| rest.split('/').next()).unwrap_or_default();
    GROUPS.iter().find(|(_, _, resources)| resources.contains(&resource)).map_or(OTHER, |(name, ..)| *name)
}

/// All of them, as the document lists them.
pub(super) fn all() -> Value {
    GROUPS.iter().map(|(name, description, _)| json!({ "name": name, "description": description })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::ROUTES;

    #[test]
    fn a_path_is_in_the_group_of_its_resource() {
        for (path, group) in [
            ("/api/v1/alarms/{id}/shelve", "alarms"),
            ("/api/v1/config", "configuration"),
            ("/api/openapi.json", "gateway"),
            ("/metrics", "gateway"),
        ] {
            assert_eq!(of(path), group, "{path}");
        }
    }

    #[test]
    fn every_resource_of_a_group_has_a_route() {
        for (_, _, resources) in GROUPS {
            for resource in resources {
                let place = format!("/api/v1/{resource}");
                let is_there = |path: &str| path == place || path.starts_with(&format!("{place}/"));
                assert!(ROUTES.iter().any(|route| is_there(route.path)), "{resource}");
            }
        }
    }
}
