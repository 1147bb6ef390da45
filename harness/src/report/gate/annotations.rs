//! A gate as commands of a GitHub workflow, which shows them at lines of the file.

use rashomon_checker::visible;

use super::wording::{brief, regressions, unknowns};
use crate::gate::ToldGate;

/// GitHub shows ten errors and ten warnings of a step, and drops the others without a word.
const MOST: usize = 10;

/// A line for each regression, and for each thing that is not known, up to ten of each; the summary has all.
pub(crate) fn gate_annotations(told: &ToldGate<'_>) -> Vec<String> {
    let found = regressions(told).into_iter().map(|one| {
        let level = if told.rules.expects_regression { "notice" } else { "error" };
        let text = format!(
            "{} {} again: {}",
            sentence(&one.title),
            sentence(&brief(&one.evidence)),
            one.again
        );
        (level, one.kind.name().to_owned(), text, one.line)
    });
    let level = if told.rules.unknown_fails { "error" } else { "warning" };
    let unknown = unknowns(told).into_iter();
    let unknown = unknown.map(|(text, line)| (level, "undecided".to_owned(), text, line));
    let mut all: Vec<(&str, String, String, u64)> = Vec::new();
    for one in found.chain(unknown) {
        if all.iter().filter(|it| it.0 == one.0).count() < MOST {
            all.push(one);
        }
    }
    all.into_iter()
        .map(|(level, title, text, line)| {
            format!(
                "::{level} file={},line={line},title={}::{}",
                property(told.file),
                property(&format!("rashomon gate: {title}")),
                data(&text)
            )
        })
        .collect()
}

/// With a full stop at its end.
fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.is_empty() || text.ends_with(['.', '!', '?']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// Text in which nothing begins another command.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_others_ends_a_property_or_begins_a_command() {
        assert_eq!(property("a:b,c%\n::error::x"), "a%3Ab%2Cc%25\\n%3A%3Aerror%3A%3Ax");
        assert_eq!(data("50 %\r\n::stop"), "50 %25\\r\\n::stop");
        assert_eq!(sentence("a"), "a.");
        assert_eq!(sentence("a."), "a.");
    }
}
