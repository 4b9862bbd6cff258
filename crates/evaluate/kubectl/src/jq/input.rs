//! JSON texts one after the other, read as jq reads them: its errors are part of what an audit
//! prints.

use std::rc::Rc;

use super::value::Value;

/// What is open around the value that is being read.
enum Open {
    Array(Vec<Value>),
    Object(Vec<(Rc<str>, Value)>),
    Key(Rc<str>),
}

/// jq's own bound on nesting.
const MOST_OPEN: usize = 256;

pub(super) struct Input<'a> {
    text: &'a str,
    /// Bytes taken.
    at: usize,
    line: usize,
    column: usize,
    token: String,
    /// Inside of a string; `Some(true)` behind a backslash.
    string: Option<bool>,
    open: Vec<Open>,
    next: Option<Value>,
    ended: bool,
}

impl<'a> Input<'a> {
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            line: 1,
            column: 0,
            token: String::new(),
            string: None,
            open: Vec::new(),
            next: None,
            ended: false,
        }
    }

    /// How many lines jq has read to get this far: it reads them whole.
    pub fn lines_read(&self) -> usize {
        let (before, after) = self.text.split_at_checked(self.at).unwrap_or((self.text, ""));
        let is_inside = !before.is_empty() && !before.ends_with('\n');
        before.matches('\n').count() + usize::from(is_inside && after.contains('\n'))
    }

    /// The next value, or why there is none.
    pub fn next(&mut self) -> Option<Result<Value, String>> {
        if self.ended {
            return None;
        }
        let rest = self.text.get(self.at..).unwrap_or_default();
        for (at, c) in rest.char_indices() {
            let start = self.at;
            match self.take(c) {
                Err(error) => {
                    self.ended = true;
                    let (line, column) = (self.line, self.column);
                    return Some(Err(format!("{error} at line {line}, column {column}")));
                }
                Ok(Some(value)) => {
                    self.at = start + c.len_utf8();
                    return Some(Ok(value));
                }
                Ok(None) => self.at = start + c.len_utf8(),
            }
            debug_assert!(at <= rest.len());
        }
        self.ended = true;
        let (line, column) = (self.line, self.column);
        let at = format!("at EOF at line {line}, column {column}");
        if self.string.is_some() {
            return Some(Err(format!("Unfinished string {at}")));
        }
        if let Err(error) = self.literal() {
            return Some(Err(format!("{error} {at}")));
        }
        if !self.open.is_empty() {
            return Some(Err(format!("Unfinished JSON term {at}")));
        }
        self.next.take().map(Ok)
    }

    fn take(&mut self, c: char) -> Result<Option<Value>, &'static str> {
        self.column += c.len_utf8();
        if c == '\n' {
            self.line += 1;
            self.column = 0;
        }
        if let Some(escaped) = self.string {
            if c == '"' && !escaped {
                self.string = None;
                let text = unescape(&std::mem::take(&mut self.token))?;
                self.value(Value::text(&text))?;
                return Ok(self.done());
            }
            self.token.push(c);
            self.string = Some(c == '\\' && !escaped);
            return Ok(None);
        }
        let is_structure = matches!(c, '[' | '{' | ':' | ',' | ']' | '}');
        if !is_structure && !matches!(c, ' ' | '\t' | '\r' | '\n' | '"') {
            self.token.push(c);
            return Ok(None);
        }
        self.literal()?;
        // A value ends before what follows it, which is read with the next one.
        let done = self.done();
        if is_structure {
            self.structure(c)?;
        } else if c == '"' {
            self.string = Some(false);
        }
        Ok(done.or_else(|| self.done()))
    }

    fn done(&mut self) -> Option<Value> {
        if self.open.is_empty() { self.next.take() } else { None }
    }

    fn value(&mut self, value: Value) -> Result<(), &'static str> {
        if self.next.is_some() {
            return Err("Expected separator between values");
        }
        self.next = Some(value);
        Ok(())
    }

    fn literal(&mut self) -> Result<(), &'static str> {
        if self.token.is_empty() {
            return Ok(());
        }
        let token = std::mem::take(&mut self.token);
        let value = match token.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            word if word.starts_with(['t', 'f', 'n']) => return Err("Invalid literal"),
            number if number.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => {
                Value::Number(number.parse().map_err(|_| "Invalid numeric literal")?)
            }
            _ => return Err("Invalid numeric literal"),
        };
        self.value(value)
    }

    fn push(&mut self, open: Open) -> Result<(), &'static str> {
        if self.open.len() >= MOST_OPEN {
            return Err("Exceeds depth limit for parsing");
        }
        if self.next.is_some() {
            return Err("Expected separator between values");
        }
        self.open.push(open);
        Ok(())
    }

    fn structure(&mut self, c: char) -> Result<(), &'static str> {
        match c {
            '[' => self.push(Open::Array(Vec::new())),
            '{' => self.push(Open::Object(Vec::new())),
            ':' => self.key(),
            ',' => self.element(),
            ']' => self.close_array(),
            _ => self.close_object(),
        }
    }

    fn key(&mut self) -> Result<(), &'static str> {
        let Some(next) = self.next.take() else { return Err("Expected string key before ':'") };
        match (self.open.last(), next) {
            (Some(Open::Object(_)), Value::Text(key)) => {
                self.open.push(Open::Key(key));
                Ok(())
            }
            (Some(Open::Object(_)), _) => Err("Object keys must be strings"),
            _ => Err("':' not as part of an object"),
        }
    }

    /// Puts the value at hand where it belongs.
    fn element(&mut self) -> Result<(), &'static str> {
        let Some(next) = self.next.take() else { return Err("Expected value before ','") };
        match self.open.pop() {
            None => Err("',' not as part of an object or array"),
            Some(Open::Array(mut list)) => {
                list.push(next);
                self.open.push(Open::Array(list));
                Ok(())
            }
            Some(Open::Key(key)) => {
                if let Some(Open::Object(pairs)) = self.open.last_mut() {
                    pairs.push((key, next));
                }
                Ok(())
            }
            Some(Open::Object(_)) => Err("Objects must consist of key:value pairs"),
        }
    }

    fn close_array(&mut self) -> Result<(), &'static str> {
        let Some(Open::Array(mut list)) = self.open.pop() else { return Err("Unmatched ']'") };
        match self.next.take() {
            Some(next) => list.push(next),
            None if !list.is_empty() => return Err("Expected another array element"),
            None => {}
        }
        self.next = Some(Value::array(list));
        Ok(())
    }

    fn close_object(&mut self) -> Result<(), &'static str> {
        if self.next.is_some() {
            match self.open.last() {
                Some(Open::Key(_)) => self.element()?,
                Some(_) => return Err("Objects must consist of key:value pairs"),
                None => return Err("Unmatched '}'"),
            }
            if let Some(Open::Object(pairs)) = self.open.pop() {
                self.next = Some(Value::object(pairs));
            }
            return Ok(());
        }
        match self.open.pop() {
            Some(Open::Object(pairs)) if pairs.is_empty() => {
                self.next = Some(Value::object(pairs));
                Ok(())
            }
            Some(Open::Object(_)) => Err("Expected another key-value pair"),
            _ => Err("Unmatched '}'"),
        }
    }
}

fn unescape(text: &str) -> Result<String, &'static str> {
    const CONTROL: &str =
        "Invalid string: control characters from U+0000 through U+001F must be escaped";
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c < ' ' {
            return Err(CONTROL);
        }
        if c != '\\' {
            out.push(c);
            continue;
        }
        out.push(match chars.next() {
            Some(c @ ('"' | '\\' | '/')) => c,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('t') => '\t',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('u') => escaped(&mut chars)?,
            _ => return Err("Invalid escape"),
        });
    }
    Ok(out)
}

/// A character as four hexadecimal digits, or as two such escapes where it is beyond them.
fn escaped(chars: &mut std::str::Chars<'_>) -> Result<char, &'static str> {
    let high = unit(chars).ok_or("Invalid \\uXXXX escape")?;
    if !(0xD800..0xDC00).contains(&high) {
        return Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    let mut ahead = chars.clone();
    let low = match (ahead.next(), ahead.next()) {
        (Some('\\'), Some('u')) => unit(&mut ahead),
        _ => None,
    };
    match low.filter(|low| (0xDC00..0xE000).contains(low)) {
        None => Ok(char::REPLACEMENT_CHARACTER),
        Some(low) => {
            *chars = ahead;
            let code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
        }
    }
}

fn unit(chars: &mut std::str::Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |code, _| Some(code * 16 + chars.next()?.to_digit(16)?))
}
