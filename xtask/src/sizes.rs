//! Sizes of files and functions, against what the house aims at: a file of about 150 lines, seldom
//! over 400; a function of about 10, seldom over 45.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::{root, say};

/// Prints the distribution of sizes, tests left out.
pub(crate) fn print() -> Result<()> {
    let mut files = Vec::new();
    for folder in ["crates", "conformance", "testbed/harness", "xtask"] {
        walk(&root().join(folder), &mut files)?;
    }
    let mut lines = Vec::new();
    let mut functions = Vec::new();
    let mut longest = (0, PathBuf::new());
    for path in files.iter().filter(|p| !p.ends_with("tests.rs")) {
        let text = fs::read_to_string(path)?;
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let count = text.lines().count();
        if count > longest.0 {
            longest = (count, path.clone());
        }
        lines.push(count);
        functions.extend(function_lengths(text));
    }
    say(&format!("files: {}", spread(&mut lines)));
    say(&format!("longest file: {} lines, {}", longest.0, longest.1.display()));
    say(&format!("functions: {}", spread(&mut functions)));
    Ok(())
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("tests") && !path.ends_with("target") {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// Lengths by indentation, which rustfmt makes reliable.
fn function_lengths(text: &str) -> Vec<usize> {
    let mut lengths = Vec::new();
    let mut open: Option<(String, usize)> = None;
    for (at, line) in text.lines().enumerate() {
        let indent: String = line.chars().take_while(|c| *c == ' ').collect();
        if open.is_none()
            && (line.contains(" fn ") || line.starts_with("fn "))
            && !line.ends_with(';')
        {
            open = Some((indent.clone(), at));
        }
        if let Some((start, from)) = &open
            && (*line == format!("{start}}}") || (line.ends_with('}') && at == *from))
        {
            lengths.push(at - from + 1);
            open = None;
        }
    }
    lengths
}

fn spread(values: &mut [usize]) -> String {
    values.sort_unstable();
    let at = |share: usize| values.get(values.len() * share / 100).copied().unwrap_or(0);
    let most = values.last().copied().unwrap_or(0);
    format!("{} · median {} · p90 {} · p99 {} · most {most}", values.len(), at(50), at(90), at(99))
}
