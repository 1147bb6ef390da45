//! The language of comments, messages and documents is plain present-day English.

use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};

use super::{ROOT, sources};

/// Phrases of old books, and terms that are not those of the field. Each of them was used once, and was
/// replaced.
const OLD_PHRASES: [&str; 45] = [
    "so many",
    "of which none",
    "of which nothing",
    "be it ever",
    "be they",
    "ever so",
    "thereof",
    "thereafter",
    "thereupon",
    "whereupon",
    "wherein",
    "whence",
    "whom",
    "whoever",
    "whosoever",
    "lest",
    "hath",
    "save that",
    "as ever",
    "somebody",
    "somebody's",
    "nobody of",
    "nobody looked",
    "nobody could look",
    "is told",
    "are told",
    "no such thing",
    "makes no sense",
    "whose doing",
    "in its stead",
    "in a circle",
    "all along",
    "for want of",
    "at its birth",
    "beats comfort",
    "what there is",
    "no news",
    "carried out here",
    "left no trace",
    "least witness",
    "least witnesses",
    "go down with",
    "such as has",
    "it takes to tell",
    "answers the same",
];

/// The documents that this test reads, beside the sources.
const DOCUMENTS: [&str; 12] = [
    ".ci/run",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "ARCHITECTURE.md",
    "docs/audits.md",
    "docs/campaigns.md",
    "docs/ci.md",
    "docs/json.md",
    "docs/judge-your-own-log.md",
    "checker/README.md",
    "checker/fuzz/README.md",
];

/// The first of `phrases` in `text`, as whole words and in either case ("never so" is not "ever so").
fn used<'a>(phrases: &[&'a str], text: &str) -> Option<&'a str> {
    let text = text.to_lowercase();
    let is_letter = |it: Option<char>| it.is_some_and(char::is_alphabetic);
    phrases.iter().copied().find(|phrase| {
        text.match_indices(phrase).any(|(at, _)| {
            let (before, after) = (&text[..at], &text[at + phrase.len()..]);
            !is_letter(before.chars().next_back()) && !is_letter(after.chars().next())
        })
    })
}

#[test]
fn an_old_phrase_is_found_in_either_case_and_as_whole_words() {
    let used = |text: &str| used(&OLD_PHRASES, text);
    assert_eq!(used("Of so many."), Some("so many"));
    assert_eq!(used("Whoever asks"), Some("whoever"));
    assert_eq!(used("Never so long"), None);
    assert_eq!(used("so manyfold"), None);
}

/// Lines with their numbers. A phrase across two lines is found, too: each line is followed by the
/// first words of the next one, if that has text.
fn joined(lines: &[Option<&str>]) -> Vec<(usize, String)> {
    let line = |at: usize| lines.get(at).copied().flatten();
    (0..lines.len())
        .filter_map(|at| {
            let next: Vec<&str> = line(at + 1).unwrap_or_default().split(' ').take(3).collect();
            Some((at + 1, format!("{} {}", line(at)?, next.join(" "))))
        })
        .collect()
}

/// The comments of a Rust file, each with its line.
fn comments(text: &str) -> Vec<(usize, String)> {
    let lines: Vec<Option<&str>> = text
        .lines()
        .map(|line| {
            let at = line.find("//").filter(|&at| !line[..at].ends_with(':'))?;
            Some(line[at..].trim_start_matches(['/', '!']).trim())
        })
        .collect();
    joined(&lines)
}

/// The texts in quotes of a Rust file, each with its line and on one line, but for those of tests in the
/// file and those of documentation.
fn texts(tokens: TokenStream, found: &mut Vec<(usize, String)>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_of = |at: usize, attribute: &str| {
        let hash = matches!(&tokens[at], TokenTree::Punct(it) if it.as_char() == '#');
        let group = tokens.get(at + 1).map(ToString::to_string).unwrap_or_default();
        hash && group.replace(' ', "").starts_with(attribute)
    };
    let mut at = 0;
    while at < tokens.len() {
        if is_of(at, "[doc=") {
            at += 2;
            continue;
        }
        if is_of(at, "[cfg(test)]") {
            // What it is about ends with a semicolon or with a body in braces.
            let ends = |it: &TokenTree| match it {
                TokenTree::Punct(it) => it.as_char() == ';',
                TokenTree::Group(it) => it.delimiter() == proc_macro2::Delimiter::Brace,
                TokenTree::Ident(_) | TokenTree::Literal(_) => false,
            };
            at = tokens[at..].iter().position(ends).map_or(tokens.len(), |end| at + end + 1);
            continue;
        }
        match &tokens[at] {
            TokenTree::Group(group) => texts(group.stream(), found),
            TokenTree::Literal(literal) => {
                if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                    let words: Vec<String> =
                        text.value().split_whitespace().map(str::to_owned).collect();
                    found.push((literal.span().start().line, words.join(" ")));
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
        at += 1;
    }
}

#[test]
fn a_comment_and_a_text_of_several_lines_are_read_as_one() {
    let split = comments("fn f() {} // Of so\n    /// many.\nlet url = \"http://so many\";");
    assert_eq!(split, [(1, "Of so many.".to_owned()), (2, "many. ".to_owned())]);
    let program = "/// doc\nfn f() { g!(\"of so \\\n  many {x}\", '\"', r\"a\n b\"); }\n\
                   #[cfg(test)]\nmod tests { const A: &str = \"so many\"; }";
    let mut found = Vec::new();
    texts(program.parse().unwrap(), &mut found);
    assert_eq!(found, [(2, "of so many {x}".to_owned()), (3, "a b".to_owned())]);
}

/// Comments are read by people who do not know the code yet, and whose language may be another.
#[test]
fn no_comment_and_no_document_is_in_the_language_of_old_books() {
    let mut found = Vec::new();
    let mut look = |place: String, lines: Vec<(usize, String)>| {
        for (line, text) in lines {
            let phrase = used(&OLD_PHRASES, &text);
            found.extend(phrase.map(|it| format!("{place}:{line}: {it:?} in {text}")));
        }
    };
    for (path, text) in sources().into_iter().filter(|(path, _)| !path.ends_with("phrases.rs")) {
        look(path.display().to_string(), comments(&text));
    }
    for file in DOCUMENTS {
        let text = std::fs::read_to_string(Path::new(ROOT).join(file)).unwrap();
        let lines: Vec<Option<&str>> =
            text.lines().map(|it| Some(it.trim_start_matches(['#', ' ']))).collect();
        look(file.to_owned(), joined(&lines));
    }
    assert!(found.is_empty(), "say it plainly: {found:#?}");
}

/// What users read is plain present-day English.
#[test]
fn no_message_is_in_the_language_of_old_books() {
    let mut found = Vec::new();
    for (path, text) in sources() {
        let place = path.to_string_lossy().into_owned();
        if !place.contains("/src/") || place.ends_with("tests.rs") || place.ends_with("testing.rs")
        {
            continue;
        }
        let mut messages = Vec::new();
        texts(text.parse().unwrap(), &mut messages);
        for (line, text) in messages {
            let phrase = used(&OLD_PHRASES, &text);
            found.extend(phrase.map(|it| format!("{place}:{line}: {it:?} in {text}")));
        }
    }
    assert!(found.is_empty(), "say it plainly: {found:#?}");
}
