//! The harness of the end-to-end tests: real peers that this project did not write, the real binary, real files.
//!
//! Every child process ends with the value that owns it. Save for [`desk`], which holds an engine in the
//! test's own hands, nothing here knows how the product works inside: it speaks the outward names only (command line,
//! configuration folder, HTTP, MQTT).

pub mod again;
pub mod api;
pub mod broker;
pub mod browser;
pub mod clock;
pub mod consumer;
pub mod deliveries;
pub mod desk;
pub mod disk;
pub mod fewer_rules;
pub mod figures;
pub mod folder;
pub mod gateway;
pub mod http_receiver;
pub mod network;
pub mod manager;
pub mod peers;
pub mod places;
pub mod platform;
pub mod process;
pub mod receiver;
pub mod site;
pub mod sparkplug;
pub mod terminal;
pub mod tls;
pub mod waiting;
pub mod watched;
