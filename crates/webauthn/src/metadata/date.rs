//! Dates as the metadata writes them: `YYYY-MM-DD`, the whole day in UTC.

use core::fmt;
use core::str::FromStr;

use doorward_crypto::Timestamp;
use serde::{Deserialize, Serialize};

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The moment at which the day begins in UTC.
    #[must_use]
    pub fn begins_at(self) -> Timestamp {
        let moment = ::der::DateTime::new(self.year, self.month, self.day, 0, 0, 0);
        // A date is only made when this is one.
        moment.map_or(Timestamp::default(), |moment| {
            Timestamp::from_seconds(moment.unix_duration().as_secs())
        })
    }
}

/// Text that is no date from 1970 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a date of the form YYYY-MM-DD")]
pub struct NotADate;

impl FromStr for Date {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        let mut parts = text.split('-');
        let mut number = |digits: usize| {
            let part = parts.next().filter(|part| part.len() == digits).ok_or(NotADate)?;
            if !part.bytes().all(|digit| digit.is_ascii_digit()) {
                return Err(NotADate);
            }
            part.parse::<u16>().map_err(|_| NotADate)
        };
        let (year, month, day) = (number(4)?, number(2)?, number(2)?);
        if parts.next().is_some() {
            return Err(NotADate);
        }
        let narrow = |number| u8::try_from(number).map_err(|_| NotADate);
        let (month, day) = (narrow(month)?, narrow(day)?);
        ::der::DateTime::new(year, month, day, 0, 0, 0).map_err(|_| NotADate)?;
        Ok(Self { year, month, day })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl TryFrom<String> for Date {
    type Error = NotADate;

    fn try_from(text: String) -> Result<Self, NotADate> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_day_that_exists() {
        let date: Date = "2023-10-01".parse().expect("a date");
        assert_eq!(
            (date.to_string().as_str(), date.begins_at().seconds()),
            ("2023-10-01", 1_696_118_400)
        );
        for wrong in [
            "2023-02-29",
            "2023-13-01",
            "2023-1-01",
            "2023-10-01T",
            "+023-10-01",
            "2023-10",
            "",
        ] {
            assert_eq!(wrong.parse::<Date>(), Err(NotADate), "{wrong}");
        }
    }
}
