//! Patterns of file names: `*`, `?`, `[…]`.

/// A pattern, read once.
#[derive(Clone, Debug)]
pub(crate) struct Pattern(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Any,
    One,
    Char(char),
    Set { negated: bool, items: Vec<Item> },
}

#[derive(Clone, Debug)]
enum Item {
    Range(char, char),
    Class(String),
}

impl Pattern {
    /// Reads a pattern in which a backslash quotes what follows.
    pub(crate) fn new(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let mut parts = Vec::new();
        let mut at = 0;
        while let Some(c) = chars.get(at).copied() {
            at += 1;
            parts.push(match c {
                '*' => Part::Any,
                '?' => Part::One,
                '\\' => {
                    let quoted = chars.get(at).copied();
                    at += 1;
                    Part::Char(quoted.unwrap_or('\\'))
                }
                '[' => match set(&chars, at) {
                    Some((part, end)) => {
                        at = end;
                        part
                    }
                    None => Part::Char('['),
                },
                c => Part::Char(c),
            });
        }
        Self(parts)
    }

    /// Whether it is nothing, or begins with what bash holds a replacement to one end by.
    pub(crate) fn is_anchor(&self) -> bool {
        matches!(self.0.first(), None | Some(Part::Char('#' | '%')))
    }

    /// Whether it is `text`, whole.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        self.matches_chars(&text)
    }

    /// As [`Pattern::matches`]; the time is at most the product of both lengths.
    pub(crate) fn matches_chars(&self, text: &[char]) -> bool {
        let (mut part, mut at) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        while at < text.len() {
            let c = text.get(at).copied().unwrap_or_default();
            match self.0.get(part) {
                Some(Part::Any) => {
                    star = Some((part, at));
                    part += 1;
                    continue;
                }
                Some(one) if one.takes(c) => {
                    part += 1;
                    at += 1;
                    continue;
                }
                _ => {}
            }
            let Some((back, from)) = star else { return false };
            star = Some((back, from + 1));
            part = back + 1;
            at = from + 1;
        }
        self.0.iter().skip(part).all(|part| matches!(part, Part::Any))
    }
}

impl Part {
    fn takes(&self, c: char) -> bool {
        match self {
            Self::Any => false,
            Self::One => true,
            Self::Char(one) => *one == c,
            Self::Set { negated, items } => items.iter().any(|item| item.has(c)) != *negated,
        }
    }
}

impl Item {
    fn has(&self, c: char) -> bool {
        match self {
            Self::Range(from, to) => (*from..=*to).contains(&c),
            Self::Class(name) => in_class(name, c),
        }
    }
}

/// Whether `c` is of a class of POSIX.
pub(crate) fn in_class(name: &str, c: char) -> bool {
    match name {
        "alpha" => c.is_ascii_alphabetic(),
        "digit" => c.is_ascii_digit(),
        "alnum" => c.is_ascii_alphanumeric(),
        "upper" => c.is_ascii_uppercase(),
        "lower" => c.is_ascii_lowercase(),
        "space" => c.is_ascii_whitespace() || c == '\u{b}',
        "blank" => c == ' ' || c == '\t',
        "punct" => c.is_ascii_punctuation(),
        "print" => c.is_ascii_graphic() || c == ' ',
        "graph" => c.is_ascii_graphic(),
        "cntrl" => c.is_ascii_control(),
        "xdigit" => c.is_ascii_hexdigit(),
        _ => false,
    }
}

/// A bracket expression that begins behind its bracket at `at`; and where it ends.
fn set(chars: &[char], mut at: usize) -> Option<(Part, usize)> {
    let negated = matches!(chars.get(at), Some('!' | '^'));
    at += usize::from(negated);
    let begun = at;
    let mut items = Vec::new();
    loop {
        let c = *chars.get(at)?;
        at += 1;
        if c == ']' && at > begun + 1 {
            return Some((Part::Set { negated, items }, at));
        }
        if c == '[' && chars.get(at) == Some(&':') {
            let rest: String = chars.get(at + 1..)?.iter().collect();
            let (name, _) = rest.split_once(":]")?;
            at += name.chars().count() + 3;
            items.push(Item::Class(name.to_owned()));
            continue;
        }
        let c = if c == '\\' { *chars.get(at).inspect(|_| at += 1)? } else { c };
        match (chars.get(at), chars.get(at + 1)) {
            (Some('-'), Some(to)) if *to != ']' => {
                items.push(Item::Range(c, *to));
                at += 2;
            }
            _ => items.push(Item::Range(c, c)),
        }
    }
}
