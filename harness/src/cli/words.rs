//! Words of the command line that are numbers, times, or names: read, or refused with the fix.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use rashomon_targets::{Family, PlantedBug};

/// A whole number from `least` to `most`.
///
/// # Errors
/// Says what it takes.
pub(super) fn whole<T: FromStr + PartialOrd + Display + Copy>(
    text: &str,
    least: T,
    most: T,
) -> Result<T, String> {
    let number = text.parse().ok().filter(|number| least <= *number && *number <= most);
    number.ok_or_else(|| format!("it takes a whole number from {least} to {most}"))
}

/// A length of time.
///
/// # Errors
/// Says how it is written.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|_| "it takes a number and a unit, such as 500ms, 10s, 5m or 7d".to_owned())
}

/// An instant of a run: seconds, as reports have them, or as a length of time is written.
///
/// # Errors
/// As [`time`].
pub(super) fn instant(text: &str) -> Result<Duration, String> {
    let seconds = text.strip_suffix('s').unwrap_or(text).trim_end().parse::<f64>();
    match seconds.ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
        Some(time) => Ok(time),
        None => time(text),
    }
}

/// The one of the `known` words that is most like `word`, if any is: one slip away, or alike as a
/// whole.
pub(super) fn alike<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const ALIKE: f64 = 0.7;
    let slip = |it: &str| word.chars().count() > 2 && strsim::osa_distance(word, it) < 2;
    let is_alike = |it: &&str| slip(it) || strsim::jaro(word, it) > ALIKE;
    // Letters that changed places are a likelier slip than one that is too many.
    let nearness = |it: &str| match slip(it) {
        true if it.len() == word.len() => 3.0,
        true => 2.0,
        false => strsim::jaro_winkler(word, it),
    };
    let known = known.into_iter().filter(is_alike);
    known.max_by(|one, other| nearness(one).total_cmp(&nearness(other)))
}

/// ` (did you mean ...?)` if one of the `known` words is [`alike`]; else nothing.
pub(super) fn meant<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    alike(word, known).map_or_else(String::new, |it| format!(" (did you mean `{it}`?)"))
}

/// The planted bug of this name.
///
/// # Errors
/// Names the one that was meant, and the command that lists them.
pub(super) fn bug(name: &str) -> Result<PlantedBug, String> {
    Family::bug(name).ok_or_else(|| {
        let meant = meant(name, Family::bugs().map(|bug| bug.name));
        format!("there is no planted bug `{name}`{meant}; `rashomon list bugs` lists them")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_like_one_that_is_known_is_told_of_it() {
        let known = ["partition", "messages", "kill", "pause"];
        assert_eq!(meant("partitoin", known), " (did you mean `partition`?)");
        assert_eq!(meant("earthquake", known), "");
        assert_eq!(alike("smi", ["ops", "sim", "seed"]), Some("sim"), "letters changed places");
        assert_eq!(alike("seesd", ["seeds", "seed"]), Some("seeds"));
        assert_eq!(alike("jsn", ["edn", "json-lines", "jepsen-log"]), Some("json-lines"));
    }

    #[test]
    fn numbers_and_times_are_refused_with_what_they_take() {
        assert_eq!(whole("7", 1u16, 64), Ok(7));
        for wrong in ["0", "65", "x", "-1", "", "1.5", "99999999999999999999"] {
            let refused = whole(wrong, 1u16, 64).unwrap_err();
            assert_eq!(refused, "it takes a whole number from 1 to 64");
        }
        assert_eq!(time("7d"), Ok(Duration::from_hours(7 * 24)));
        assert!(time("week").unwrap_err().contains("7d") && time("5").is_err());
    }
}
