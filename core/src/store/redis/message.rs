//! What is sent.

/// Commands as they are sent.
#[derive(Default)]
pub(super) struct Message {
    pub(super) bytes: Vec<u8>,
    pub(super) commands: usize,
}

impl Message {
    pub(super) fn of(words: &[&[u8]]) -> Self {
        let mut message = Self::default();
        message.add(words);
        message
    }

    /// One more command, as RESP has it: an array of strings with their lengths.
    pub(super) fn add(&mut self, words: &[&[u8]]) {
        let mut digits = itoa::Buffer::new();
        self.bytes.reserve(words.iter().fold(16, |sum: usize, word| sum.saturating_add(word.len()).saturating_add(16)));
        self.bytes.push(b'*');
        self.bytes.extend_from_slice(digits.format(words.len()).as_bytes());
        self.bytes.extend_from_slice(b"\r\n");
        for word in words {
            self.bytes.push(b'$');
            self.bytes.extend_from_slice(digits.format(word.len()).as_bytes());
            self.bytes.extend_from_slice(b"\r\n");
            self.bytes.extend_from_slice(word);
            self.bytes.extend_from_slice(b"\r\n");
        }
        self.commands = self.commands.saturating_add(1);
    }
}
