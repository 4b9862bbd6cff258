//! Runs a program over the lines of a text.

use std::collections::{BTreeMap, HashMap};

use super::{Expression, Flow, Program, Ran, Statement};
use crate::shell::{Io, Stop};
use crate::utility::expression::{self, Syntax};
use crate::utility::longest::Longest;
use crate::utility::{lines, printf, unknown};

/// A value; what was read counts as a number where it looks like one.
#[derive(Clone, Debug)]
enum Value {
    Number(f64),
    Text(String),
    Read(String),
    None,
}

/// The most that a text may grow to.
const LONGEST: usize = 1 << 20;

struct Machine<'m, 's, 'a> {
    io: &'m mut Io<'s, 'a>,
    variables: BTreeMap<String, Value>,
    arrays: BTreeMap<String, BTreeMap<String, Value>>,
    line: String,
    fields: Vec<String>,
    regexes: HashMap<String, Longest>,
}

pub(super) fn run(
    program: &Program,
    text: &[u8],
    separator: &str,
    given: Vec<(String, String)>,
    io: &mut Io<'_, '_>,
) -> Ran<u8> {
    let mut machine = Machine {
        io,
        variables: BTreeMap::new(),
        arrays: BTreeMap::new(),
        line: String::new(),
        fields: Vec::new(),
        regexes: HashMap::new(),
    };
    let own = [("FS", separator), ("OFS", " "), ("ORS", "\n"), ("SUBSEP", "\u{1c}")];
    for (name, value) in own {
        machine.variables.insert(name.to_owned(), Value::Text(value.to_owned()));
    }
    for (name, value) in given {
        machine.variables.insert(name, Value::Read(value));
    }
    let mut status = 0;
    for block in &program.begin {
        if let Flow::Exit(code) = machine.block(block)? {
            return Ok(code);
        }
    }
    if !program.rules.is_empty() || !program.end.is_empty() {
        'lines: for (at, line) in lines(text).enumerate() {
            machine.set_line(String::from_utf8_lossy(line).into_owned())?;
            machine.variables.insert("NR".to_owned(), number(at + 1));
            machine.variables.insert("FNR".to_owned(), number(at + 1));
            for (pattern, action) in &program.rules {
                if let Some(pattern) = pattern
                    && !truth(&machine.value(pattern)?)
                {
                    continue;
                }
                let flow = match action {
                    Some(action) => machine.block(action)?,
                    None => machine.print(&[])?,
                };
                match flow {
                    Flow::Next => continue 'lines,
                    Flow::Exit(code) => {
                        status = code;
                        break 'lines;
                    }
                    _ => {}
                }
            }
        }
    }
    for block in &program.end {
        if let Flow::Exit(code) = machine.block(block)? {
            return Ok(code);
        }
    }
    Ok(status)
}

fn number(count: usize) -> Value {
    Value::Number(u32::try_from(count).map_or(f64::MAX, f64::from))
}

/// A number as text: whole ones without a point.
fn shown(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return format!("{number:.0}");
    }
    let text = format!("{number:.5}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl Value {
    fn text(&self) -> String {
        match self {
            Self::Number(number) => shown(*number),
            Self::Text(text) | Self::Read(text) => text.clone(),
            Self::None => String::new(),
        }
    }

    fn number(&self) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Text(text) | Self::Read(text) => leading_number(text),
            Self::None => 0.0,
        }
    }

    /// The number that it counts as in a comparison.
    fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Read(text) => text.trim().parse().ok(),
            Self::None => Some(0.0),
            Self::Text(_) => None,
        }
    }
}

fn leading_number(text: &str) -> f64 {
    let text = text.trim_start();
    let end = text
        .char_indices()
        .find(|(at, c)| !(c.is_ascii_digit() || *c == '.' || (*at == 0 && matches!(c, '-' | '+'))));
    let head = text.get(..end.map_or(text.len(), |(at, _)| at)).unwrap_or_default();
    head.parse().unwrap_or(0.0)
}

fn truth(value: &Value) -> bool {
    match value {
        Value::Text(text) => !text.is_empty(),
        Value::Read(text) => match text.trim().parse::<f64>() {
            Ok(number) => number != 0.0,
            Err(_) => !text.is_empty(),
        },
        Value::Number(number) => *number != 0.0,
        Value::None => false,
    }
}

impl Machine<'_, '_, '_> {
    fn set_line(&mut self, line: String) -> Ran<()> {
        self.io.spend(line.len() + 20)?;
        self.fields = self.split(&line, None)?;
        self.line = line;
        Ok(())
    }

    fn variable(&self, name: &str) -> String {
        self.variables.get(name).map(Value::text).unwrap_or_default()
    }

    fn split(&mut self, text: &str, separator: Option<String>) -> Ran<Vec<String>> {
        let separator = separator.unwrap_or_else(|| self.variable("FS"));
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let mut chars = separator.chars();
        Ok(match (chars.next(), chars.next()) {
            (Some(' '), None) => text.split_ascii_whitespace().map(str::to_owned).collect(),
            (Some(c), None) if c != '\\' => text.split(c).map(str::to_owned).collect(),
            (None, _) => text.chars().map(|c| c.to_string()).collect(),
            _ => {
                let regex = self.regex(&separator)?;
                let mut parts = Vec::new();
                let mut from = 0;
                let ranges = regex.ranges(text.as_bytes());
                self.io.spend(regex.cost(ranges.len(), text.len()))?;
                for found in ranges.into_iter().filter(|found| !found.is_empty()) {
                    parts.push(text.get(from..found.start).unwrap_or_default().to_owned());
                    from = found.end;
                }
                parts.push(text.get(from..).unwrap_or_default().to_owned());
                parts
            }
        })
    }

    fn regex(&mut self, pattern: &str) -> Ran<Longest> {
        if let Some(regex) = self.regexes.get(pattern) {
            return Ok(regex.clone());
        }
        self.io.spend(10_000)?;
        let regex = expression::compile(&[pattern], Syntax::Extended, false, str::to_owned);
        let regex = Longest::new(regex.map_err(Stop::NotRun)?);
        self.regexes.insert(pattern.to_owned(), regex.clone());
        Ok(regex)
    }

    fn block(&mut self, statements: &[Statement]) -> Ran<Flow> {
        for statement in statements {
            match self.statement(statement)? {
                Flow::On => {}
                other => return Ok(other),
            }
        }
        Ok(Flow::On)
    }

    fn statement(&mut self, statement: &Statement) -> Ran<Flow> {
        self.io.spend(20)?;
        match statement {
            Statement::Expression(expression) => {
                self.value(expression)?;
                Ok(Flow::On)
            }
            Statement::Print(values) => self.print(values),
            Statement::Printf(values) => {
                let args: Ran<Vec<String>> =
                    values.iter().map(|value| self.value(value).map(|v| v.text())).collect();
                let text = printf::printed(&args?).map_err(Stop::NotRun)?;
                self.io.out(text)?;
                Ok(Flow::On)
            }
            Statement::If(condition, then, otherwise) => {
                let holds = truth(&self.value(condition)?);
                self.block(if holds { then } else { otherwise })
            }
            Statement::While(condition, body) => self.while_loop(Some(condition), None, body),
            Statement::For(first, condition, step, body) => {
                if let Some(first) = first {
                    self.value(first)?;
                }
                self.while_loop(condition.as_ref(), step.as_ref(), body)
            }
            Statement::Each(name, array, body) => {
                let keys: Vec<String> =
                    self.arrays.get(array).map(|a| a.keys().cloned().collect()).unwrap_or_default();
                for key in keys {
                    self.variables.insert(name.clone(), Value::Read(key));
                    match self.block(body)? {
                        Flow::On | Flow::Continue => {}
                        Flow::Break => break,
                        other => return Ok(other),
                    }
                }
                Ok(Flow::On)
            }
            Statement::Next => Ok(Flow::Next),
            Statement::Break => Ok(Flow::Break),
            Statement::Continue => Ok(Flow::Continue),
            Statement::Exit(value) => {
                let code = match value {
                    Some(value) => self.value(value)?.number(),
                    None => 0.0,
                };
                let code =
                    if (0.0..=255.0).contains(&code) { shown(code.trunc()) } else { "1".into() };
                Ok(Flow::Exit(code.parse().unwrap_or(1)))
            }
        }
    }

    fn while_loop(
        &mut self,
        condition: Option<&Expression>,
        step: Option<&Expression>,
        body: &[Statement],
    ) -> Ran<Flow> {
        loop {
            self.io.spend(20)?;
            if let Some(condition) = condition
                && !truth(&self.value(condition)?)
            {
                return Ok(Flow::On);
            }
            match self.block(body)? {
                Flow::On | Flow::Continue => {}
                Flow::Break => return Ok(Flow::On),
                other => return Ok(other),
            }
            if let Some(step) = step {
                self.value(step)?;
            }
        }
    }

    fn print(&mut self, values: &[Expression]) -> Ran<Flow> {
        let mut text = if values.is_empty() { self.line.clone() } else { String::new() };
        let between = self.variable("OFS");
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                text.push_str(&between);
            }
            text.push_str(&self.value(value)?.text());
        }
        text.push_str(&self.variable("ORS"));
        self.io.out(text)?;
        Ok(Flow::On)
    }

    fn value(&mut self, expression: &Expression) -> Ran<Value> {
        self.io.spend(5)?;
        Ok(match expression {
            Expression::Number(number) => Value::Number(*number),
            Expression::Text(text) => Value::Text(text.clone()),
            Expression::Match(pattern) => {
                let regex = self.regex(pattern)?;
                self.io.spend(self.line.len())?;
                Value::Number(f64::from(u8::from(regex.is_match(self.line.as_bytes()))))
            }
            Expression::Variable(name) if name == "NF" => number(self.fields.len()),
            Expression::Variable(name) => self.variables.get(name).cloned().unwrap_or(Value::None),
            Expression::Field(at) => {
                let at = self.value(at)?.number();
                self.field(at)?
            }
            Expression::Element(name, index) => {
                let key = self.key(index)?;
                let array = self.arrays.entry(name.clone()).or_default();
                array.entry(key).or_insert(Value::None).clone()
            }
            Expression::Within(key, array) => {
                let key = self.value(key)?.text();
                let there = self.arrays.get(array).is_some_and(|array| array.contains_key(&key));
                Value::Number(f64::from(u8::from(there)))
            }
            Expression::Assign(place, operator, value) => {
                let mut value = self.value(value)?;
                if let Some(operator) = operator {
                    let left = self.value(place)?.number();
                    value = Value::Number(compute(*operator, left, value.number()));
                }
                self.assign(place, value.clone())?;
                value
            }
            Expression::Step(place, before, by) => {
                let old = self.value(place)?.number();
                self.assign(place, Value::Number(old + by))?;
                Value::Number(if *before { old + by } else { old })
            }
            Expression::Choice(condition, yes, no) => {
                let holds = truth(&self.value(condition)?);
                self.value(if holds { yes } else { no })?
            }
            Expression::Binary(operator, left, right) => self.binary(operator, left, right)?,
            Expression::Not(inner) => {
                let holds = truth(&self.value(inner)?);
                Value::Number(f64::from(u8::from(!holds)))
            }
            Expression::Negative(inner) => Value::Number(-self.value(inner)?.number()),
            Expression::Call(name, args) => self.call(name, args)?,
        })
    }

    fn field(&self, at: f64) -> Ran<Value> {
        if at == 0.0 {
            return Ok(Value::Read(self.line.clone()));
        }
        if at < 0.0 {
            return unknown("awk", "with a field before the first");
        }
        let place = shown(at.trunc()).parse::<usize>().unwrap_or(usize::MAX);
        let field = self.fields.get(place.saturating_sub(1)).cloned();
        Ok(field.map_or(Value::None, Value::Read))
    }

    fn key(&mut self, index: &[Expression]) -> Ran<String> {
        let parts: Ran<Vec<String>> =
            index.iter().map(|part| self.value(part).map(|value| value.text())).collect();
        Ok(parts?.join("\u{1c}"))
    }

    fn assign(&mut self, place: &Expression, value: Value) -> Ran<()> {
        match place {
            Expression::Variable(name) if name == "NF" => {
                return unknown("awk", "with a changed NF");
            }
            Expression::Variable(name) => {
                self.variables.insert(name.clone(), value);
            }
            Expression::Element(name, index) => {
                let key = self.key(index)?;
                self.io.spend(100)?;
                self.arrays.entry(name.clone()).or_default().insert(key, value);
            }
            Expression::Field(at) => {
                let at = self.value(at)?.number();
                if at == 0.0 {
                    return self.set_line(value.text());
                }
                let place = shown(at.trunc()).parse::<usize>().unwrap_or(usize::MAX);
                if !(1..=1000).contains(&place) {
                    return unknown("awk", "with a field out of reach");
                }
                if self.fields.len() < place {
                    self.fields.resize(place, String::new());
                }
                if let Some(field) = self.fields.get_mut(place - 1) {
                    *field = value.text();
                }
                self.line = self.fields.join(&self.variable("OFS"));
            }
            _ => return unknown("awk", "with a strange assignment"),
        }
        Ok(())
    }

    fn binary(&mut self, operator: &str, left: &Expression, right: &Expression) -> Ran<Value> {
        let truth_value = |holds: bool| Value::Number(f64::from(u8::from(holds)));
        match operator {
            "&&" => {
                return Ok(truth_value(truth(&self.value(left)?) && truth(&self.value(right)?)));
            }
            "||" => {
                return Ok(truth_value(truth(&self.value(left)?) || truth(&self.value(right)?)));
            }
            "~" | "!~" => {
                let text = self.value(left)?.text();
                let pattern = self.pattern(right)?;
                let regex = self.regex(&pattern)?;
                self.io.spend(text.len())?;
                return Ok(truth_value(regex.is_match(text.as_bytes()) == (operator == "~")));
            }
            _ => {}
        }
        let (left, right) = (self.value(left)?, self.value(right)?);
        Ok(match operator {
            " " => {
                let text = left.text() + &right.text();
                self.io.spend(text.len())?;
                if text.len() > LONGEST {
                    return unknown("awk", "with a text beyond 1 MiB");
                }
                Value::Text(text)
            }
            "==" | "!=" | "<" | "<=" | ">" | ">=" => {
                let order = match (left.as_number(), right.as_number()) {
                    (Some(left), Some(right)) => left.partial_cmp(&right),
                    _ => Some(left.text().cmp(&right.text())),
                };
                let holds = match operator {
                    "==" => order.is_some_and(std::cmp::Ordering::is_eq),
                    "!=" => order.is_none_or(std::cmp::Ordering::is_ne),
                    "<" => order.is_some_and(std::cmp::Ordering::is_lt),
                    "<=" => order.is_some_and(std::cmp::Ordering::is_le),
                    ">" => order.is_some_and(std::cmp::Ordering::is_gt),
                    _ => order.is_some_and(std::cmp::Ordering::is_ge),
                };
                truth_value(holds)
            }
            sign => {
                let sign = sign.chars().next().unwrap_or('+');
                Value::Number(compute(sign, left.number(), right.number()))
            }
        })
    }

    /// What an expression says as a pattern.
    fn pattern(&mut self, expression: &Expression) -> Ran<String> {
        match expression {
            Expression::Match(pattern) => Ok(pattern.clone()),
            other => Ok(self.value(other)?.text()),
        }
    }

    fn call(&mut self, name: &str, args: &[Expression]) -> Ran<Value> {
        let text = |machine: &mut Self, at: usize| -> Ran<String> {
            match args.get(at) {
                Some(arg) => Ok(machine.value(arg)?.text()),
                None => Ok(String::new()),
            }
        };
        Ok(match (name, args.len()) {
            ("length", 0) => number(self.line.chars().count()),
            ("length", 1) => number(text(self, 0)?.chars().count()),
            ("tolower", 1) => Value::Text(text(self, 0)?.to_lowercase()),
            ("toupper", 1) => Value::Text(text(self, 0)?.to_uppercase()),
            ("int", 1) => {
                let value = text(self, 0)?;
                Value::Number(leading_number(&value).trunc())
            }
            ("index", 2) => {
                let (whole, part) = (text(self, 0)?, text(self, 1)?);
                let at = whole.find(&part).and_then(|at| whole.get(..at));
                at.map_or(Value::Number(0.0), |before| number(before.chars().count() + 1))
            }
            ("substr", 2 | 3) => {
                let whole = text(self, 0)?;
                let from = leading_number(&text(self, 1)?).round();
                let length = match args.len() {
                    3 => leading_number(&text(self, 2)?).round(),
                    _ => f64::INFINITY,
                };
                let taken = whole.chars().zip(1_u32..).filter(|(_, at)| {
                    let at = f64::from(*at);
                    at >= from && at < from + length
                });
                Value::Text(taken.map(|(c, _)| c).collect())
            }
            ("split", 2 | 3) => {
                let whole = text(self, 0)?;
                let Some(Expression::Variable(array)) = args.get(1) else {
                    return unknown("awk", "split");
                };
                let separator = match args.get(2) {
                    Some(separator) => Some(self.pattern(separator)?),
                    None => None,
                };
                let parts = self.split(&whole, separator)?;
                self.io.spend(parts.len() * 50)?;
                let count = parts.len();
                let keyed = parts.into_iter().enumerate();
                let keyed = keyed.map(|(at, part)| ((at + 1).to_string(), Value::Read(part)));
                self.arrays.insert(array.clone(), keyed.collect());
                number(count)
            }
            ("match", 2) => {
                let whole = text(self, 0)?;
                let pattern = match args.get(1) {
                    Some(pattern) => self.pattern(pattern)?,
                    None => String::new(),
                };
                let found = self.regex(&pattern)?.first(whole.as_bytes());
                let chars = |end: usize| whole.get(..end).unwrap_or_default().chars().count();
                let (start, length) = match found {
                    Some(range) => (
                        number(chars(range.start) + 1),
                        number(chars(range.end) - chars(range.start)),
                    ),
                    None => (Value::Number(0.0), Value::Number(-1.0)),
                };
                self.variables.insert("RSTART".to_owned(), start.clone());
                self.variables.insert("RLENGTH".to_owned(), length);
                start
            }
            ("sub" | "gsub", 2 | 3) => self.substitute(name == "gsub", args)?,
            ("sprintf", 1..) => {
                let texts: Ran<Vec<String>> =
                    args.iter().map(|arg| self.value(arg).map(|value| value.text())).collect();
                Value::Text(printf::printed(&texts?).map_err(Stop::NotRun)?)
            }
            _ => return unknown("awk", name),
        })
    }

    fn substitute(&mut self, every: bool, args: &[Expression]) -> Ran<Value> {
        let whole_line = Expression::Field(Box::new(Expression::Number(0.0)));
        let (Some(pattern), Some(with)) = (args.first(), args.get(1)) else {
            return unknown("awk", "sub");
        };
        let place = args.get(2).unwrap_or(&whole_line);
        let pattern = self.pattern(pattern)?;
        let with = self.value(with)?.text();
        let old = self.value(place)?.text();
        let regex = self.regex(&pattern)?;
        let ranges = regex.ranges(old.as_bytes());
        self.io.spend(regex.cost(ranges.len(), old.len()))?;
        let (mut out, mut from, mut count) = (Vec::new(), 0, 0_usize);
        for found in ranges {
            out.extend_from_slice(old.as_bytes().get(from..found.start).unwrap_or_default());
            let mut chars = with.chars();
            while let Some(c) = chars.next() {
                match c {
                    '&' => {
                        out.extend_from_slice(
                            old.as_bytes().get(found.clone()).unwrap_or_default(),
                        );
                    }
                    '\\' => {
                        let next = chars.next().unwrap_or('\\');
                        out.extend_from_slice(next.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                    c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                }
            }
            from = found.end;
            count += 1;
            if !every {
                break;
            }
        }
        if count > 0 {
            out.extend_from_slice(old.as_bytes().get(from..).unwrap_or_default());
            if out.len() > LONGEST {
                return unknown("awk", "with a text beyond 1 MiB");
            }
            self.assign(place, Value::Text(String::from_utf8_lossy(&out).into_owned()))?;
        }
        Ok(number(count))
    }
}

fn compute(operator: char, left: f64, right: f64) -> f64 {
    match operator {
        '+' => left + right,
        '-' => left - right,
        '*' => left * right,
        '/' => left / right,
        '%' => left % right,
        _ => left.powf(right),
    }
}
