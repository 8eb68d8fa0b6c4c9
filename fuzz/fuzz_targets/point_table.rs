//! A file that is to become the point table: CSV in UTF-8 or GBK, XLSX, or neither.
#![no_main]

use davy_config::{
    Files,
    exchange::{self, Others},
};
use std::{path::Path, sync::LazyLock};

static TEMPLATE: LazyLock<Files> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/template");
    Files::from_dir(&folder).expect("the template reads")
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for others in [Others::Removed, Others::Kept] {
        let _ = exchange::import(&TEMPLATE, "table", bytes, others, &|_| Ok("secret".to_owned()));
    }
});
