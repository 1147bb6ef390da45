//! A gate as Markdown, for a pull request or the summary of a job.

use rashomon_checker::visible;

use super::wording::{brief, first_line, headline, notes, reason, regressions, unknowns};
use crate::gate::ToldGate;
use crate::report::markdown::plain;

/// The report as Markdown.
pub(crate) fn gate_markdown(told: &ToldGate<'_>) -> String {
    let mut text = format!("## {}: {}\n", headline(told).title, plain(&reason(told)));
    text.push_str(&format!("\n{}\n", plain(&first_line(told))));
    let regressions = regressions(told);
    if !regressions.is_empty() {
        text.push_str("\n### Regressions\n");
    }
    for one in regressions {
        text.push_str(&format!("\n- ✗ **{}** {}\n", one.kind.name(), plain(&one.title)));
        text.push_str(&format!("\n  {}\n", plain(&brief(&one.evidence))));
        text.push_str(&format!("\n  ```sh\n  {}\n  ```\n", visible(&one.again)));
    }
    let unknowns = unknowns(told);
    if !unknowns.is_empty() {
        text.push_str("\n### Not known\n\n");
    }
    for (unknown, _) in unknowns {
        text.push_str(&format!("- ? {}\n", plain(&brief(&unknown))));
    }
    for note in notes(told) {
        text.push_str(&format!("\n{}\n", plain(&note)));
    }
    text
}

/// The same for the summary of a step, of which GitHub takes a mebibyte: the rest is left out, and that is said.
pub(crate) fn gate_summary(told: &ToldGate<'_>) -> String {
    const MOST: usize = 900 * 1024;
    cut(gate_markdown(told), MOST)
}

/// At most this number of bytes of a text, of whole lines.
fn cut(mut text: String, most: usize) -> String {
    if text.len() <= most {
        return text;
    }
    let whole = text.bytes().take(most).collect::<Vec<u8>>();
    let end = whole.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    text.truncate(end);
    // A fence that is open would swallow the notice.
    let is_open = text.lines().filter(|line| line.trim_start().starts_with("```")).count() % 2 == 1;
    text.push_str(if is_open { "  ```\n" } else { "" });
    text.push_str(
        "\nThe rest is left out, as the summary would be too long; `--markdown FILE` has all.\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_that_is_too_long_ends_with_a_whole_line_and_says_so() {
        let text = "a\n```sh\nüü\nbb\n```\n".to_owned();
        assert_eq!(cut(text.clone(), 100), text);
        for most in 0..text.len() {
            let cut = cut(text.clone(), most);
            assert!(cut.contains("The rest is left out"), "{cut}");
            assert_eq!(cut.matches("```").count() % 2, 0, "{most}: {cut}");
        }
    }
}
