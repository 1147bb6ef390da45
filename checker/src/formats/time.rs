//! Times as files write them.
//!
//! | written as | read as |
//! |---|---|
//! | a whole number | nanoseconds |
//! | a number with a fraction or an exponent | seconds |
//! | `2026-11-24T10:00:00.25Z`, with an offset from UTC or `Z` | since 1970 |
//! | the same without an offset | the same, taken for UTC |
//! | nothing, nil, or a negative number | no time |
//!
//! A file writes all its times in one of these ways: one that mixes them has no order of times.

use crate::Time;

/// What a file says of when an event was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stamp {
    /// This long after something that all times of the file have in common.
    At(Time),
    /// That it does not know.
    Unknown,
}

/// How a file writes its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clockface {
    Nanoseconds,
    Seconds,
    Date,
    DateWithoutOffset,
}

/// What stands for a time in the errors.
pub(super) const EXPECTED: &str =
    "a time: nanoseconds as a whole number, seconds with a fraction, or an ISO 8601 date and time";

/// What stands for a time in the errors of a file that writes its times in more than one way.
pub(super) const ALIKE: &str = "a time written as the times before it are";

const SECOND: u64 = 1_000_000_000;

/// A time in the words of a number.
pub(super) fn of_number(token: &str) -> Option<(Stamp, Clockface)> {
    let is_whole = token.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let face = if is_whole { Clockface::Nanoseconds } else { Clockface::Seconds };
    if token.starts_with('-') {
        return Some((Stamp::Unknown, face));
    }
    let time = if is_whole { token.parse().ok()? } else { seconds(token)? };
    Some((Stamp::At(Time(time)), face))
}

/// Seconds as nanoseconds, exact unless there is an exponent.
fn seconds(token: &str) -> Option<u64> {
    match token.split_once('.') {
        Some((whole, fraction)) if !fraction.contains(['e', 'E']) => {
            let whole: u64 = whole.parse().ok()?;
            whole.checked_mul(SECOND)?.checked_add(billionths(fraction)?)
        }
        _ => {
            let nanoseconds = (token.parse::<f64>().ok()? * 1e9).round();
            // Below this all of them are exact enough, and fit.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it fits")]
            (0.0..1.8e19).contains(&nanoseconds).then_some(nanoseconds as u64)
        }
    }
}

/// The first nine digits of a fraction.
fn billionths(digits: &str) -> Option<u64> {
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let nine = &digits[..digits.len().min(9)];
    Some(nine.parse::<u64>().ok()? * 10u64.pow(u32::try_from(9 - nine.len()).ok()?))
}

/// A date and time after ISO 8601, from 1970 on, as `2026-11-24T10:00:00.25+01:00`.
pub(super) fn of_date(text: &str) -> Option<(Stamp, Clockface)> {
    let mut rest = text.trim();
    let mut number = |digits: usize, after: &[char]| {
        let (head, tail) = rest.split_at_checked(digits)?;
        let number: u64 =
            head.bytes().all(|byte| byte.is_ascii_digit()).then(|| head.parse().ok())??;
        rest = if after.is_empty() { tail } else { tail.strip_prefix(after)? };
        Some(number)
    };
    let (year, month, day) = (number(4, &['-'])?, number(2, &['-'])?, number(2, &['T', 't', ' '])?);
    let (hour, minute, second) = (number(2, &[':'])?, number(2, &[':'])?, number(2, &[])?);
    let is_date = (1970..=2500).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_of(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !is_date {
        return None;
    }
    let mut fraction = 0;
    if let Some(tail) = rest.strip_prefix(['.', ',']) {
        let length = tail.bytes().take_while(u8::is_ascii_digit).count();
        fraction = billionths(&tail[..length])?;
        rest = &tail[length..];
    }
    let local = (days_before(year, month, day) * 24 + hour) * 3600 + minute * 60 + second;
    let (offset, face) = offset(rest.trim_start())?;
    let seconds = u64::try_from(i64::try_from(local).ok()? - offset).ok()?;
    let time = seconds.checked_mul(SECOND)?.checked_add(fraction)?;
    Some((Stamp::At(Time(time)), face))
}

/// Seconds east of UTC.
fn offset(text: &str) -> Option<(i64, Clockface)> {
    let sign = match text.as_bytes().first() {
        None => return Some((0, Clockface::DateWithoutOffset)),
        Some(b'Z' | b'z') if text.len() == 1 => return Some((0, Clockface::Date)),
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(_) => return None,
    };
    let digits = text[1..].replacen(':', "", 1);
    let is_offset =
        matches!(digits.len(), 2 | 4) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let hours: i64 = digits.get(..2).filter(|_| is_offset)?.parse().ok()?;
    let minutes: i64 = digits.get(2..4).map_or(Some(0), |minutes| minutes.parse().ok())?;
    (hours < 24 && minutes < 60).then_some((sign * (hours * 3600 + minutes * 60), Clockface::Date))
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

fn days_of(year: u64, month: u64) -> u64 {
    match month {
        2 => 28 + u64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to this day.
fn days_before(year: u64, month: u64, day: u64) -> u64 {
    let leaps = |year: u64| year / 4 - year / 100 + year / 400;
    let years = (year - 1970) * 365 + leaps(year - 1) - leaps(1969);
    years + (1..month).map(|month| days_of(year, month)).sum::<u64>() + day - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Option<u64> {
        of_date(text).map(|(stamp, _)| match stamp {
            Stamp::At(time) => time.0,
            Stamp::Unknown => panic!("a date is a time"),
        })
    }

    #[test]
    fn dates_are_counted_from_1970() {
        assert_eq!(date("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(date("2026-11-24T10:00:00Z"), Some(1_795_514_400 * SECOND));
        assert_eq!(date("2024-02-29 23:59:59.5+01:00"), Some(1_709_247_599 * SECOND + SECOND / 2));
        assert_eq!(date("2024-02-29T23:59:59.000000001-0130"), Some(1_709_256_599 * SECOND + 1));
        assert_eq!(date("2000-03-01T00:00:00,25"), Some(951_868_800 * SECOND + SECOND / 4));
        let wrong = [
            "",
            "2026",
            "2026-11-24",
            "2026-02-29T10:00:00Z",
            "2026-11-24T24:00:00Z",
            "2026-13-24T10:00:00Z",
            "1969-11-24T10:00:00Z",
            "2026-11-24T10:00:00X",
            "2026-11-24T10:00:00.Z",
            "2026-11-24T10:00:00+1",
            "+026-11-24T10:00:00Z",
            "é026-1-1",
        ];
        for wrong in wrong {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_whole_number_is_nanoseconds_and_one_with_a_fraction_seconds() {
        let at = |time| Stamp::At(Time(time));
        assert_eq!(of_number("17"), Some((at(17), Clockface::Nanoseconds)));
        assert_eq!(of_number("1.000000017"), Some((at(SECOND + 17), Clockface::Seconds)));
        assert_eq!(of_number("1.5e1"), Some((at(15 * SECOND), Clockface::Seconds)));
        assert_eq!(of_number("-1"), Some((Stamp::Unknown, Clockface::Nanoseconds)));
        for wrong in ["99999999999999999999", "99999999999.5", "1e30", "1."] {
            assert_eq!(of_number(wrong), None, "{wrong}");
        }
    }
}
