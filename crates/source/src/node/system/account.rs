//! Who may log in with a key, and who may become root.

use std::collections::BTreeSet;

use kuberlock_model::system::{AuthorizedKeys, SudoRule};

use super::super::root::{self, Root};
use super::{MOST, text, text_or_denial};

/// The users of `/etc/passwd` with their ids and homes; several may share a home.
pub(in super::super) fn homes(root: &Root) -> Vec<(String, u32, String)> {
    let users = text(root, "/etc/passwd").unwrap_or_default();
    let home = |line: &str| {
        let fields: Vec<&str> = line.split(':').collect();
        match fields.as_slice() {
            [user, _, uid, _, _, home, ..] if home.starts_with('/') && *home != "/" => {
                Some(((*user).to_owned(), uid.parse().ok()?, (*home).to_owned()))
            }
            _ => None,
        }
    };
    users.lines().filter_map(home).take(MOST).collect()
}

/// How many keys log in as each user.
pub(super) fn authorized_keys(root: &Root, denied: &mut BTreeSet<String>) -> Vec<AuthorizedKeys> {
    let mut found = Vec::new();
    for (user, uid, home) in homes(root) {
        for name in ["authorized_keys", "authorized_keys2"] {
            let path = format!("{}/.ssh/{name}", home.trim_end_matches('/'));
            let keys = text_or_denial(root, &path, denied).map_or(0, |text| count(&text));
            if keys > 0 {
                found.push(AuthorizedKeys { user: user.clone(), uid, path, keys });
            }
        }
    }
    found
}

/// The lines that hold a key.
fn count(text: &str) -> u32 {
    let keys =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    u32::try_from(keys.count()).unwrap_or(u32::MAX)
}

/// The rules of `/etc/sudoers` and of the files that sudo reads beside it.
pub(super) fn sudo_rules(root: &Root, denied: &mut BTreeSet<String>) -> Vec<SudoRule> {
    let mut paths = vec!["/etc/sudoers".to_owned()];
    if let Ok((names, _)) = root.directory("/etc/sudoers.d").and_then(|fd| root::names(fd, MOST)) {
        // sudo passes over what an editor or a package left behind: sudoers(5), @includedir.
        let read = names.into_iter().filter(|name| !name.ends_with('~') && !name.contains('.'));
        paths.extend(read.map(|name| format!("/etc/sudoers.d/{name}")));
    }
    let mut found = Vec::new();
    for path in &paths {
        let text = text_or_denial(root, path, denied).unwrap_or_default();
        found.extend(rules(path, &text));
    }
    found.truncate(MOST);
    found
}

/// The rules of one file.
fn rules(path: &str, text: &str) -> Vec<SudoRule> {
    let mut rules = Vec::new();
    let mut joined = String::new();
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(begun) = line.strip_suffix('\\') {
            joined.push_str(begun);
            continue;
        }
        joined.push_str(line);
        rules.extend(rule(path, number, &joined));
        joined.clear();
    }
    rules
}

/// A user's specification of sudoers(5): `who host=(as) NOPASSWD: command, command`.
fn rule(path: &str, line: u32, text: &str) -> Option<SudoRule> {
    let text = text.split(" #").next().unwrap_or(text).trim();
    let (who, rest) = text.split_once(char::is_whitespace)?;
    let directive = who.starts_with(['#', '@']) && !is_numeric_user(who);
    if directive || who.starts_with("Defaults") || who.ends_with("_Alias") {
        return None;
    }
    let (_, commands) = rest.split_once('=')?;
    let mut commands = commands.trim();
    if let Some((_, after)) = commands.strip_prefix('(').and_then(|text| text.split_once(')')) {
        commands = after.trim();
    }
    let tag = |tag: &str| commands.split([':', ' ', ',']).any(|word| word == tag);
    Some(SudoRule {
        path: path.to_owned(),
        line,
        who: who.to_owned(),
        without_password: tag("NOPASSWD"),
        every_command: tag("ALL"),
    })
}

/// `#1000` is a user by its number, not a comment.
fn is_numeric_user(word: &str) -> bool {
    word.strip_prefix('#')
        .is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_as_sudo_reads_them() {
        let text = "Defaults env_reset\nDefaults:ops !requiretty\n# a comment\n@includedir /etc/sudoers.d\n\
                    User_Alias OPS = a, b\nroot ALL=(ALL:ALL) ALL\n%sudo\tALL=(ALL) ALL\n\
                    ops ALL=(root) NOPASSWD: ALL\nbackup ALL=NOPASSWD:/usr/bin/rsync\n\
                    #1000 ALL = \\\n  NOPASSWD : ALL\n";
        let read = rules("/etc/sudoers", text);
        let told: Vec<_> = read
            .iter()
            .map(|r| (r.who.as_str(), r.line, r.without_password, r.every_command))
            .collect();
        assert_eq!(
            told,
            [
                ("root", 6, false, true),
                ("%sudo", 7, false, true),
                ("ops", 8, true, true),
                ("backup", 9, true, false),
                ("#1000", 11, true, true),
            ]
        );
    }

    #[test]
    fn keys_are_counted() {
        assert_eq!(count("# mine\n\nssh-ed25519 AAAA ops\nfrom=\"10.0.0.1\" ssh-rsa AAAA x\n"), 2);
    }
}
