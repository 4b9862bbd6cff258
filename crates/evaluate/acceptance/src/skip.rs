//! kube-bench's skip lists: items, or whole sections, that a team does not hold itself to.

use kuberlock_model::finding::{Finding, Verdict, Waiver};

use crate::Error;

/// The items of a skip list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SkipList {
    items: Vec<String>,
    /// Where it was read, for the reason that a finding carries.
    source: String,
}

impl SkipList {
    /// A list as kube-bench takes it with `--skip`: items and sections, parted by commas, spaces or
    /// lines; `#` begins a comment.
    ///
    /// # Errors
    /// A word that is no item and no section.
    pub fn parse(text: &str, source: &str) -> Result<Self, Error> {
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or(line));
        let words = lines.flat_map(|line| line.split(|c: char| c == ',' || c.is_whitespace()));
        let words = words.map(|word| word.trim_matches(['"', '\'', '-', '[', ']']));
        let items: Vec<String> = words.filter(|w| !w.is_empty()).map(str::to_owned).collect();
        let is_item = |item: &&String| {
            item.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
        };
        match items.iter().find(|item| !is_item(item)) {
            Some(word) => Err(Error::Item(word.chars().take(80).collect())),
            None => Ok(Self { items, source: source.to_owned() }),
        }
    }

    /// Accepts the failures of checks all of whose items are in the list; `items_of` tells the
    /// items that a check answers. Returns the items of the list that met no check.
    pub fn apply(
        &self,
        findings: &mut [Finding],
        items_of: &dyn Fn(&str) -> Vec<String>,
    ) -> Vec<String> {
        let mut unmet = self.items.clone();
        let mut last: Option<(&'static str, bool)> = None;
        for finding in findings {
            // Findings of one check follow each other, mostly: its items are looked up once.
            let skipped = match last {
                Some((check, skipped)) if check == finding.check => skipped,
                _ => {
                    let items = items_of(finding.check);
                    unmet.retain(|skip| !items.iter().any(|item| lies_in(item, skip)));
                    !items.is_empty() && items.iter().all(|item| self.holds(item))
                }
            };
            last = Some((finding.check, skipped));
            if skipped && finding.verdict == Verdict::Fail {
                finding.verdict = Verdict::Accepted;
                finding.waiver = Some(Box::new(Waiver {
                    reason: format!("skipped by {}", self.source),
                    owner: "nobody: a skip list names none".to_owned(),
                    expires: "never".to_owned(),
                }));
            }
        }
        unmet
    }

    fn holds(&self, item: &str) -> bool {
        self.items.iter().any(|skip| lies_in(item, skip))
    }
}

/// Whether `item` is `skip` or lies in the section `skip`.
fn lies_in(item: &str, skip: &str) -> bool {
    item.strip_prefix(skip).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_people_keep_them() {
        let list = SkipList::parse("1.2.3, 1.1 # files\n- \"4.2.6\"\n", "skip.txt").unwrap();
        assert_eq!(list.items, ["1.2.3", "1.1", "4.2.6"]);
        assert!(list.holds("1.1.20") && list.holds("1.2.3") && !list.holds("1.2.30"));
        assert_eq!(SkipList::parse("1.2.x", "s").unwrap_err(), Error::Item("1.2.x".into()));
    }
}
