//! Eight bytes at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// How many bytes of a text in quotes come before one that means something: a quote, a backslash
/// or a control character.
///
/// Names are short and of many lengths, so going byte by byte costs less in steps than in wrong
/// guesses of the processor about where they end.
pub(super) fn plain_bytes(bytes: &[u8]) -> usize {
    let mut length = 0;
    while let Some(&eight) = bytes[length..].first_chunk::<8>() {
        let word = u64::from_le_bytes(eight);
        let quote = zeros(word ^ (ONES * 0x22));
        let backslash = zeros(word ^ (ONES * 0x5C));
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        // Borrows make bytes above a hit look like hits too; the lowest is true.
        let hits = quote | backslash | control;
        if hits != 0 {
            return length + (hits.trailing_zeros() / 8) as usize;
        }
        length += 8;
    }
    let plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    let rest = &bytes[length..];
    length + rest.iter().position(|&byte| !plain(byte)).unwrap_or(rest.len())
}

/// The high bit of every byte that is zero.
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_that_means_something_is_found_wherever_it_is() {
        for length in 0..20 {
            for stop in 0..=255u8 {
                let means_something = stop < 0x20 || stop == b'"' || stop == b'\\';
                for around in [b'a', 0xFF, 0x80, b'!', b'#', b'[', b']', b' '] {
                    let mut text = vec![around; length];
                    text.push(stop);
                    text.extend([around; 9]);
                    let expected = if means_something { length } else { text.len() };
                    assert_eq!(plain_bytes(&text), expected, "{stop} after {length} of {around}");
                }
            }
        }
    }
}
