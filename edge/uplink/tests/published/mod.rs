//! What is published of the messages, rendered from the types that make them.

pub(crate) mod asyncapi;
pub(crate) mod openapi;
pub(crate) mod records;
pub(crate) mod schemas;
