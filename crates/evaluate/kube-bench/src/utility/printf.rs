//! `printf`, and what backslashes mean to it and to dash's `echo`.

/// `text` with its backslashes read; and whether a `\c` ended it.
pub(crate) fn unescaped(text: &str, echo: bool) -> (String, bool) {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('a') => out.push('\u{7}'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('v') => out.push('\u{b}'),
            Some('\\') => out.push('\\'),
            Some('c') => return (out, true),
            Some('"') if !echo => out.push('"'),
            Some(digit @ '0'..='7') if !echo || digit == '0' => {
                let mut code = if echo { 0 } else { digit.to_digit(8).unwrap_or(0) };
                let mut left = if echo { 3 } else { 2 };
                while left > 0
                    && let Some(value) = chars.peek().and_then(|c| c.to_digit(8))
                {
                    code = code * 8 + value;
                    chars.next();
                    left -= 1;
                }
                out.extend(char::from_u32(code & 0xff));
            }
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    (out, false)
}

/// The widest that a field may be.
const WIDEST: usize = 4096;

/// What `printf FORMAT ARGUMENT…` prints; or why it is not known.
pub(crate) fn printed(args: &[String]) -> Result<String, String> {
    let args = match args.split_first() {
        Some((first, rest)) if first == "--" => rest,
        _ => args,
    };
    let Some((format, mut values)) = args.split_first() else {
        return Err("it uses `printf` without a format".to_owned());
    };
    let mut out = String::new();
    loop {
        let before = values.len();
        let ended = once(format, &mut values, &mut out)?;
        if ended || values.is_empty() || values.len() == before {
            return Ok(out);
        }
    }
}

fn once(format: &str, values: &mut &[String], out: &mut String) -> Result<bool, String> {
    let mut literal = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\\' {
            literal.push(c);
            literal.extend(chars.next());
            continue;
        }
        if c != '%' {
            literal.push(c);
            continue;
        }
        let (text, ended) = unescaped(&literal, false);
        out.push_str(&text);
        literal.clear();
        if ended {
            return Ok(true);
        }
        let mut spec = Spec::default();
        while let Some(flag) = chars.next_if(|c| matches!(c, '-' | '0' | '+' | ' ' | '#')) {
            match flag {
                '-' => spec.left = true,
                '0' => spec.zero = true,
                '+' => spec.plus = true,
                _ => {}
            }
        }
        spec.width = size(&mut chars, values);
        if chars.next_if_eq(&'.').is_some() {
            spec.precision = Some(size(&mut chars, values));
        }
        let Some(kind) = chars.next() else { return Err("it uses `printf %`".to_owned()) };
        if kind == '%' {
            out.push('%');
            continue;
        }
        let value = values.split_first().map(|(first, rest)| {
            *values = rest;
            first.as_str()
        });
        let (text, ended) = spec.shown(kind, value.unwrap_or_default())?;
        out.push_str(&text);
        if ended {
            return Ok(true);
        }
    }
    let (text, ended) = unescaped(&literal, false);
    out.push_str(&text);
    Ok(ended)
}

#[derive(Debug, Default)]
struct Spec {
    left: bool,
    zero: bool,
    plus: bool,
    width: usize,
    precision: Option<usize>,
}

fn size(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, values: &mut &[String]) -> usize {
    if chars.next_if_eq(&'*').is_some() {
        let value = values.split_first().map(|(first, rest)| {
            *values = rest;
            first.parse().unwrap_or(0)
        });
        return value.unwrap_or(0_usize).min(WIDEST);
    }
    let mut size = 0_usize;
    while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
        chars.next();
        size = (size * 10 + usize::try_from(digit).unwrap_or(0)).min(WIDEST);
    }
    size
}

impl Spec {
    fn shown(&self, kind: char, value: &str) -> Result<(String, bool), String> {
        let wrong = || format!("it uses `printf %{kind}` of `{value}`");
        let mut ended = false;
        let number = || -> Result<i64, String> {
            let text = value.trim();
            if text.is_empty() {
                return Ok(0);
            }
            text.parse().map_err(|_| wrong())
        };
        let text = match kind {
            's' => value.to_owned(),
            'b' => {
                let (text, end) = unescaped(value, true);
                ended = end;
                text
            }
            'c' => value.chars().take(1).collect(),
            'd' | 'i' | 'u' if self.plus => format!("{:+}", number()?),
            'd' | 'i' | 'u' => number()?.to_string(),
            'o' => format!("{:o}", number()?),
            'x' => format!("{:x}", number()?),
            'X' => format!("{:X}", number()?),
            'f' => {
                let number: f64 = value.trim().parse().map_err(|_| wrong())?;
                format!("{number:.*}", self.precision.unwrap_or(6).min(60))
            }
            _ => return Err(wrong()),
        };
        let text: String = match (kind, self.precision) {
            ('s' | 'b', Some(most)) => text.chars().take(most).collect(),
            _ => text,
        };
        let gap = self.width.saturating_sub(text.chars().count());
        let numeric = !matches!(kind, 's' | 'b' | 'c');
        let text = match (self.left, self.zero && numeric) {
            (true, _) => text + &" ".repeat(gap),
            (false, true) => match text.strip_prefix('-') {
                Some(digits) => format!("-{}{digits}", "0".repeat(gap)),
                None => "0".repeat(gap) + &text,
            },
            (false, false) => " ".repeat(gap) + &text,
        };
        Ok((text, ended))
    }
}
