//! Verifier and Token.

use std::cell::RefCell;
use std::sync::Arc;

use authwright_core::{Policy, RemoteKeySet, Result, Token, Verifier};
use napi_sys::napi_type_tag;
use zeroize::Zeroizing;

use crate::call::Call;
use crate::handle::{self, Bound, Owned};
use crate::key_set;
use crate::layout::{Layout, Places};
use crate::operation;
use crate::value::{Env, Scratch, Value};

/// A Verifier, and what JavaScript was last told besides claims.
///
/// A bound function belongs to one environment and so to one thread.
struct BoundVerifier {
    verifier: Arc<Verifier>,
    told: RefCell<Told>,
}

/// Tokens of one issuer share their header and the names of their claims as a rule. JavaScript keeps both, and they cross only
/// when they change.
struct Told {
    header: String,
    layout: Layout,
    places: Places,
    /// Which telling it was: JavaScript knows by it whether it has heard the last one.
    turn: i32,
    /// How many tokens in a row had other claims.
    strangers: u32,
}

/// After so many tokens in a row with other claims, their names are the ones to remember.
const MOST_STRANGERS: u32 = 16;

impl Owned for BoundVerifier {
    const NOUN: &'static str = "a Verifier";
    const TAG: &napi_type_tag = &napi_type_tag { lower: 0x08b5_de71_3fc6_a94c, upper: 0x76a2_9c0d_e15b_4f38 };
    const WEIGHT: i64 = 4096;
}

/// The same Verifier, where its keys are an issuer's: begins operations.
struct Begin(Arc<Verifier>);

impl Owned for Begin {
    const NOUN: &'static str = "a Verifier";
    const TAG: &napi_type_tag = &napi_type_tag { lower: 0xc8f3_2095_6ea1_bd47, upper: 0x37d4_e01b_9c68_f5a2 };
    const WEIGHT: i64 = 256;
}

/// Takes a Key, KeySet or RemoteKeySet and the policy's text; makes a function `verify(token, now, tell) -> text`, and
/// the memory that it writes to. With a RemoteKeySet, there is a function `begin(token, judged at, deadline) -> operation`,
/// too.
pub(crate) fn verify<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let env = call.env();
    let policy = Policy::from_json(&call.text(1, "policy")?)?;
    let remote = call.try_handle::<RemoteKeySet>(0)?;
    let verifier = Arc::new(match remote {
        Some(remote) => Verifier::remote(remote, policy)?,
        None => Verifier::new(key_set::keys(call, 0)?, policy)?,
    });
    let (places, [places_view, numbers_view]) = Places::new(env)?;
    let told = Told { header: String::new(), layout: Layout::default(), places, turn: 0, strangers: 0 };
    let object = env.object()?;
    if remote.is_some() {
        env.set(object, "begin", handle::bind(env, "begin", Begin(Arc::clone(&verifier)))?)?;
    }
    env.set(object, "verify", handle::bind(env, "verify", BoundVerifier { verifier, told: RefCell::new(told) })?)?;
    env.set(object, "places", places_view)?;
    env.set(object, "numbers", numbers_view)?;
    Ok(object)
}

impl Bound for BoundVerifier {
    /// The claims' text; or, when there is something to tell, NUL, the header's, NUL and the claims'.
    #[inline]
    fn call<'env>(&self, call: &Call<'env>) -> Result<Value<'env>> {
        let (mut scratch, mut held) = (Scratch::new(), Zeroizing::default());
        let token = call.short_bytes(0, "token", &mut scratch, &mut held)?;
        let token = self.verifier.verify(token, call.now(1)?)?;
        let told = &mut *self.told.borrow_mut();
        if told.header != token.header_json() || call.count() > 2 {
            return told.tell(call.env(), &token);
        }
        if told.places.lay_out(token.claims(), &told.layout) {
            told.strangers = 0;
            // Nothing else than ASCII is laid out.
            return call.env().ascii(token.claims_json().as_bytes());
        }
        told.strangers = told.strangers.saturating_add(1);
        if told.strangers > MOST_STRANGERS {
            return told.tell(call.env(), &token);
        }
        call.env().text(token.claims_json())
    }
}

impl Bound for Begin {
    fn call<'env>(&self, call: &Call<'env>) -> Result<Value<'env>> {
        let token = call.bytes_or_text(0, "token")?;
        let judged_at = if call.is_absent(1)? { None } else { Some(call.now(1)?) };
        let deadline = call.milliseconds(2, "deadline")?;
        operation::create(call.env(), self.0.verify_fetching(token.as_slice(), judged_at, deadline), operation::token)
    }
}

impl Told {
    fn tell<'env>(&mut self, env: Env<'env>, token: &Token) -> Result<Value<'env>> {
        token.header_json().clone_into(&mut self.header);
        self.layout = Layout::of(token.claims());
        self.strangers = 0;
        self.turn = self.turn.wrapping_add(1);
        self.places.turn(self.turn);
        // NUL is a character that no JSON text contains.
        env.text(&["\0", token.header_json(), "\0", token.claims_json()].concat())
    }
}

/// Takes a token; the text of its header and claims, of which nothing was checked but their form.
pub(crate) fn dangerous_decode<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let token = authwright_core::dangerous_decode(&call.bytes_or_text(0, "token")?)?;
    // NUL is a character that no JSON text contains.
    call.env().text(&[token.header_json(), "\0", token.claims_json()].concat())
}
