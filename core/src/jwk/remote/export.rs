//! The state of a remote key set as a sealed text, so that a process that lives for one request starts with keys.

use std::sync::Arc;

use super::state::{CLOCKS_APART, State};
use super::{Key, RemoteKeySet, fetch};
use crate::encoding::json::{Parsed, Value};
use crate::encoding::json_write::member;
use crate::error::{Code, Error, Result};
use crate::oauth::{Endpoints, ProviderMetadata};
use crate::sealed;

const PURPOSE: &str = "remote_key_set";

impl RemoteKeySet {
    /// The keys at hand and the times of them, sealed with a secret of the program's (at least 32 bytes) and bound to
    /// the issuer and the URLs. To be kept where the next process finds it: nobody who lacks the secret can read or
    /// alter it.
    ///
    /// # Errors
    /// `ERR_KEYS_NEEDED` if there are no keys; `ERR_KEY_MISMATCH`, `ERR_KEY_TOO_WEAK` for the secret.
    pub fn export_state(&self, key: &Key) -> Result<String> {
        let state = self.0.state.load();
        let Some(keys) = &state.keys else { return Err(self.needed(None)) };
        let text = |text: &str| serde_json::Value::from(text).to_string();
        let times = &state.times;
        let mut members = vec![
            member("jwks", &text(&keys.text)),
            member("jwks_uri", &text(&keys.jwks_uri)),
            member("metadata_until", &state.metadata_until.to_string()),
            member("fetched_at", &times.fetched_at.to_string()),
            member("fresh_until", &times.fresh_until.to_string()),
        ];
        if let Some((document, source)) = state.metadata.as_ref().and_then(|metadata| metadata.document()) {
            members.extend([member("metadata", &text(document)), member("metadata_source", &text(source))]);
        }
        members.extend(keys.template.as_deref().map(|template| member("template", &text(template))));
        members.extend(state.etag.as_deref().map(|etag| member("etag", &text(etag))));
        sealed::seal(&format!("{{{}}}", members.join(",")), key, PURPOSE, &self.0.binding())
    }

    /// Takes over a state that a set of the same issuer and URLs exported, unless the keys at hand are newer. Its keys
    /// are as old as they were: they are fetched again when their time is over.
    ///
    /// # Errors
    /// `ERR_STATE_INVALID` if none of the keys opens it, or it is another issuer's or from the future; the set is as it
    /// was then.
    pub fn import_state(&self, state: &str, keys: &[Key], now: u64) -> Result<()> {
        let text = sealed::open(state, keys, PURPOSE, &self.0.binding())?;
        let invalid = || Error::new(Code::StateInvalid, "the state is not one that a remote key set exported");
        let parsed = Parsed::new(text).map_err(|_| invalid())?;
        let document = parsed.document();
        let string = |name: &str| document.get(name).and_then(Value::as_str).map(|text| text.to_str().into_owned());
        let number = |name: &str| match document.get(name) {
            Some(Value::Number(number)) => number.as_u64().ok_or_else(invalid),
            _ => Err(invalid()),
        };
        let fetched_at = number("fetched_at")?;
        if fetched_at > now.saturating_add(CLOCKS_APART) {
            return Err(Error::new(Code::StateInvalid, "the state was exported in the future"));
        }
        let endpoints = Endpoints { jwks_uri: Some(string("jwks_uri").ok_or_else(invalid)?), ..Endpoints::default() };
        let of_keys = match string("template") {
            Some(template) => ProviderMetadata::of_template(template, endpoints),
            None => ProviderMetadata::configured(self.issuer(), endpoints),
        };
        let published = fetch::published(string("jwks").ok_or_else(invalid)?, &of_keys).map_err(|_| invalid())?;
        let metadata = match (string("metadata"), string("metadata_source"), self.issuer()) {
            (Some(document), Some(source), Some(issuer)) => {
                let document = Parsed::new(document).map_err(|_| invalid())?;
                Some(Arc::new(ProviderMetadata::new(&document, issuer, &source).map_err(|_| invalid())?))
            }
            _ => None,
        };
        let times = self.0.times(fetched_at, number("fresh_until")?.saturating_sub(fetched_at));
        let metadata_until = number("metadata_until")?;
        let (published, etag) = (Arc::new(published), string("etag").map(Arc::from));
        self.0.state.rcu(|state| {
            if state.keys.is_some() && state.times.fetched_at >= fetched_at {
                return Arc::clone(state);
            }
            let mut next =
                State { keys: Some(Arc::clone(&published)), times, etag: Option::clone(&etag), ..State::clone(state) };
            if let Some(metadata) = &metadata {
                (next.metadata, next.metadata_until) = (Some(Arc::clone(metadata)), metadata_until);
                next.metadata_usable_until = metadata_until.saturating_add(self.0.outage_limit());
            }
            Arc::new(next)
        });
        Ok(())
    }
}

impl super::Inner {
    /// What a sealed state belongs to.
    fn binding(&self) -> String {
        let options = &self.options;
        let parts = [&options.issuer, &options.jwks_uri, &options.metadata_url];
        serde_json::Value::from_iter(parts.map(|part| part.as_deref())).to_string()
    }
}
