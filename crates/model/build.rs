//! Makes the list of release tables from the files in `data/releases`: nothing is listed by hand.

#![expect(clippy::disallowed_methods, reason = "the list is made from files")]

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let folder = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("../../data/releases");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut tables: Vec<(u32, PathBuf)> = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        println!("cargo::rerun-if-changed={}", path.display());
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let minor = name.strip_prefix("1.").and_then(|minor| minor.parse().ok());
        let minor = minor.ok_or_else(|| {
            io::Error::other(format!("{}: named after no minor such as 1.37", path.display()))
        })?;
        tables.push((minor, path));
    }
    tables.sort();
    let mut entries = String::new();
    for (minor, path) in &tables {
        let _ = writeln!(entries, "({minor}, include_str!({path:?})),");
    }
    let text = format!("static TEXTS: [(u32, &str); {}] = [\n{entries}];\n", tables.len());
    fs::write(PathBuf::from(variable("OUT_DIR")?).join("releases.rs"), text)
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(|e| io::Error::other(format!("{name}: {e}")))
}
