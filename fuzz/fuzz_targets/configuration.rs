//! Any file of the configuration: the first byte says which, the rest takes its place.
#![no_main]

use davy_config::Files;
use std::{path::Path, sync::LazyLock};

static TEMPLATE: LazyLock<Files> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/template");
    Files::from_dir(&folder).expect("the template reads")
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let [which, rest @ ..] = bytes else { return };
    let mut files = TEMPLATE.clone();
    let at = usize::from(*which) % files.0.len();
    if let Some(file) = files.0.values_mut().nth(at) {
        *file = rest.to_vec();
    }
    let _ = davy_config::read(&files, &|_| Ok("secret".to_owned()));
});
