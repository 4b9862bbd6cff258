//! A day of the calendar.

use std::fmt;
use std::str::FromStr;

/// A day, `2027-01-31`. Days compare as they follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl FromStr for Date {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = |range| {
            let part: &str = text.get(range).ok_or(())?;
            if !part.bytes().all(|b| b.is_ascii_digit()) {
                return Err(());
            }
            part.parse::<u16>().map_err(|_| ())
        };
        let plain = text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
        let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            1..=12 => 31,
            _ => 0,
        };
        if !plain || day == 0 || day > days {
            return Err(());
        }
        let small = |number: u16| u8::try_from(number).map_err(|_| ());
        Ok(Self { year, month: small(month)?, day: small(day)? })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_calendar_are_read() {
        for text in ["2027-01-31", "2028-02-29", "2000-02-29"] {
            assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
        }
        for text in [
            "2027-02-29",
            "2027-13-01",
            "2027-00-10",
            "27-01-01",
            "2027-1-1",
            "2027/01/01",
            "2100-02-29",
            "",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        assert!("2026-12-31".parse::<Date>().unwrap() < "2027-01-01".parse().unwrap());
    }
}
