//! Verifier and Token.

use std::cell::RefCell;

use authwright_core::{Policy, Result, Verifier};
use napi_sys::napi_type_tag;
use zeroize::Zeroizing;

use crate::call::Call;
use crate::handle::{self, Bound, Owned};
use crate::key_set;
use crate::value::{Scratch, Value};

/// A Verifier, and the last header that was handed out.
///
/// Tokens of one issuer share their header as a rule, so JavaScript keeps the object that it was parsed to, and the text
/// crosses only when it changes. A bound function belongs to one environment and so to one thread.
struct BoundVerifier {
    verifier: Verifier,
    header: RefCell<String>,
}

impl Owned for BoundVerifier {
    const NOUN: &'static str = "a Verifier";
    const TAG: &napi_type_tag = &napi_type_tag { lower: 0x08b5_de71_3fc6_a94c, upper: 0x76a2_9c0d_e15b_4f38 };
    const WEIGHT: i64 = 4096;
}

/// Takes a Key or KeySet and the policy's text; makes a function `(token, now) -> text`.
pub(crate) fn verify<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let policy = Policy::from_json(&call.text(1, "policy")?)?;
    let verifier = Verifier::new(key_set::keys(call, 0)?, policy)?;
    handle::bind(call.env(), "verify", BoundVerifier { verifier, header: RefCell::default() })
}

impl Bound for BoundVerifier {
    /// The claims' text; or, when the header is another than the last one, that of both.
    #[inline]
    fn call<'env>(&self, call: &Call<'env>) -> Result<Value<'env>> {
        let (mut scratch, mut held) = (Scratch::new(), Zeroizing::default());
        let token = call.short_bytes(0, "token", &mut scratch, &mut held)?;
        let token = self.verifier.verify(token, call.now(1)?)?;
        let mut last = self.header.borrow_mut();
        if *last == token.header_json() {
            return call.env().text(token.claims_json());
        }
        token.header_json().clone_into(&mut last);
        call.env().text(&both(token.header_json(), token.claims_json()))
    }
}

/// Takes a token; the text of its header and claims, of which nothing was checked but their form.
pub(crate) fn dangerous_decode<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let token = authwright_core::dangerous_decode(&call.bytes_or_text(0, "token")?)?;
    call.env().text(&both(token.header_json(), token.claims_json()))
}

/// Two JSON texts in one, NUL before each: a character that no JSON text contains.
fn both(header: &str, claims: &str) -> String {
    ["\0", header, "\0", claims].concat()
}
