//! `$((…))`: whole numbers, as dash computes them.

use std::collections::BTreeMap;

/// How deep parentheses may nest.
const MOST_DEPTH: u32 = 30;

struct Evaluation<'v> {
    text: Vec<char>,
    at: usize,
    depth: u32,
    variables: &'v mut BTreeMap<String, String>,
}

/// The value of an expression, or what the shell complains of.
pub(super) fn evaluate(
    text: &str,
    variables: &mut BTreeMap<String, String>,
) -> Result<i64, String> {
    let chars = text.chars().collect();
    let mut evaluation = Evaluation { text: chars, at: 0, depth: 0, variables };
    let value = evaluation.assignment().and_then(|value| match evaluation.peek() {
        None => Some(value),
        Some(_) => None,
    });
    value.ok_or_else(|| format!("arithmetic expression: expecting primary: \"{text}\""))
}

/// Operators of two sides, the loosest first; the longer spelling first.
const LEVELS: [&[&str]; 9] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
];

impl Evaluation<'_> {
    fn peek(&mut self) -> Option<char> {
        while self.text.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn takes(&mut self, operator: &str) -> bool {
        self.peek();
        let length = operator.chars().count();
        let there = self.text.get(self.at..self.at + length);
        let same = there.is_some_and(|there| there.iter().copied().eq(operator.chars()));
        let longer = self.text.get(self.at + length).copied();
        let other = match operator {
            "|" | "&" => longer == operator.chars().next(),
            "<" | ">" => longer == Some('=') || longer == operator.chars().next(),
            _ => false,
        };
        if same && !other {
            self.at += length;
        }
        same && !other
    }

    fn assignment(&mut self) -> Option<i64> {
        let begun = self.at;
        if let Some(name) = self.name()
            && self.peek() == Some('=')
            && self.text.get(self.at + 1) != Some(&'=')
        {
            self.at += 1;
            let value = self.assignment()?;
            self.variables.insert(name, value.to_string());
            return Some(value);
        }
        self.at = begun;
        self.choice()
    }

    fn choice(&mut self) -> Option<i64> {
        let condition = self.level(0)?;
        if !self.takes("?") {
            return Some(condition);
        }
        let yes = self.deeper(Self::assignment)?;
        if !self.takes(":") {
            return None;
        }
        let no = self.deeper(Self::choice)?;
        Some(if condition != 0 { yes } else { no })
    }

    fn deeper(&mut self, part: impl Fn(&mut Self) -> Option<i64>) -> Option<i64> {
        self.depth += 1;
        let value = if self.depth > MOST_DEPTH { None } else { part(self) };
        self.depth -= 1;
        value
    }

    fn level(&mut self, level: usize) -> Option<i64> {
        let Some(operators) = LEVELS.get(level) else { return self.product() };
        let mut left = self.level(level + 1)?;
        while let Some(operator) = operators.iter().find(|operator| self.takes(operator)) {
            let right = self.level(level + 1)?;
            left = apply(operator, left, right)?;
        }
        Some(left)
    }

    fn product(&mut self) -> Option<i64> {
        let mut left = self.unary()?;
        loop {
            let operator = ["*", "/", "%"].into_iter().find(|operator| self.takes(operator));
            let Some(operator) = operator else { return Some(left) };
            let right = self.unary()?;
            left = apply(operator, left, right)?;
        }
    }

    fn unary(&mut self) -> Option<i64> {
        match self.peek()? {
            '-' => self.signed(i64::wrapping_neg),
            '+' => self.signed(|value| value),
            '!' => self.signed(|value| i64::from(value == 0)),
            '~' => self.signed(|value| !value),
            '(' => {
                self.at += 1;
                let value = self.deeper(Self::assignment)?;
                self.takes(")").then_some(value)
            }
            c if c.is_ascii_digit() => self.number(),
            _ => {
                let name = self.name()?;
                match self.variables.get(&name).map(|value| value.trim().to_owned()) {
                    None => Some(0),
                    Some(value) if value.is_empty() => Some(0),
                    Some(value) => number(&value),
                }
            }
        }
    }

    fn signed(&mut self, apply: fn(i64) -> i64) -> Option<i64> {
        self.at += 1;
        self.deeper(Self::unary).map(apply)
    }

    fn number(&mut self) -> Option<i64> {
        let mut text = String::new();
        while let Some(c) = self.text.get(self.at).filter(|c| c.is_ascii_alphanumeric()) {
            text.push(*c);
            self.at += 1;
        }
        number(&text)
    }

    fn name(&mut self) -> Option<String> {
        let mut name = String::new();
        while let Some(c) = self.peek_at().filter(|c| {
            *c == '_' || c.is_ascii_alphabetic() || (!name.is_empty() && c.is_ascii_digit())
        }) {
            name.push(c);
            self.at += 1;
        }
        (!name.is_empty()).then_some(name)
    }

    fn peek_at(&mut self) -> Option<char> {
        self.text.get(self.at).copied()
    }
}

fn number(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let value = match digits {
        hex if hex.starts_with("0x") || hex.starts_with("0X") => {
            i64::from_str_radix(hex.get(2..)?, 16)
        }
        octal if octal.len() > 1 && octal.starts_with('0') => i64::from_str_radix(octal, 8),
        decimal => decimal.parse(),
    };
    value.ok().map(|value: i64| sign * value)
}

fn apply(operator: &str, left: i64, right: i64) -> Option<i64> {
    let shift = u32::try_from(right & 63).unwrap_or(0);
    Some(match operator {
        "||" => i64::from(left != 0 || right != 0),
        "&&" => i64::from(left != 0 && right != 0),
        "|" => left | right,
        "^" => left ^ right,
        "&" => left & right,
        "==" => i64::from(left == right),
        "!=" => i64::from(left != right),
        "<=" => i64::from(left <= right),
        ">=" => i64::from(left >= right),
        "<" => i64::from(left < right),
        ">" => i64::from(left > right),
        "<<" => left.wrapping_shl(shift),
        ">>" => left.wrapping_shr(shift),
        "+" => left.wrapping_add(right),
        "-" => left.wrapping_sub(right),
        "*" => left.wrapping_mul(right),
        "/" if right != 0 => left.wrapping_div(right),
        "%" if right != 0 => left.wrapping_rem(right),
        _ => return None,
    })
}
