//! `date`, of times that are given: now is what the caller says it is, and nothing where it says
//! nothing.

use super::{Done, quoted, unknown};
use crate::node::Node;
use crate::shell::{Io, Stop};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// A second of a day of the calendar, in UTC.
struct Moment {
    seconds: i64,
    year: i64,
    month: usize,
    day: i64,
}

pub(super) fn run(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let (mut universal, mut text, mut file, mut format) = (false, None, None, None);
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "-u" | "--utc" | "--universal" => universal = true,
            "-d" | "--date" => text = rest.next().cloned(),
            "-r" | "--reference" => file = rest.next().cloned(),
            "-ud" => (universal, text) = (true, rest.next().cloned()),
            arg => match (arg.strip_prefix('+'), arg.split_once('=')) {
                (Some(words), _) => format = Some(words.to_owned()),
                (_, Some(("--date", given))) => text = Some(given.to_owned()),
                _ => return unknown("date", arg),
            },
        }
    }
    let Some(format) = format else { return unknown("date", "without a format") };
    let zoned = !universal && needs_zone(&format, text.as_deref());
    let seconds = match (text, file) {
        (Some(text), None) => match moment(&text, io)? {
            Some(seconds) => seconds,
            None => {
                let shown =
                    if io.node().unicode() { format!("‘{text}’") } else { quoted(&text) };
                io.err(&format!("date: invalid date {shown}\n"))?;
                return Ok(1);
            }
        },
        (None, Some(file)) => match io.node().stat(&file, true) {
            Ok(status) => status.modified,
            Err(why) => {
                io.err(&format!("date: {}: {why}\n", super::quoted_if_needed(&file)))?;
                return Ok(1);
            }
        },
        (None, None) => now(io.node())?,
        _ => return unknown("date", &args.join(" ")),
    };
    if zoned {
        is_universal(io.node())?;
    }
    let text = Moment::of(seconds).shown(&format)?;
    io.out(text + "\n")?;
    Ok(0)
}

/// Whether the answer depends on the zone: seconds since 1970 do not, where the time has its own.
fn needs_zone(format: &str, text: Option<&str>) -> bool {
    let own = text.is_none_or(|text| {
        text.starts_with('@') || text == "now" || text.ends_with(['Z', 'T', 'C'])
    });
    !own || format.replace("%s", "").contains('%')
}

/// The time at which the node is looked at.
pub(super) fn now(node: &dyn Node) -> Result<i64, Stop> {
    node.now().ok_or_else(|| Stop::NotRun("it asks for the present time".to_owned()))
}

/// Whether the node's own time is UTC, as far as its zone says.
fn is_universal(node: &dyn Node) -> Result<(), Stop> {
    let zone = match node.link("/etc/localtime") {
        Ok(zone) => zone,
        Err(_) if node.stat("/etc/localtime", true).is_err() => return Ok(()),
        Err(_) => String::new(),
    };
    let names = ["UTC", "UCT", "Universal", "Zulu"];
    match zone.rsplit('/').next().is_some_and(|name| names.contains(&name)) {
        true => Ok(()),
        false => Err(Stop::NotRun("it asks for a time in the node's own zone".to_owned())),
    }
}

/// A time in words; None where there is no such day. What is not understood is not run.
fn moment(text: &str, io: &Io<'_, '_>) -> Result<Option<i64>, Stop> {
    let not_understood = || Stop::NotRun(format!("it asks for the time `{text}`"));
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.parse().map(Some).map_err(|_| not_understood());
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["now" | "today"] => now(io.node()).map(Some),
        // As openssl writes a certificate's end.
        [month, day, time, year, "GMT" | "UTC"] => {
            let month = MONTHS.iter().position(|name| name == month).ok_or_else(not_understood)?;
            let clock = clock(time).ok_or_else(not_understood)?;
            let (year, day) = (year.parse().ok(), day.parse().ok());
            let (Some(year), Some(day)) = (year, day) else { return Err(not_understood()) };
            Ok(days(year, month + 1, day).map(|days| days * 86_400 + clock))
        }
        _ => written(text).ok_or_else(not_understood).or_else(|why| match relative(&words) {
            Some(seconds) => Ok(Some(now(io.node())?.saturating_add(seconds))),
            None => Err(why),
        }),
    }
}

/// `2025-01-31`, `2025-01-31 23:59:59`, `2025-01-31T23:59:59Z`; the outer None is another shape.
fn written(text: &str) -> Option<Option<i64>> {
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
    let time = time.strip_suffix('Z').or(time.strip_suffix(" UTC")).unwrap_or(time);
    let clock = clock(time)?;
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || month.len() != 2 || day.len() != 2 {
        return None;
    }
    let days = days(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    Some(days.map(|days| days * 86_400 + clock))
}

/// `30 days ago`, `+30 days`, `-1 hour`: seconds from now.
fn relative(words: &[&str]) -> Option<i64> {
    let (count, unit, ago) = match words {
        [count, unit] => (count, unit, false),
        [count, unit, "ago"] => (count, unit, true),
        _ => return None,
    };
    let count: i64 = count.trim_start_matches('+').parse().ok()?;
    let seconds: i64 = match unit.trim_end_matches('s') {
        "second" | "sec" => 1,
        "minute" | "min" => 60,
        "hour" => 3600,
        "day" => 86_400,
        "week" => 604_800,
        _ => return None,
    };
    count.checked_mul(if ago { -seconds } else { seconds })
}

fn clock(text: &str) -> Option<i64> {
    let parts: Option<Vec<i64>> = text.split(':').map(|part| part.parse().ok()).collect();
    match parts?.as_slice() {
        [hours @ 0..24, minutes @ 0..60] => Some(hours * 3600 + minutes * 60),
        [hours @ 0..24, minutes @ 0..60, seconds @ 0..60] => {
            Some(hours * 3600 + minutes * 60 + seconds)
        }
        _ => None,
    }
}

fn month_length(year: i64, month: usize) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970 to a day; None where there is none such.
fn days(year: i64, month: usize, day: i64) -> Option<i64> {
    let real = (1..=9999).contains(&year) && (1..=12).contains(&month);
    if !real || !(1..=month_length(year, month)).contains(&day) {
        return None;
    }
    let before = year - 1;
    let years = before * 365 + before / 4 - before / 100 + before / 400;
    let months: i64 = (1..month).map(|month| month_length(year, month)).sum();
    Some(years + months + day - 1 - 719_162)
}

impl Moment {
    fn of(seconds: i64) -> Self {
        let whole = seconds.div_euclid(86_400);
        let mut year = 1970 + whole.div_euclid(366).clamp(-1969, 8029);
        let mut rest = whole - days(year, 1, 1).unwrap_or(0);
        let length = |year: i64| 337 + month_length(year, 2);
        while rest >= length(year) && year < 9999 {
            rest -= length(year);
            year += 1;
        }
        let mut month = 1;
        while rest >= month_length(year, month) && month < 12 {
            rest -= month_length(year, month);
            month += 1;
        }
        Self { seconds, year, month, day: rest + 1 }
    }

    fn shown(&self, format: &str) -> Result<String, Stop> {
        let of_day = self.seconds.rem_euclid(86_400);
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        let days_past = self.seconds.div_euclid(86_400);
        let weekday = usize::try_from(days_past.rem_euclid(7)).unwrap_or(0);
        let month = MONTHS.get(self.month - 1).copied().unwrap_or_default();
        let of_year = days_past - days(self.year, 1, 1).unwrap_or(0) + 1;
        let mut out = String::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            let letter = chars.next().unwrap_or('%');
            out.push_str(&match letter {
                's' => self.seconds.to_string(),
                'Y' => self.year.to_string(),
                'm' => format!("{:02}", self.month),
                'd' => format!("{:02}", self.day),
                'e' => format!("{:2}", self.day),
                'H' => format!("{hour:02}"),
                'M' => format!("{minute:02}"),
                'S' => format!("{second:02}"),
                'F' => format!("{}-{:02}-{:02}", self.year, self.month, self.day),
                'T' => format!("{hour:02}:{minute:02}:{second:02}"),
                'R' => format!("{hour:02}:{minute:02}"),
                'j' => format!("{of_year:03}"),
                'y' => format!("{:02}", self.year % 100),
                'b' | 'h' => month.to_owned(),
                'a' => DAYS.get(weekday).copied().unwrap_or_default().to_owned(),
                'Z' => "UTC".to_owned(),
                'z' => "+0000".to_owned(),
                'n' => "\n".to_owned(),
                't' => "\t".to_owned(),
                '%' => "%".to_owned(),
                other => return unknown("date", &format!("+%{other}")),
            });
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_back() {
        for (seconds, shown) in [
            (0, "1970-01-01 00:00:00 Thu 001"),
            (951_782_399, "2000-02-28 23:59:59 Mon 059"),
            (1_709_164_800, "2024-02-29 00:00:00 Thu 060"),
            (4_102_444_799, "2099-12-31 23:59:59 Thu 365"),
            (-1, "1969-12-31 23:59:59 Wed 365"),
        ] {
            assert_eq!(Moment::of(seconds).shown("%F %T %a %j").unwrap(), shown);
            assert_eq!(written(shown.get(..19).unwrap()), Some(Some(seconds)));
        }
        assert_eq!(written("2023-02-29"), Some(None));
        assert_eq!(written("yesterday"), None);
        assert_eq!(relative(&["30", "days", "ago"]), Some(-2_592_000));
    }
}
