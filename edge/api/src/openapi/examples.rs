//! Examples of what is answered and of what is asked for. Answers are those of a gateway that a test runs, which also keeps them as they
//! are; bodies are written by hand, and a test sends each.

use serde_json::{Map, Value};
use std::sync::LazyLock;

fn read(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).expect("a test has read this very text")
}

/// Answers by path.
static ANSWERS: LazyLock<Map<String, Value>> = LazyLock::new(|| read(include_str!("examples.json")));

/// Bodies by schema.
static BODIES: LazyLock<Map<String, Value>> = LazyLock::new(|| read(include_str!("bodies.json")));

/// Puts the example of an answer into its content, where there is one.
pub(super) fn of_answer(path: &str, success: &mut Value) {
    let content = success.pointer_mut("/content/application~1json");
    if let (Some(content), Some(example)) = (content, ANSWERS.get(path)) {
        content["example"] = example.clone();
    }
}

/// The content of a body.
pub(super) fn of_body(schema: &str, content: &mut Value) {
    if let Some(example) = BODIES.get(schema) {
        content["example"] = example.clone();
    }
}
