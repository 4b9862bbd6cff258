//! kubectl's command line.

use crate::output::{NotAnswered, not_answered};

/// Options and words of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// What is no option, the command's own words included.
    pub words: Vec<String>,
    pub all_namespaces: bool,
    pub namespace: Option<String>,
    pub output: Option<String>,
    pub labels: Option<String>,
    pub fields: Option<String>,
    pub no_headers: bool,
    pub ignore_not_found: bool,
    pub missing_keys_are_errors: bool,
    pub user: Option<String>,
    pub groups: Vec<String>,
    pub subresource: Option<String>,
    pub quiet: bool,
    pub list: bool,
}

impl Arguments {
    /// Reads a command line; an option that is not answered for is told.
    pub fn parse<'a>(args: impl IntoIterator<Item = &'a str>) -> Result<Self, NotAnswered> {
        let mut parsed = Self::default();
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            if arg == "--" {
                parsed.words.extend(args.by_ref().map(str::to_owned));
            } else if let Some(long) = arg.strip_prefix("--") {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value)),
                    None => (long, None),
                };
                parsed.option(name, value, &mut args)?;
            } else if let Some(short) = arg.strip_prefix('-').filter(|short| !short.is_empty()) {
                parsed.short(short, &mut args)?;
            } else {
                parsed.words.push(arg.to_owned());
            }
        }
        Ok(parsed)
    }

    /// A cluster of one-letter options, of which the last may have its value behind it.
    fn short<'a>(
        &mut self,
        cluster: &str,
        rest: &mut impl Iterator<Item = &'a str>,
    ) -> Result<(), NotAnswered> {
        let mut chars = cluster.chars();
        while let Some(letter) = chars.next() {
            let name = match letter {
                'A' => "all-namespaces",
                'q' => "quiet",
                'n' => "namespace",
                'o' => "output",
                'l' => "selector",
                's' => "server",
                'v' => "v",
                _ => return not_answered(format!("kubectl's option `-{letter}` is not answered")),
            };
            let value = chars.as_str();
            if matches!(letter, 'A' | 'q') {
                self.option(name, None, rest)?;
                continue;
            }
            let value = value.strip_prefix('=').unwrap_or(value);
            return self.option(name, (!value.is_empty()).then_some(value), rest);
        }
        Ok(())
    }

    fn option<'a>(
        &mut self,
        name: &str,
        value: Option<&str>,
        rest: &mut impl Iterator<Item = &'a str>,
    ) -> Result<(), NotAnswered> {
        let flag = match name {
            "all-namespaces" => Some(&mut self.all_namespaces),
            "no-headers" => Some(&mut self.no_headers),
            "ignore-not-found" => Some(&mut self.ignore_not_found),
            "quiet" => Some(&mut self.quiet),
            "list" => Some(&mut self.list),
            _ => None,
        };
        let is_true = value.is_none_or(|value| matches!(value, "true" | "1" | "t"));
        if let Some(flag) = flag {
            *flag = is_true;
            return Ok(());
        }
        if name == "allow-missing-template-keys" {
            self.missing_keys_are_errors = !is_true;
            return Ok(());
        }
        let Some(value) = value.or_else(|| rest.next()).map(str::to_owned) else {
            return not_answered(format!("kubectl's option `--{name}` has no value"));
        };
        match name {
            "namespace" => self.namespace = Some(value),
            "output" => self.output = Some(value),
            "selector" => self.labels = Some(value),
            "field-selector" => self.fields = Some(value),
            "as" => self.user = Some(value),
            "as-group" => self.groups.push(value),
            "subresource" => self.subresource = Some(value),
            // How the server is reached changes nothing of what it says.
            "kubeconfig" | "request-timeout" | "chunk-size" | "v" => {}
            _ => return not_answered(format!("kubectl's option `--{name}` is not answered")),
        }
        Ok(())
    }
}
