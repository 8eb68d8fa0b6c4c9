//! A look at an OPC UA server: its nodes, and values of any of them. Reads and browses, and nothing else.

mod browse;
mod link;
mod offers;
mod read;
mod variables;

pub use {
    browse::{Bounds, Found, Part, Variable, Wanted, browse, part},
    link::Link,
    offers::{Offer, Offers, User},
    read::{Told, read},
};
