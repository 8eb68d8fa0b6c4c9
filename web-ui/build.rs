//! Makes sure `dist` exists, so that the crate compiles before the page is built, and rebuilds when the page changes.

use std::{env, fs, path::PathBuf};

fn main() {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR for every build script");
    let dist = PathBuf::from(manifest).join("dist");
    if let Err(error) = fs::create_dir_all(&dist) {
        println!("cargo::warning=create {}: {error}; make the folder writable", dist.display());
    }
    println!("cargo::rerun-if-changed=dist");
}
