//! A TOML file, read so that each mistake in it has its line and column.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::cli::words;

/// A value of the file, with its place.
pub(super) type Placed<'a> = &'a Spanned<DeValue<'a>>;

/// The text of a file, and what is wrong with it so far.
pub(super) struct Reading<'a> {
    /// What the file is called.
    name: &'a str,
    text: &'a str,
    problems: Vec<Wrong>,
}

/// Something that is wrong, and where.
struct Wrong {
    at: usize,
    what: String,
}

/// The keys and values of a table, in the order of the file.
pub(super) struct Entries<'a>(pub(super) Vec<(&'a Spanned<std::borrow::Cow<'a, str>>, Placed<'a>)>);

impl<'a> Reading<'a> {
    /// Of a file.
    pub(super) fn new(name: &'a str, text: &'a str) -> Self {
        Self { name, text, problems: Vec::new() }
    }

    /// The file as a table; what is no TOML is noted, and the rest read as far as it can be.
    pub(super) fn parse(&mut self) -> Spanned<DeTable<'a>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            self.problems.push(Wrong { at, what: error.message().to_owned() });
        }
        table
    }

    /// The line of a place, counted from 1.
    pub(super) fn line(&self, at: &Range<usize>) -> u64 {
        let before = self.text.get(..at.start).unwrap_or(self.text);
        before.matches('\n').count() as u64 + 1
    }

    /// Notes what is wrong at a place.
    pub(super) fn wrong(&mut self, at: &Range<usize>, what: impl Into<String>) {
        self.problems.push(Wrong { at: at.start, what: what.into() });
    }

    /// Notes every key that is none of these.
    pub(super) fn only(&mut self, entries: &Entries<'_>, known: &[&str]) {
        for (key, _) in &entries.0 {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                let meant = match words::alike(name, known.iter().copied()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("there are {}", known.join(", ")),
                };
                self.wrong(&key.span(), format!("there is no key `{name}` here; {meant}"));
            }
        }
    }

    /// Notes what is wrong with the format and the version that a file says first.
    pub(super) fn header(&mut self, top: &Entries<'_>, format: &str, version: u64) {
        let (given, number) = (top.get("format"), top.get("version"));
        if let Some(value) = given
            && value.get_ref().as_str() != Some(format)
        {
            self.wrong(&value.span(), format!("this kind of file has format = \"{format}\""));
        }
        if let Some(value) = number
            && self.whole(value, [0, u64::MAX], "version = 1").is_some_and(|it| it != version)
        {
            self.wrong(&value.span(), format!("this build reads version = {version}"));
        }
        if given.is_none() || number.is_none() {
            let header = format!("format = \"{format}\" and version = {version}");
            self.wrong(&(0..0), format!("the file has to begin with {header}"));
        }
    }

    /// A text; anything else is noted, `example` being what would be right.
    pub(super) fn text(&mut self, value: Placed<'_>, example: &str) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong_type(value, "a text in quotes", example);
        }
        text
    }

    /// A whole number in a range.
    pub(super) fn whole(
        &mut self,
        value: Placed<'_>,
        range: [u64; 2],
        example: &str,
    ) -> Option<u64> {
        let [least, most] = range;
        let Some(number) = value.get_ref().as_integer() else {
            self.wrong_type(value, "a whole number", example);
            return None;
        };
        let number = u64::from_str_radix(number.as_str(), number.radix()).ok();
        let fits = number.filter(|number| (least..=most).contains(number));
        if fits.is_none() {
            self.wrong(&value.span(), format!("it takes a whole number from {least} to {most}"));
        }
        fits
    }

    /// A list of texts, each with its place; a single text is a list of one.
    pub(super) fn texts<'v>(
        &mut self,
        value: Placed<'v>,
        example: &str,
    ) -> Vec<(String, Range<usize>)> {
        let all: Vec<Placed<'v>> = match value.get_ref() {
            DeValue::Array(all) => all.iter().collect(),
            _ => vec![value],
        };
        if all.is_empty() {
            self.wrong(&value.span(), format!("the list is empty; write {example}"));
        }
        let text = |one: Placed<'v>| Some((self.text(one, example)?, one.span()));
        all.into_iter().filter_map(text).collect()
    }

    /// A table; anything else is noted.
    pub(super) fn table<'v>(&mut self, value: Placed<'v>, example: &str) -> Option<Entries<'v>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(value, "a table", example);
        }
        Some(Entries::of(table?))
    }

    fn wrong_type(&mut self, value: Placed<'_>, wanted: &str, example: &str) {
        let is = value.get_ref().type_str();
        self.wrong(
            &value.span(),
            format!("it takes {wanted}, as in {example}; this is of type {is}"),
        );
    }

    /// All that is wrong, in the order of the file; nothing if nothing is.
    ///
    /// # Errors
    /// Each problem with the file, line, column and the line itself.
    pub(super) fn finish(mut self) -> Result<(), String> {
        self.problems.sort_by_key(|it| it.at);
        let told: Vec<String> = self.problems.iter().map(|wrong| self.tell(wrong)).collect();
        if told.is_empty() { Ok(()) } else { Err(told.join("\n")) }
    }

    fn tell(&self, Wrong { at, what }: &Wrong) -> String {
        let before = self.text.get(..*at).unwrap_or(self.text);
        let begins = before.rfind('\n').map_or(0, |end| end + 1);
        let (line, column) =
            (before.matches('\n').count() + 1, before[begins..].chars().count() + 1);
        let shown = self.text[begins..].lines().next().unwrap_or_default();
        let caret = format!("{}^", " ".repeat(column - 1));
        format!("{}:{line}:{column}: {what}\n  {shown}\n  {caret}", self.name)
    }
}

impl<'a> Entries<'a> {
    /// Of a table.
    pub(super) fn of(table: &'a DeTable<'a>) -> Self {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        Self(entries)
    }

    /// The value of a key.
    pub(super) fn get(&self, name: &str) -> Option<Placed<'a>> {
        self.0.iter().find(|(key, _)| key.get_ref() == name).map(|(_, value)| *value)
    }
}
