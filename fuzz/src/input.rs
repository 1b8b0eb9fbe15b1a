//! Taking an input apart.

/// Texts in one input are separated by this byte, which none of them can usefully hold.
const SEPARATOR: u8 = 0;

/// The texts of an input. The last one is all that is left, separators included; absent ones are empty.
pub fn texts<const COUNT: usize>(data: &[u8]) -> [&[u8]; COUNT] {
    let mut texts = [&[][..]; COUNT];
    for (text, part) in texts.iter_mut().zip(data.splitn(COUNT, |byte| *byte == SEPARATOR)) {
        *text = part;
    }
    texts
}

/// The first byte, for the target's own choices, and what follows it.
pub fn selector(data: &[u8]) -> (u8, &[u8]) {
    data.split_first().map_or((0, data), |(first, rest)| (*first, rest))
}

/// UTF-8, or nothing.
pub fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}
