//! Tokens: their documents, which JavaScript keeps and passes back.

use authwright_core::Result;
use authwright_core::oauth::Tokens;

use crate::call::Call;
use crate::value::{Env, Value};

/// The tokens of an argument.
pub(crate) fn argument(call: &Call<'_>, index: usize) -> Result<Tokens> {
    Tokens::from_json(&call.text(index, "tokens")?)
}

/// How tokens go out.
pub(crate) fn hand_out(env: Env<'_>, tokens: Tokens) -> Result<Value<'_>> {
    env.text(&tokens.to_json())
}

/// Takes a document; the same as the core writes it.
pub(crate) fn read<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    hand_out(call.env(), argument(call, 0)?)
}

/// Takes a document.
pub(crate) fn authorization<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    call.env().text(&argument(call, 0)?.authorization())
}
