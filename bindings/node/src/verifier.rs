//! Verifier and Token.

use std::cell::RefCell;

use authwright_core::json::Document;
use authwright_core::{Policy, Result, Token, Verifier};
use napi_sys::napi_type_tag;
use zeroize::Zeroizing;

use crate::call::Call;
use crate::handle::{self, Bound, Owned};
use crate::key_set;
use crate::packed::Layout;
use crate::value::{Env, Scratch, Value};

/// A Verifier, and what JavaScript was last told besides claims.
///
/// A bound function belongs to one environment and so to one thread.
struct BoundVerifier {
    verifier: Verifier,
    told: RefCell<Told>,
}

/// Tokens of one issuer share their header and the names of their claims as a rule. JavaScript keeps both, and they cross only
/// when they change.
#[derive(Default)]
struct Told {
    header: String,
    layout: Layout,
    /// Which telling it was: JavaScript knows the last one by it.
    turn: u16,
    /// How many tokens in a row had other claims.
    strangers: u32,
    packed: Vec<u8>,
}

/// After so many tokens in a row with other claims, their names are the ones to remember.
const MOST_STRANGERS: u32 = 16;

impl Owned for BoundVerifier {
    const NOUN: &'static str = "a Verifier";
    const TAG: &napi_type_tag = &napi_type_tag { lower: 0x08b5_de71_3fc6_a94c, upper: 0x76a2_9c0d_e15b_4f38 };
    const WEIGHT: i64 = 4096;
}

/// Takes a Key or KeySet and the policy's text; makes a function `(token, now, forget) -> text`.
pub(crate) fn verify<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let policy = Policy::from_json(&call.text(1, "policy")?)?;
    let verifier = Verifier::new(key_set::keys(call, 0)?, policy)?;
    handle::bind(call.env(), "verify", BoundVerifier { verifier, told: RefCell::default() })
}

impl Bound for BoundVerifier {
    /// One of three texts: a character that tells which, two that tell the turn, and then
    /// - U+0000: the header, NUL, the claims as JSON, when there is something to tell;
    /// - U+0001: the claims' values, packed;
    /// - U+0002: the claims as JSON.
    #[inline]
    fn call<'env>(&self, call: &Call<'env>) -> Result<Value<'env>> {
        let (mut scratch, mut held) = (Scratch::new(), Zeroizing::default());
        let token = call.short_bytes(0, "token", &mut scratch, &mut held)?;
        let token = self.verifier.verify(token, call.now(1)?)?;
        let mut told = self.told.borrow_mut();
        if told.header != token.header_json() || call.count() > 2 {
            return told.tell(call.env(), &token);
        }
        if told.pack(token.claims()) {
            told.strangers = 0;
            return call.env().bytes_as_text(&told.packed);
        }
        told.strangers = told.strangers.saturating_add(1);
        if told.strangers > MOST_STRANGERS {
            return told.tell(call.env(), &token);
        }
        call.env().text(&told.prefixed('\u{2}', &[token.claims_json()]))
    }
}

impl Told {
    fn tell<'env>(&mut self, env: Env<'env>, token: &Token) -> Result<Value<'env>> {
        token.header_json().clone_into(&mut self.header);
        self.layout = Layout::of(token.claims());
        self.strangers = 0;
        self.turn = self.turn.wrapping_add(1);
        // NUL is a character that no JSON text contains.
        env.text(&self.prefixed('\0', &[token.header_json(), "\0", token.claims_json()]))
    }

    /// Parts in one text, behind the kind and the turn: below U+0100 each, as in the packed form.
    fn prefixed(&self, kind: char, parts: &[&str]) -> String {
        let [low, high] = self.turn.to_le_bytes().map(char::from);
        let mut text = String::from_iter([kind, low, high]);
        parts.iter().for_each(|part| text.push_str(part));
        text
    }

    fn pack(&mut self, claims: Document<'_>) -> bool {
        let [low, high] = self.turn.to_le_bytes();
        self.packed.clear();
        self.packed.extend_from_slice(&[1, low, high]);
        self.layout.pack(claims, &mut self.packed)
    }
}

/// Takes a token; the text of its header and claims, of which nothing was checked but their form.
pub(crate) fn dangerous_decode<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let token = authwright_core::dangerous_decode(&call.bytes_or_text(0, "token")?)?;
    // NUL is a character that no JSON text contains.
    call.env().text(&[token.header_json(), "\0", token.claims_json()].concat())
}
