//! Makes the registry of checks from the files in `src/check`: the file's name is the check's id,
//! its module doc comment is the manual page. Nothing is listed by hand.

#![expect(clippy::disallowed_methods, reason = "the registry is made from files")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let folder = root.join("src/check");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|e| e == "rs"));
    files.sort();
    let mut modules = String::new();
    let mut entries = String::new();
    for path in &files {
        let module = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default().to_owned();
        let manual = manual(&fs::read_to_string(path)?, path)?;
        let _ = writeln!(modules, "#[path = {path:?}] pub mod {module};");
        let _ = writeln!(
            entries,
            "Registered {{ id: {:?}, manual: {manual}, check: &{module}::CHECK }},",
            module.replace('_', "-")
        );
    }
    let text = format!(
        "{modules}\n/// Every check, by id.\npub static REGISTRY: [Registered; {}] = [\n{entries}];\n",
        files.len()
    );
    let out = PathBuf::from(variable("OUT_DIR")?);
    fs::write(out.join("registry.rs"), text)?;
    let rules = root.join("../../../rules");
    fs::write(out.join("benchmarks.rs"), texts(&rules.join("benchmark"))?)?;
    fs::write(out.join("packs.rs"), texts(&rules.join("pack"))?)
}

/// The files of a folder by name, as the source text of a table.
fn texts(folder: &Path) -> io::Result<String> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    paths.sort();
    let mut entries = String::new();
    for path in &paths {
        println!("cargo::rerun-if-changed={}", path.display());
        let name = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        let _ = writeln!(entries, "({name:?}, include_str!({path:?})),");
    }
    Ok(format!("pub(super) static TEXTS: [(&str, &str); {}] = [\n{entries}];\n", paths.len()))
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(|e| io::Error::other(format!("{name}: {e}")))
}

/// The parts of a check's doc comment, as the source text of a `Manual`.
fn manual(source: &str, path: &Path) -> io::Result<String> {
    let doc: Vec<&str> = source
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    let wrong = |what: &str| io::Error::other(format!("{}: {what}", path.display()));
    let title = doc.first().filter(|t| !t.is_empty()).ok_or_else(|| wrong("no title line"))?;
    let title = title.trim_end_matches('.');
    let optional = |heading: &str| {
        let heading = format!("# {heading}");
        let body = doc.iter().skip_while(|line| **line != heading).skip(1);
        let text: Vec<&str> = body.take_while(|line| !line.starts_with("# ")).copied().collect();
        text.join("\n").trim().to_owned()
    };
    let section = |heading: &str| match optional(heading) {
        text if text.is_empty() => Err(wrong(&format!("no section `# {heading}`"))),
        text => Ok(text),
    };
    let mut parameters = String::new();
    for text in items(&optional("Parameters")) {
        let parsed = text.strip_prefix('`').and_then(|text| text.split_once("` = `"));
        let parsed = parsed.and_then(|(name, rest)| Some((name, rest.split_once("`: ")?)));
        let (name, (default, what)) = parsed.ok_or_else(|| {
            wrong(&format!("no parameter such as ``- `name` = `default`: meaning``: {text}"))
        })?;
        let _ = write!(
            parameters,
            "crate::Parameter {{ name: {name:?}, default: {default:?}, what: {what:?} }}, "
        );
    }
    let references: Vec<String> = section("References")?
        .lines()
        .filter_map(|line| line.strip_prefix("- "))
        .map(|line| line.trim_matches(['<', '>']).to_owned())
        .collect();
    Ok(format!(
        "Manual {{ title: {title:?}, what: {:?}, why: {:?}, remedy: {:?}, may_break: {:?}, parameters: &[{parameters}], references: &{references:?} }}",
        section("What")?,
        section("Why")?,
        section("Remedy")?,
        section("What the remedy may break")?,
    ))
}

/// The items of a list, each on one line whatever the lines it was written on.
fn items(list: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for line in list.lines() {
        match (line.strip_prefix("- "), items.last_mut()) {
            (Some(first), _) => items.push(first.to_owned()),
            (None, Some(item)) => {
                item.push(' ');
                item.push_str(line.trim());
            }
            (None, None) => {}
        }
    }
    items
}
