//! `test` and `[`.

use crate::node::{FileType, Node};

/// How deep parentheses may nest.
const MOST_DEPTH: u32 = 30;

/// What is wrong with a condition.
type Wrong = String;

struct Condition<'c> {
    words: &'c [String],
    at: usize,
    depth: u32,
    bash: bool,
    node: &'c dyn Node,
}

/// Whether the condition holds.
pub(super) fn evaluate(words: &[String], bash: bool, node: &dyn Node) -> Result<bool, Wrong> {
    let mut condition = Condition { words, at: 0, depth: 0, bash, node };
    match words {
        [] => Ok(false),
        [one] => Ok(!one.is_empty()),
        [not, one] if not == "!" => Ok(one.is_empty()),
        [left, operator, right] if is_binary(operator, bash) => binary(left, operator, right, node),
        _ => {
            let holds = condition.any()?;
            match words.get(condition.at) {
                None => Ok(holds),
                Some(word) => Err(unexpected(word)),
            }
        }
    }
}

impl Condition<'_> {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(String::as_str)
    }

    fn any(&mut self) -> Result<bool, Wrong> {
        let mut holds = self.all()?;
        while self.peek() == Some("-o") {
            self.at += 1;
            holds |= self.all()?;
        }
        Ok(holds)
    }

    fn all(&mut self) -> Result<bool, Wrong> {
        let mut holds = self.not()?;
        while self.peek() == Some("-a") {
            self.at += 1;
            holds &= self.not()?;
        }
        Ok(holds)
    }

    fn not(&mut self) -> Result<bool, Wrong> {
        let mut negated = false;
        while self.peek() == Some("!") {
            self.at += 1;
            negated = !negated;
        }
        Ok(self.primary()? != negated)
    }

    fn primary(&mut self) -> Result<bool, Wrong> {
        let words = self.words.get(self.at..).unwrap_or_default();
        match words {
            [] => Err("argument expected".to_owned()),
            [left, operator, right, ..] if is_binary(operator, self.bash) => {
                self.at += 3;
                binary(left, operator, right, self.node)
            }
            [open, ..] if open == "(" => {
                self.at += 1;
                self.depth += 1;
                if self.depth > MOST_DEPTH {
                    return Err("too many arguments".to_owned());
                }
                let holds = self.any()?;
                self.depth -= 1;
                if self.peek() != Some(")") {
                    return Err("closing paren expected".to_owned());
                }
                self.at += 1;
                Ok(holds)
            }
            [operator, operand, ..] if is_unary(operator) => {
                self.at += 2;
                Ok(unary(operator, operand, self.node))
            }
            [operator] if is_unary(operator) && self.at > 0 => {
                Err(format!("{operator}: argument expected"))
            }
            [word, next, ..] if !matches!(next.as_str(), "-a" | "-o" | ")") => {
                Err(unexpected(word))
            }
            [word, ..] => {
                self.at += 1;
                Ok(!word.is_empty())
            }
        }
    }
}

/// dash names the word, where there is one.
fn unexpected(word: &str) -> Wrong {
    let before = if word.is_empty() { String::new() } else { format!("{word}: ") };
    format!("{before}unexpected operator")
}

/// Whether a condition may compare by `operator`.
pub(super) fn is_binary(operator: &str, bash: bool) -> bool {
    matches!(
        operator,
        "=" | "!="
            | "<"
            | ">"
            | "-eq"
            | "-ne"
            | "-lt"
            | "-le"
            | "-gt"
            | "-ge"
            | "-nt"
            | "-ot"
            | "-ef"
    ) || (operator == "==" && bash)
}

/// Whether `left` and `right` are as `operator` asks.
pub(super) fn binary(
    left: &str,
    operator: &str,
    right: &str,
    node: &dyn Node,
) -> Result<bool, Wrong> {
    let modified = |path: &str| node.stat(path, true).map(|status| status.modified).ok();
    Ok(match operator {
        "=" | "==" => left == right,
        "!=" => left != right,
        "<" => left < right,
        ">" => left > right,
        "-nt" => modified(left) > modified(right),
        "-ot" => modified(left) < modified(right),
        "-ef" => {
            let inode = |path: &str| node.stat(path, true).map(|status| status.inode).ok();
            inode(left).is_some() && inode(left) == inode(right)
        }
        _ => {
            let (left, right) = (number(left)?, number(right)?);
            match operator {
                "-eq" => left == right,
                "-ne" => left != right,
                "-lt" => left < right,
                "-le" => left <= right,
                "-gt" => left > right,
                _ => left >= right,
            }
        }
    })
}

/// Whether `operand` is as `operator` asks.
pub(super) fn unary(operator: &str, operand: &str, node: &dyn Node) -> bool {
    let kind = |wanted: FileType| {
        node.stat(operand, true).is_ok_and(|status| status.file_type() == wanted)
    };
    let bits =
        |bits: u32| node.stat(operand, true).is_ok_and(|status| status.permissions() & bits != 0);
    match operator {
        "-n" => !operand.is_empty(),
        "-z" => operand.is_empty(),
        "-e" | "-a" => node.stat(operand, true).is_ok(),
        "-f" => kind(FileType::File),
        "-d" => kind(FileType::Directory),
        "-p" => kind(FileType::Fifo),
        "-S" => kind(FileType::Socket),
        "-b" => kind(FileType::Block),
        "-c" => kind(FileType::Character),
        "-h" | "-L" => {
            let status = node.stat(operand, false);
            status.is_ok_and(|status| status.file_type() == FileType::Link)
        }
        "-s" => node.stat(operand, true).is_ok_and(|status| status.size > 0),
        // The audits are taken to be root's: it may read and write whatever there is.
        "-r" | "-w" => node.stat(operand, true).is_ok(),
        "-x" => kind(FileType::Directory) || bits(0o111),
        "-u" => bits(0o4000),
        "-g" => bits(0o2000),
        "-k" => bits(0o1000),
        "-O" => node.stat(operand, true).is_ok_and(|status| status.uid == 0),
        "-G" => node.stat(operand, true).is_ok_and(|status| status.gid == 0),
        _ => false,
    }
}

pub(super) fn is_unary(operator: &str) -> bool {
    let mut chars = operator.chars();
    let (dash, letter, end) = (chars.next(), chars.next(), chars.next());
    dash == Some('-')
        && end.is_none()
        && letter.is_some_and(|c| "nzefdpSbchLsrwxugkOGt".contains(c))
}

fn number(text: &str) -> Result<i64, Wrong> {
    text.trim().parse().map_err(|_| format!("Illegal number: {text}"))
}
