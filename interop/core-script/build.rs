//! Compiles `core.cpp` against the headers of Bitcoin Core that the crate bitcoinconsensus carries.

use std::env;
use std::path::PathBuf;
use std::process::Command;

fn main() {
    let source = core_source();
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .warnings(false)
        .include(source.join("src"))
        .include(source.join("src/secp256k1/include"))
        .file("src/core.cpp")
        .compile("tutti_core_script");
    println!("cargo:rerun-if-changed=src/core.cpp");
    println!("cargo:rerun-if-changed=build.rs");
}

/// Where cargo keeps the crate; its build script does not say.
fn core_source() -> PathBuf {
    let output = Command::new(env::var("CARGO").unwrap())
        .args(["metadata", "--format-version", "1", "--offline"])
        .output()
        .expect("cargo metadata");
    let text = String::from_utf8(output.stdout).unwrap();
    let manifest = text
        .split("\"manifest_path\":\"")
        .filter_map(|part| part.split('"').next())
        .find(|path| path.contains("bitcoinconsensus-0.106.0"))
        .expect("the crate bitcoinconsensus");
    PathBuf::from(manifest).parent().unwrap().join("depend/bitcoin")
}
