//! Values as JSON.
//!
//! Nothing, truths, whole numbers, texts and lists are themselves. A map whose keys are all texts,
//! none of them beginning with `$`, is an object. The rest are objects of one `$` field: `{"$name":
//! "x"}`, `{"$map": [[key, value], ...]}`, `{"$raw": "1.5"}`. Reading back gives the same value.

use std::fmt;
use std::sync::Arc;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::Value;

const NAME: &str = "$name";
const MAP: &str = "$map";
const RAW: &str = "$raw";

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nil => out.serialize_unit(),
            Self::Bool(truth) => out.serialize_bool(*truth),
            Self::Int(number) => out.serialize_i64(*number),
            Self::Str(text) => out.serialize_str(text),
            Self::List(items) => out.collect_seq(items.iter()),
            Self::Keyword(name) => one_field(out, NAME, &**name),
            Self::Raw(text) => one_field(out, RAW, &**text),
            Self::Map(pairs) if pairs.iter().all(|(key, _)| is_plain(key)) => {
                out.collect_map(pairs.iter().map(|(key, value)| (key, value)))
            }
            Self::Map(pairs) => one_field(out, MAP, &**pairs),
        }
    }
}

fn is_plain(key: &Value) -> bool {
    key.as_str().is_some_and(|text| !text.starts_with('$'))
}

fn one_field<S: Serializer, T: Serialize + ?Sized>(
    out: S,
    field: &'static str,
    content: &T,
) -> Result<S::Ok, S::Error> {
    let mut map = out.serialize_map(Some(1))?;
    map.serialize_entry(field, content)?;
    map.end()
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Nil)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Nil)
    }

    fn visit_some<D: Deserializer<'de>>(self, input: D) -> Result<Value, D::Error> {
        input.deserialize_any(self)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        let raw = || Value::Raw(Arc::from(number.to_string()));
        Ok(i64::try_from(number).map_or_else(|_| raw(), Value::Int))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Raw(Arc::from(number.to_string())))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::str(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::with_capacity(items.size_hint().unwrap_or(0).min(1024));
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::list(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut pairs: Vec<(Value, Value)> = Vec::new();
        while let Some(field) = fields.next_key::<String>()? {
            match field.as_str() {
                NAME => {
                    return alone(
                        Value::Keyword(Arc::from(fields.next_value::<String>()?)),
                        fields,
                    );
                }
                RAW => return alone(Value::Raw(Arc::from(fields.next_value::<String>()?)), fields),
                MAP => {
                    let pairs = fields.next_value::<Vec<(Value, Value)>>()?;
                    return alone(Value::Map(Arc::from(pairs)), fields);
                }
                _ => pairs.push((Value::str(&field), fields.next_value()?)),
            }
        }
        Ok(Value::Map(Arc::from(pairs)))
    }
}

fn alone<'de, A: MapAccess<'de>>(value: Value, mut fields: A) -> Result<Value, A::Error> {
    match fields.next_key::<String>()? {
        None => Ok(value),
        Some(field) => Err(de::Error::custom(format!("field `{field}` beside a `$` field"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(value: &Value) {
        let text = serde_json::to_string(value).unwrap();
        assert_eq!(&serde_json::from_str::<Value>(&text).unwrap(), value, "{text}");
    }

    #[test]
    fn values_survive_a_round_trip() {
        there_and_back(&Value::Nil);
        there_and_back(&Value::list([Value::Int(-5), Value::str("x"), Value::Bool(true)]));
        there_and_back(&Value::keyword("name"));
        there_and_back(&Value::Raw(Arc::from("1.5")));
        there_and_back(&Value::Map(Arc::from([(Value::str("a"), Value::keyword("b"))])));
        there_and_back(&Value::Map(Arc::from([(Value::str("$a"), Value::Int(1))])));
        there_and_back(&Value::Map(Arc::from([(Value::Int(3), Value::Nil)])));
    }
}
