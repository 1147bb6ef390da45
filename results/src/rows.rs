//! The user's log as a history in our own format.
//!
//! Each row becomes one line, or two if it is an operation. Blank lines are put in between, so that
//! a line here tells the row that it comes from.

use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use rashomon_checker::Value;
use rashomon_checker::formats::json;

use crate::mapping::{Mapping, RowFormat, RowKind};

/// The longest row that is read.
const ROW_MAX: u64 = 16 << 20;

/// What is wrong with a row, kept for the reader, which learns only that reading broke off.
pub(crate) type Trouble = Rc<RefCell<Option<String>>>;

/// The lines of a history, made of rows.
pub(crate) struct Rows<'a> {
    mapping: &'a Mapping,
    source: Source,
    trouble: Trouble,
    /// Lines made, and how much of them has been read.
    text: String,
    read: usize,
    /// Lines made so far.
    lines: u64,
    /// Rows so far.
    count: u64,
}

/// Where rows come from.
enum Source {
    Csv { reader: Box<csv::Reader<Box<dyn BufRead>>>, header: csv::StringRecord },
    JsonLines { reader: Box<dyn BufRead>, line: u64 },
}

/// A row, and its line.
struct Row {
    line: u64,
    cells: Cells,
}

enum Cells {
    Csv(csv::StringRecord),
    Json(Value),
}

impl<'a> Rows<'a> {
    pub(crate) fn new(
        mapping: &'a Mapping,
        mut input: Box<dyn BufRead>,
        trouble: Trouble,
    ) -> io::Result<Self> {
        let format = match mapping.format {
            Some(format) => format,
            None => looks(&mut input)?,
        };
        let source = match format {
            RowFormat::JsonLines => Source::JsonLines { reader: input, line: 0 },
            RowFormat::Csv => {
                let separator = mapping.separator.and_then(|it| u8::try_from(it).ok());
                let mut builder = csv::ReaderBuilder::new();
                builder.delimiter(separator.unwrap_or(b',')).flexible(true);
                let mut reader = Box::new(builder.from_reader(input));
                let header = reader.headers().map_err(io::Error::other)?.clone();
                Source::Csv { reader, header }
            }
        };
        Ok(Self { mapping, source, trouble, text: String::new(), read: 0, lines: 0, count: 0 })
    }

    /// Makes lines of the next row; `false` at the end.
    fn advance(&mut self) -> io::Result<bool> {
        (self.read, self.count) = (0, self.count + 1);
        self.text.clear();
        let told = |trouble: &Trouble, line: u64, problem: String| {
            trouble.borrow_mut().replace(format!("line {line}: {problem}"));
            io::Error::other("a row is wrong")
        };
        let row = match self.source.next() {
            Ok(None) => return Ok(false),
            Ok(Some(row)) => row,
            Err(Broken::Input(error)) => return Err(error),
            Err(Broken::Row { line, problem }) => return Err(told(&self.trouble, line, problem)),
        };
        let each = self.mapping.row_kind().lines();
        while self.lines < (row.line - 1) * each {
            self.text.push('\n');
            self.lines += 1;
        }
        let header = match &self.source {
            Source::Csv { header, .. } => Some(header),
            Source::JsonLines { .. } => None,
        };
        let get = |field: &str| row.cells.get(header, field);
        let made = match self.mapping.row_kind() {
            RowKind::Event => event(self.mapping, &get, &mut self.text),
            RowKind::Operation => operation(self.mapping, self.count, &get, &mut self.text),
        };
        self.lines += each;
        made.map(|()| true).map_err(|problem| told(&self.trouble, row.line, problem))
    }
}

impl RowKind {
    /// How many lines a row makes.
    pub(crate) fn lines(self) -> u64 {
        match self {
            Self::Event => 1,
            Self::Operation => 2,
        }
    }
}

impl Read for Rows<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.text.len() {
            if !self.advance()? {
                return Ok(0);
            }
        }
        let length = buffer.len().min(self.text.len() - self.read);
        buffer[..length].copy_from_slice(&self.text.as_bytes()[self.read..self.read + length]);
        self.read += length;
        Ok(length)
    }
}

/// Why there is no next row.
enum Broken {
    Input(io::Error),
    Row { line: u64, problem: String },
}

impl Source {
    fn next(&mut self) -> Result<Option<Row>, Broken> {
        match self {
            Self::Csv { reader, .. } => {
                let mut record = csv::StringRecord::new();
                let line = reader.position().line();
                let read = reader.read_record(&mut record);
                let is_row = read.map_err(|error| match error.into_kind() {
                    csv::ErrorKind::Io(error) => Broken::Input(error),
                    csv::ErrorKind::Utf8 { .. } => Broken::Row {
                        line,
                        problem: "expected UTF-8 text, found other bytes".to_owned(),
                    },
                    other => Broken::Row { line, problem: format!("{other:?}") },
                })?;
                let line = line_of(&record, reader.position().line()).unwrap_or(line);
                Ok(is_row.then_some(Row { line, cells: Cells::Csv(record) }))
            }
            Self::JsonLines { reader, line } => loop {
                let mut bytes = Vec::new();
                let read =
                    reader.take(ROW_MAX).read_until(b'\n', &mut bytes).map_err(Broken::Input)?;
                if read == 0 {
                    return Ok(None);
                }
                *line += 1;
                let wrong =
                    |problem: &str| Broken::Row { line: *line, problem: problem.to_owned() };
                let text = std::str::from_utf8(&bytes);
                let text =
                    text.map_err(|_| wrong("expected UTF-8 text, found other bytes"))?.trim();
                if text.is_empty() {
                    continue;
                }
                let object = json::value(text).filter(|it| matches!(it, Value::Map(_)));
                let object =
                    object.ok_or_else(|| wrong("expected one JSON object in this line"))?;
                return Ok(Some(Row { line: *line, cells: Cells::Json(object) }));
            },
        }
    }
}

impl Cells {
    /// What a field holds, if the row has it.
    fn get(&self, header: Option<&csv::StringRecord>, field: &str) -> Option<Value> {
        match self {
            Self::Csv(record) => {
                let place = header?.iter().position(|name| name.trim() == field)?;
                record.get(place).map(cell)
            }
            Self::Json(object) => member(object, field).or_else(|| {
                field.split('.').try_fold(object.clone(), |object, name| member(&object, name))
            }),
        }
    }
}

fn member(object: &Value, name: &str) -> Option<Value> {
    let Value::Map(pairs) = object else { return None };
    pairs.iter().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value.clone())
}

/// The line on which a record begins that ends before line `next`. A record's own position is that
/// of the blank lines before it.
fn line_of(record: &csv::StringRecord, next: u64) -> Option<u64> {
    let within: usize = record.iter().map(|field| field.matches('\n').count()).sum();
    let last = next.checked_sub(1 + u64::try_from(within).ok()?)?;
    Some(last.max(record.position()?.line()))
}

/// A cell: a value in JSON, or a text.
fn cell(text: &str) -> Value {
    let text = text.trim();
    match text {
        "" | "nil" | "NULL" | "None" => Value::Nil,
        "True" => Value::Bool(true),
        "False" => Value::Bool(false),
        _ => json::value(text).unwrap_or_else(|| Value::str(text)),
    }
}

/// The format of rows, by their first byte that is no blank.
fn looks(input: &mut dyn BufRead) -> io::Result<RowFormat> {
    let first = input.fill_buf()?.iter().find(|byte| !byte.is_ascii_whitespace());
    Ok(if first == Some(&b'{') { RowFormat::JsonLines } else { RowFormat::Csv })
}

type Get<'a> = &'a dyn Fn(&str) -> Option<Value>;

fn missing(field: &str) -> String {
    format!("this row has no field `{field}`, which the mapping names")
}

/// A text or number, in its own words.
fn words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

fn event(mapping: &Mapping, get: Get<'_>, text: &mut String) -> Result<(), String> {
    let field = |name: &Option<String>| match name {
        None => Ok(None),
        Some(name) => get(name).map(Some).ok_or_else(|| missing(name)),
    };
    let said = field(&mapping.kind)?.map(|it| words(&it)).unwrap_or_default();
    let kind = mapping.type_named(&said).ok_or_else(|| no_type(&said))?;
    let is_answer = kind != "invoke";
    let value = match (&mapping.result, &mapping.value) {
        (Some(result), _) if is_answer => result.of(get),
        (_, Some(value)) => value.of(get),
        (_, None) => Ok(Value::Nil),
    };
    let common = Common {
        process: field(&mapping.process)?.unwrap_or_default(),
        function: mapping
            .function_named(&words(&field(&Some(mapping.function.clone()))?.unwrap_or_default())),
        key: field(&mapping.key)?.filter(|key| *key != Value::Nil),
    };
    let value = value.map_err(|field| missing(&field))?;
    common.push(text, kind, field(&mapping.time)?.as_ref(), &value);
    Ok(())
}

fn no_type(said: &str) -> String {
    format!(
        "`{}` is neither invoke, ok, fail nor info; say which it is under [types] in the mapping",
        said.escape_debug()
    )
}

fn operation(mapping: &Mapping, count: u64, get: Get<'_>, text: &mut String) -> Result<(), String> {
    let field = |name: &Option<String>| match name {
        None => Ok(None),
        Some(name) => get(name).map(Some).ok_or_else(|| missing(name)),
    };
    let all = |fields: &Option<crate::mapping::Fields>| match fields {
        None => Ok(Value::Nil),
        Some(fields) => fields.of(get).map_err(|field| missing(&field)),
    };
    let (start, end) = (field(&mapping.start)?, field(&mapping.end)?.unwrap_or_default());
    let common = Common {
        process: field(&mapping.process)?
            .unwrap_or_else(|| Value::Int(i64::try_from(count).unwrap_or(i64::MAX))),
        function: mapping
            .function_named(&words(&field(&Some(mapping.function.clone()))?.unwrap_or_default())),
        key: field(&mapping.key)?.filter(|key| *key != Value::Nil),
    };
    let argument = all(&mapping.value)?;
    let result = if mapping.result.is_some() { all(&mapping.result)? } else { argument.clone() };
    common.push(text, "invoke", start.as_ref(), &argument);
    let said = field(&mapping.outcome)?.map_or_else(|| "ok".to_owned(), |it| words(&it));
    if end == Value::Nil {
        text.push('\n'); // It never ended.
        return Ok(());
    }
    let kind = mapping.type_named(&said).filter(|&kind| kind != "invoke");
    common.push(text, kind.ok_or_else(|| no_type(&said))?, Some(&end), &result);
    Ok(())
}

/// What the events of an operation have in common.
struct Common {
    process: Value,
    function: String,
    key: Option<Value>,
}

impl Common {
    /// Adds a line.
    fn push(&self, text: &mut String, kind: &str, time: Option<&Value>, value: &Value) {
        text.push_str("{\"process\":");
        json::push_value(text, &self.process);
        text.push_str(",\"type\":");
        json::push_value(text, &Value::str(kind));
        text.push_str(",\"f\":");
        json::push_value(text, &Value::str(&self.function));
        for (name, value) in [("key", self.key.as_ref()), ("time", time)] {
            if let Some(value) = value {
                text.push_str(&format!(",\"{name}\":"));
                json::push_value(text, value);
            }
        }
        text.push_str(",\"value\":");
        json::push_value(text, value);
        text.push_str("}\n");
    }
}

/// Rows as text, through a buffer.
pub(crate) fn buffered(rows: Rows<'_>) -> impl BufRead + '_ {
    BufReader::with_capacity(1 << 16, rows)
}
