//! The API as clients see it: a real listener, a real journal, live states made by a real engine.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod access;
mod bad_clients;
mod board;
mod certificates;
mod commands;
mod configuration;
mod evidence;
mod examples;
mod fences;
mod field;
mod gateway;
mod indicators;
mod lists;
mod map;
mod page;
mod parked;
mod people;
mod probes;
mod roles;
mod rules;
mod secured;
mod site;
mod stream;
mod system;
mod trends;
mod updates;
