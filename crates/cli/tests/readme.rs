//! What the README shows is what the program says.

use std::path::Path;
use std::process::Command;

#[test]
fn the_readme_shows_real_output() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let block = readme.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    let (command, shown) = block.split_once('\n').unwrap();
    let words = command.strip_prefix("$ kuberlock ").unwrap().split(' ');
    let output = Command::new(env!("CARGO_BIN_EXE_kuberlock"))
        .args(words)
        .current_dir(&root)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    for line in shown.lines().filter(|line| !line.is_empty() && *line != "…") {
        assert!(said.lines().any(|real| real == line), "README shows `{line}`:\n{said}");
    }
}
