//! Signs and colours. Colour is never the only signal, and never used where it cannot be seen.

/// The signs to draw with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Glyphs {
    /// Whether the terminal's characters are more than ASCII.
    unicode: bool,
}

impl Glyphs {
    /// What the environment says the terminal shows.
    pub(crate) fn from_environment() -> Self {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
            .unwrap_or_default()
            .to_lowercase();
        Self { unicode: locale.contains("utf-8") || locale.contains("utf8") }
    }

    /// Everything.
    pub(crate) fn unicode() -> Self {
        Self { unicode: true }
    }

    /// ASCII only.
    #[cfg(test)]
    pub(crate) fn ascii() -> Self {
        Self { unicode: false }
    }

    /// `text`, in signs that the terminal shows.
    pub(crate) fn fit(self, text: &str) -> String {
        if self.unicode {
            return text.to_owned();
        }
        let mut plain = String::with_capacity(text.len());
        for sign in text.chars() {
            match sign {
                '─' | '━' | '–' => plain.push('-'),
                '│' | '├' | '┤' => plain.push('|'),
                '╭' | '╮' | '╰' | '╯' => plain.push('+'),
                '✗' => plain.push('x'),
                '✓' => plain.push('*'),
                '·' => plain.push('.'),
                '▒' => plain.push('#'),
                '→' => plain.push('>'),
                '…' | '╌' => plain.push('~'),
                '①'..='⑳' => {
                    let number = u32::from(sign) - u32::from('①') + 1;
                    plain.push_str(&format!("({number})"));
                }
                sign if sign.is_ascii() => plain.push(sign),
                _ => plain.push('?'),
            }
        }
        plain
    }
}

/// A colour of the terminal's own palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paint {
    /// An anomaly.
    Red,
    /// None found.
    Green,
    /// Undecided.
    Yellow,
}

impl Paint {
    /// What has a terminal write in its own colour again.
    pub(crate) const END: &str = "\x1b[0m";

    /// What has a terminal write in this colour.
    pub(crate) fn begin(self) -> &'static str {
        match self {
            Self::Red => "\x1b[31m",
            Self::Green => "\x1b[32m",
            Self::Yellow => "\x1b[33m",
        }
    }
}
