//! What is known of a key.

use std::fmt;

use crate::encoding::json::{Document, Parsed};
use crate::encoding::json_write::member;

/// A key without its secret: what a check returns, and a listing.
///
/// Times are in whole seconds since 1970.
#[derive(Clone)]
pub struct ApiKey {
    pub(super) id: String,
    pub(super) owner: String,
    pub(super) scopes: Vec<String>,
    pub(super) metadata: Parsed,
    pub(super) created_at: i64,
    pub(super) expires_at: Option<i64>,
    pub(super) revoked_at: Option<i64>,
    pub(super) rotated_at: Option<i64>,
    pub(super) last_used_at: Option<i64>,
    pub(super) last4: Option<String>,
}

/// A part of an owner's keys.
#[derive(Clone, Debug)]
pub struct ApiKeyPage {
    /// At most as many as were asked for. It may be fewer, none even, and not the end.
    pub keys: Vec<ApiKey>,
    /// Where the next page begins; none after the last.
    pub next: Option<String>,
}

impl ApiKey {
    /// What it is named by: no secret, and good for a log.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whom it was issued to.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// What it may be used for.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// What the program wrote beside it.
    #[must_use]
    pub fn metadata(&self) -> Document<'_> {
        self.metadata.document()
    }

    /// When it was issued.
    #[must_use]
    pub fn created_at(&self) -> i64 {
        self.created_at
    }

    /// When it ends; none if it does not.
    #[must_use]
    pub fn expires_at(&self) -> Option<i64> {
        self.expires_at
    }

    /// When it was revoked.
    #[must_use]
    pub fn revoked_at(&self) -> Option<i64> {
        self.revoked_at
    }

    /// When it last got another secret.
    #[must_use]
    pub fn rotated_at(&self) -> Option<i64> {
        self.rotated_at
    }

    /// When it was used, coarsely: see the option `last_used_every`.
    #[must_use]
    pub fn last_used_at(&self) -> Option<i64> {
        self.last_used_at
    }

    /// The last four characters of the key, by which its owner knows it; none for an imported one.
    #[must_use]
    pub fn last4(&self) -> Option<&str> {
        self.last4.as_deref()
    }

    /// A JSON object of all this; what is not there is left out.
    #[must_use]
    pub fn to_json(&self) -> String {
        format!("{{{}}}", self.members().join(","))
    }

    pub(super) fn members(&self) -> Vec<String> {
        let text = |text: &str| serde_json::Value::from(text).to_string();
        let time = |time: Option<i64>| time.map(|time| time.to_string());
        [
            ("id", Some(text(&self.id))),
            ("owner", Some(text(&self.owner))),
            ("scopes", Some(serde_json::Value::from(self.scopes.as_slice()).to_string())),
            ("metadata", Some(self.metadata.document().text().to_owned())),
            ("created_at", Some(self.created_at.to_string())),
            ("expires_at", time(self.expires_at)),
            ("revoked_at", time(self.revoked_at)),
            ("rotated_at", time(self.rotated_at)),
            ("last_used_at", time(self.last_used_at)),
            ("last4", self.last4.as_deref().map(text)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some(member(name, &value?)))
        .collect()
    }
}

impl ApiKeyPage {
    /// A JSON object: `keys`, a list of [`ApiKey::to_json`], and `next`, if there is more.
    #[must_use]
    pub fn to_json(&self) -> String {
        let keys: Vec<String> = self.keys.iter().map(ApiKey::to_json).collect();
        let next = self.next.as_deref().map(|next| member("next", &serde_json::Value::from(next).to_string()));
        let members: Vec<String> =
            std::iter::once(member("keys", &format!("[{}]", keys.join(",")))).chain(next).collect();
        format!("{{{}}}", members.join(","))
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_json())
    }
}
