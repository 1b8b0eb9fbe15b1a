//! What a server is told to do.

use super::message::Message;
use super::refusal::{unavailable, uncertain};
use super::scripts::Script;
use crate::error::Error;

/// One command on one key.
pub(super) struct Command<'a> {
    key: &'a [u8],
    words: Words<'a>,
    effect: Effect,
}

enum Words<'a> {
    Plain(&'a [&'a [u8]]),
    /// On the key, with these arguments.
    Script(&'a Script, &'a [&'a [u8]]),
}

/// What a command may change.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// No record, and nothing more the second time: it may be sent again.
    Harmless,
    /// The same, but of what a record needs: `wait_replicas` is for it.
    Entry,
    /// A record. It is sent once, and is uncertain if nobody knows whether the server has carried it out: who asks looks
    /// what is there. `wait_replicas` is for it.
    Change,
}

impl<'a> Command<'a> {
    /// One that changes nothing that matters.
    pub(super) fn plain(key: &'a [u8], words: &'a [&'a [u8]]) -> Self {
        Self { key, words: Words::Plain(words), effect: Effect::Harmless }
    }

    pub(super) fn script(key: &'a [u8], script: &'a Script, arguments: &'a [&'a [u8]], effect: Effect) -> Self {
        Self { key, words: Words::Script(script, arguments), effect }
    }

    pub(super) fn key(&self) -> &'a [u8] {
        self.key
    }

    pub(super) fn is_change(&self) -> bool {
        self.effect == Effect::Change
    }

    /// Whether replicas should have it.
    pub(super) fn is_kept(&self) -> bool {
        self.effect != Effect::Harmless
    }

    /// The command, with the script's name or its text.
    pub(super) fn message(&self, by_name: bool, asking: bool) -> Message {
        let mut message = Message::default();
        if asking {
            message.add(&[b"ASKING"]);
        }
        match &self.words {
            Words::Plain(words) => message.add(words),
            Words::Script(script, arguments) => {
                let [command, code]: [&[u8]; 2] = match by_name {
                    true => [b"EVALSHA", script.hash.as_bytes()],
                    false => [b"EVAL", script.text.as_bytes()],
                };
                let mut words = vec![command, code, b"1", self.key];
                words.extend_from_slice(arguments);
                message.add(&words);
            }
        }
        message
    }

    /// The error of a command that may have been carried out, or was not.
    pub(super) fn failed(&self, why: &str, is_sent: bool) -> Error {
        if is_sent && self.is_change() { uncertain(why) } else { unavailable(why) }
    }
}
