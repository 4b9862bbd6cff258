//! Command lines and scripts, word by word.
//!
//! Enters: the words of a command line, or a script in one word. Leaves: the same words, each kept
//! or marked. Always holds: what follows a flag is judged by the flag; what follows a short flag
//! (`-p`, `-u`, `-H`) passes only with a closed shape; white space and quotes stay where they are.

use super::mark::{PLACEHOLDER, around_marks, mark};
use super::name::{Secrecy, secrecy};
use super::shape;
use super::value::{Trust, value, within};

/// Programs whose flags are settings, read by the checks.
static COMPONENTS: [&str; 9] = [
    "cloud-controller-manager",
    "containerd",
    "etcd",
    "hyperkube",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubelet",
];

/// Redacts a command line, program first.
pub fn arguments(args: &[String]) -> Vec<String> {
    let program = args.first().map_or("", String::as_str);
    let base = program.rsplit('/').next().unwrap_or(program);
    let trust = if COMPONENTS.contains(&base) { Trust::Component } else { Trust::Foreign };
    let mut line = Line::new(trust);
    args.iter().map(|word| line.argument(word)).collect()
}

/// Redacts a line of flags without a program, such as `KUBELET_KUBEADM_ARGS`, or a script.
pub(crate) fn script(text: &str, trust: Trust) -> String {
    around_marks(text, |text| {
        let mut line = Line::new(trust);
        line.program_seen = trust == Trust::Component;
        line.script(text)
    })
}

/// What the word before says of the next one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pending {
    Nothing,
    /// The value of a long flag.
    Long(Secrecy),
    /// The value of a short flag, which may be a password.
    Short,
    /// The script after `sh -c`.
    Command,
    /// What follows `Authorization:`, up to the end of the quotes or of the line.
    Header,
}

struct Line {
    trust: Trust,
    pending: Pending,
    program_seen: bool,
    /// The quote that is open in a script, and what was pending where it opened.
    quote: Option<(char, Pending)>,
}

impl Line {
    fn new(trust: Trust) -> Self {
        Self { trust, pending: Pending::Nothing, program_seen: false, quote: None }
    }

    /// One argument, which may itself be a script.
    fn argument(&mut self, word: &str) -> String {
        around_marks(word, |word| {
            let is_script = word.contains(char::is_whitespace);
            match self.pending {
                Pending::Long(Secrecy::No) | Pending::Nothing | Pending::Command if is_script => {
                    self.pending = Pending::Nothing;
                    self.spaced_flag(word).unwrap_or_else(|| Self::new(self.trust).script(word))
                }
                _ if is_script => {
                    self.pending = Pending::Nothing;
                    self.spaced_flag(word).unwrap_or_else(|| mark(word))
                }
                _ => {
                    let in_header = self.pending == Pending::Header;
                    let redacted = self.word(word);
                    // A header ends with its own argument.
                    if in_header {
                        self.pending = Pending::Nothing;
                    }
                    redacted
                }
            }
        })
    }

    /// `--flag=several words`.
    fn spaced_flag(&self, word: &str) -> Option<String> {
        let (name, text) = word.strip_prefix("--")?.split_once('=')?;
        is_flag_name(name).then(|| format!("--{name}={}", within(secrecy(name), text, self.trust)))
    }

    fn script(&mut self, text: &str) -> String {
        let mut whole = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(is_boundary).unwrap_or(rest.len());
            let (word, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
            if word == "\\" {
                whole.push_str(word);
            } else if !word.is_empty() {
                whole.push_str(&self.word(word));
            }
            let signs = tail.find(|c| !is_boundary(c)).unwrap_or(tail.len());
            let (gap, tail) = tail.split_at_checked(signs).unwrap_or((tail, ""));
            self.cross(gap, word);
            whole.push_str(gap);
            rest = tail;
        }
        whole
    }

    /// What ends at the signs between two words of a script: a command at `;` and at the end of a
    /// line, unless that is escaped; a header or a quoted value at its quote.
    fn cross(&mut self, gap: &str, word: &str) {
        let escaped = word.ends_with('\\');
        for c in gap.chars() {
            match (c, self.quote) {
                (c, Some((open, _))) if c == open => {
                    self.quote = None;
                    self.pending = Pending::Nothing;
                }
                ('"' | '\'', None) => self.quote = Some((c, self.pending)),
                ('\n', _) if self.pending == Pending::Header && !escaped => {
                    self.pending = Pending::Nothing;
                }
                (';' | '|' | '&' | '\n', None) if !escaped => {
                    self.pending = Pending::Nothing;
                    self.program_seen = self.trust == Trust::Component;
                }
                _ => {}
            }
        }
    }

    fn word(&mut self, word: &str) -> String {
        let pending = match std::mem::replace(&mut self.pending, Pending::Nothing) {
            // The words of a quoted value share what is pending before the quote.
            Pending::Nothing => self.quote.map_or(Pending::Nothing, |(_, pending)| pending),
            pending => pending,
        };
        if pending == Pending::Header {
            self.pending = Pending::Header;
            self.program_seen = true;
            return within(Secrecy::Is, word, Trust::Foreign);
        }
        if let Some(flag) = self.flag(word) {
            self.program_seen = true;
            return flag;
        }
        if let Some(assignment) = self.assignment(word) {
            return assignment;
        }
        if word.ends_with(':') && word.len() > 1 {
            // The value may follow: of a header, of YAML in a script.
            self.pending = Pending::Header;
            self.program_seen = true;
            let name = word.trim_end_matches(':');
            return if is_flag_name(name) { word.to_owned() } else { mark(word) };
        }
        match pending {
            Pending::Long(secrecy) => {
                self.program_seen = true;
                // Numbers after a word that names a credential are one, as in `--pin 1234`.
                within(secrecy, word, self.trust)
            }
            Pending::Short => {
                self.program_seen = true;
                if shape::is_closed(word, true) { word.to_owned() } else { mark(word) }
            }
            Pending::Nothing | Pending::Command | Pending::Header => self.positional(word),
        }
    }

    fn flag(&mut self, word: &str) -> Option<String> {
        let body = word.strip_prefix('-')?;
        if let Some(body) =
            body.strip_prefix('-').or((self.trust == Trust::Component).then_some(body))
        {
            let (name, text) = match body.split_once('=') {
                Some((name, text)) => (name, Some(text)),
                None => (body, None),
            };
            if !is_flag_name(name) && !name.is_empty() {
                return Some(mark(word));
            }
            return Some(match text {
                Some(text) => {
                    let dashes = word.strip_suffix(body).unwrap_or_default();
                    format!("{dashes}{name}={}", self.flag_value(name, text))
                }
                None => {
                    self.pending = match name {
                        "" => Pending::Nothing,
                        _ => Pending::Long(secrecy(name)),
                    };
                    word.to_owned()
                }
            });
        }
        Some(self.short_flag(word, body))
    }

    /// `--from-literal=name=value` and `--set a.b=value` name the value inside the value.
    fn flag_value(&self, name: &str, text: &str) -> String {
        if self.trust == Trust::Foreign
            && let Some((inner, inner_text)) = text.split_once('=')
            && secrecy(name) == Secrecy::No
            && is_flag_name(inner)
        {
            return format!("{inner}={}", within(secrecy(inner), inner_text, self.trust));
        }
        let text_unquoted = text.trim_matches(['"', '\'']);
        text.replacen(text_unquoted, &within(secrecy(name), text_unquoted, self.trust), 1)
    }

    fn short_flag(&mut self, word: &str, body: &str) -> String {
        let letters = body.bytes().all(|b| b.is_ascii_alphabetic());
        let takes_secret = body.starts_with(['p', 'P', 'u', 'a', 'k', 'w', 'H']) && body.len() > 1;
        let number = shape::is_quantity(body);
        if body.contains('=') || (!number && (!letters || body.len() > 5 || takes_secret)) {
            return match body.split_once('=') {
                Some((name, text)) if is_flag_name(name) && !takes_secret => {
                    format!("-{name}={}", self.flag_value(name, text))
                }
                _ => mark(word),
            };
        }
        self.pending = match body {
            "c" | "lc" | "ec" | "ce" | "xc" | "euc" => Pending::Command,
            "" => Pending::Nothing,
            _ => Pending::Short,
        };
        word.to_owned()
    }

    fn assignment(&mut self, word: &str) -> Option<String> {
        let (name, text) = word.split_once('=')?;
        if text.is_empty() && is_flag_name(name) {
            // `PASSWORD="…"`: the quote ends the word before its value.
            self.pending = Pending::Long(secrecy(name).max(Secrecy::About));
            return Some(word.to_owned());
        }
        (is_flag_name(name) && !self.is_component_list(word))
            .then(|| format!("{name}={}", within(secrecy(name), text, self.trust)))
    }

    fn is_component_list(&self, word: &str) -> bool {
        self.trust == Trust::Component && word.contains(',')
    }

    fn positional(&mut self, word: &str) -> String {
        let is_program = !std::mem::replace(&mut self.program_seen, true);
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
        let sign = word.chars().all(|c| c.is_ascii_punctuation() || c == PLACEHOLDER);
        let plain_program =
            is_program && word.len() <= 40 && word.chars().all(is_name) && shape::is_word(word);
        let program_path = is_program && shape::is_path(word);
        if plain_program || program_path || sign || shape::is_lowercase_word(word) {
            return word.to_owned();
        }
        within(Secrecy::No, word, self.trust)
    }
}

fn is_boundary(c: char) -> bool {
    c.is_whitespace() || "\"'`;|&()<>".contains(c)
}

/// A name as flags, variables and headers have them, and not itself drawn at random.
fn is_flag_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/'))
        && shape::is_word(name)
}

/// Redacts the value of the environment variable `name`.
pub fn environment(name: &str, text: &str) -> String {
    let upper = name.to_ascii_uppercase();
    let is_component = ["ETCD_", "KUBELET_", "KUBE_"].iter().any(|start| upper.starts_with(start));
    let trust = if is_component { Trust::Component } else { Trust::Foreign };
    let is_line = ["ARGS", "OPTS", "FLAGS", "OPTIONS"].iter().any(|end| upper.ends_with(end));
    let is_flags = secrecy(name) == Secrecy::No || text.trim_start().starts_with("--");
    if is_component && is_line && is_flags && secrecy(name) != Secrecy::Is {
        return script(text, trust);
    }
    value(name, text, trust)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(words: &[&str]) -> Vec<String> {
        arguments(&words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn credentials_of_command_lines_are_marked() {
        for words in [
            &["app", "--token", "canary"][..],
            &["app", "--token=canary"],
            &["mysql", "-pcanary"],
            &["mysql", "-u", "root", "-p", "canary"],
            &["redis-server", "--requirepass", "canary"],
            &["redis-cli", "-a", "canary"],
            &["curl", "-H", "X-Api-Key: canary"],
            &["curl", "-H", "Authorization: Bearer canary", "http://x"],
            &["curl", "--header=Authorization: Bearer canary"],
            &["curl", "-u", "admin:canary", "https://example.com"],
            &["curl", "-uadmin:canary"],
            &["sh", "-c", "curl -H 'Authorization: Bearer canary' https://example.com"],
            &["sh", "-c", "PGPASSWORD=canary psql -h db"],
            &["sh", "-c", "export API_TOKEN=\"canary\"; run"],
            &["sh", "-c", "export API_TOKEN='canary'\nrun"],
            &["sh", "-c", "mysql --password \"canary\" db"],
            &["sh", "-c", "curl https://user:canary@example.com/x"],
            &["sh", "-c", "curl https://hooks.slack.com/services/T0/B0/canary"],
            &["helm", "upgrade", "--set", "auth.password=canary"],
            &["kubectl", "create", "secret", "generic", "x", "--from-literal=password=canary"],
            &["git", "clone", "https://canary@example.com/x.git"],
            &["openssl", "enc", "-pass", "pass:canary"],
            &["app", "postgres://u:canary@db/x"],
            &["kubelet", "--token=canary"],
            &["kube-apiserver", "--etcd-servers=https://root:canary@10.0.0.1:2379"],
            &["sh", "-c", "echo Canary123 | base64 -d"],
            &["sh", "-c", "cat <<EOF\npassword: canary\nEOF"],
        ] {
            let redacted = args(words).join(" ");
            assert!(!redacted.to_lowercase().contains("canary"), "{words:?} -> {redacted}");
            assert_eq!(
                args(&args(words).iter().map(String::as_str).collect::<Vec<_>>()),
                args(words)
            );
        }
    }

    #[test]
    fn ordinary_command_lines_stay() {
        for words in [
            &["sh", "-c", "while true; do sleep 30; done"][..],
            &[
                "/usr/local/bin/kube-proxy",
                "--config=/var/lib/kube-proxy/config.conf",
                "--hostname-override=$(NODE_NAME)",
            ],
            &["coredns", "-conf", "/etc/coredns/Corefile"],
            &[
                "/metrics-server",
                "--cert-dir=/tmp",
                "--secure-port=10250",
                "--metric-resolution=15s",
            ],
            &[
                "etcd",
                "-name",
                "etcd-0",
                "--initial-cluster=a=https://10.0.0.1:2380,b=https://10.0.0.2:2380",
            ],
        ] {
            assert_eq!(args(words), words, "{words:?}");
        }
    }
}
