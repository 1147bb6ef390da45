//! Short texts that come again and again, held once.

use std::hash::Hasher;
use std::str::Utf8Error;
use std::sync::Arc;

use rustc_hash::FxHasher;

/// A cache of texts. Direct-mapped: a text that falls on the place of another replaces it, so it
/// never grows, and a file of all different texts costs one comparison for each of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    slots: Vec<Option<Arc<str>>>,
    off: bool,
}

const SLOTS: usize = 1 << 12;
const LONGEST: usize = 40;

impl Names {
    /// A cache that holds nothing, for a few texts only.
    pub(super) fn off() -> Self {
        Self { slots: Vec::new(), off: true }
    }

    /// This text, shared if it was seen lately.
    pub(super) fn get(&mut self, text: &str) -> Arc<str> {
        self.get_bytes(text.as_bytes()).expect("a text is UTF-8")
    }

    /// The text of these bytes, shared if it was seen lately: then there is no need to look again
    /// whether they are a text.
    pub(super) fn get_bytes(&mut self, bytes: &[u8]) -> Result<Arc<str>, Utf8Error> {
        if self.off || bytes.len() > LONGEST {
            return std::str::from_utf8(bytes).map(Arc::from);
        }
        if self.slots.is_empty() {
            self.slots.resize(SLOTS, None);
        }
        let slot = &mut self.slots[slot_of(bytes)];
        match slot {
            Some(name) if name.as_bytes() == bytes => Ok(name.clone()),
            Some(_) | None => Ok(slot.insert(Arc::from(std::str::from_utf8(bytes)?)).clone()),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "any bits of a hash will do")]
fn slot_of(text: &[u8]) -> usize {
    let mut hasher = FxHasher::default();
    hasher.write(text);
    let hash = hasher.finish();
    (hash ^ (hash >> 32)) as usize & (SLOTS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_seen_before_is_shared() {
        let mut names = Names::default();
        let first = names.get("read");
        assert!(Arc::ptr_eq(&first, &names.get("read")));
        for number in 0..10_000 {
            let name = number.to_string();
            assert_eq!(&*names.get(&name), name);
        }
    }
}
