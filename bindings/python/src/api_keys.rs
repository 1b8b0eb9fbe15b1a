//! `ApiKeys`.

use authwright_core::api_key::{self, ApiKeysOptions, ImportOptions, IssueOptions, RotateOptions};
use authwright_core::operation::Operation;
use authwright_core::{Error, system_now_ms};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::{PyTraverseError, PyVisit};
use zeroize::Zeroizing;

use crate::api_key::{ApiKey, ApiKeyPage, IssuedKey};
use crate::argument::{self, Timeout};
use crate::error::{call, invalid, type_name};
use crate::json::{self, Purpose, Source};
use crate::options::with;
use crate::place::Place;

/// The seconds that a call may take, unless it says otherwise.
const TIMEOUT: u64 = 5;

/// How many keys a page has, unless the call says otherwise.
const LIMIT: usize = 100;

/// The API keys of one prefix and environment: issues them, checks them, rotates and revokes them.
///
/// `store` is where they are kept: a URL such as "sqlite:keys.db", a Store, or an object of the program's with the methods
/// of authwright.stores.HostStore, which may be called from several threads at once. `peppers` are the secrets that keys
/// are hashed with, newest first: a Key or bytes, or a list, the same in every process.
///
/// Options: prefix, environment (what every key begins with: "acme" and "live", say; both are required), last_used_every
/// (how coarse last_used_at is: seconds from 60 on, or a timedelta; 3600 by default), accept_imported (whether keys of
/// import_hash() are looked for), cache_seconds (for how long a key that was read serves other checks of this object: 0 to
/// 60, 0 by default; a revocation elsewhere is seen that much later). An unknown option is UnknownOptionError, and None is no
/// value.
///
/// Nothing is connected to yet. Make one and share it between threads. Every method may take `timeout`: seconds, or a
/// timedelta; 5 by default. A store that is made in Python keeps to a time of its own. The GIL is released while SQLite or
/// Redis is asked.
///
/// A store that fails says nothing about a key: answer 503. StoreUnavailableError, StoreUncertainError (a change may have been
/// made), StoreFullError, StoreConflictError, StoreCorruptError, StoreForeignError, StoreVersionError, StoreForkedError,
/// DeadlineError, ClosedError. Of a store that is made in Python, the __cause__ is what it raised.
///
/// Raises UnknownOptionError, InvalidArgumentError, KeyMismatchError, KeyTooWeakError.
#[pyclass(frozen, module = "authwright")]
pub(crate) struct ApiKeys {
    keys: api_key::ApiKeys,
    place: Place,
}

#[pymethods]
impl ApiKeys {
    #[new]
    #[pyo3(signature = (store, *, peppers, **options))]
    fn new(
        store: &Bound<'_, PyAny>,
        peppers: &Bound<'_, PyAny>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let peppers = argument::secrets(peppers, "peppers")?;
        let options = json::options(store.py(), options, ApiKeysOptions::from_json)?;
        let keys = call(store.py(), || api_key::ApiKeys::new(options, &peppers))?;
        Ok(Self { keys, place: Place::argument(store, "store")? })
    }

    /// Makes a key. Its secret is in the result and nowhere else: hand it out, and forget it.
    ///
    /// `owner` is whose it is. Options: scopes (what it may be used for, a str or a list), metadata (a dict of the
    /// program's own, as JSON has it), expires_in (seconds, or a timedelta; without it the key does not end).
    ///
    /// Raises UnknownOptionError, InvalidArgumentError, and what a store raises.
    #[pyo3(
        signature = (owner, *, timeout=Timeout::of_seconds(TIMEOUT), **options),
        text_signature = "($self, owner, *, timeout=5, **options)"
    )]
    fn issue(
        &self,
        py: Python<'_>,
        owner: &Bound<'_, PyAny>,
        timeout: Timeout,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Py<IssuedKey>> {
        let options = issue_options(py, owner, options)?;
        let issued =
            self.place.ask(py, |store| self.keys.at(store, system_now_ms(), timeout.duration()).issue(&options))?;
        IssuedKey::made(py, issued)
    }

    /// Whose key that is, if it is genuine and valid and has all these scopes.
    ///
    /// `presented` is what the client sent, as str or bytes. `scopes` is a str or a list. `now` is seconds since 1970 or an
    /// aware datetime; the system's clock by default.
    ///
    /// Raises ApiKeyInvalidError, the one answer to all that is no key: a 401. ApiKeyExpiredError, ApiKeyRevokedError: a 401,
    /// too. ApiKeyScopeError, whose field is the first scope that it lacks: a 403. InvalidArgumentError; and what a store
    /// raises: a 503.
    #[pyo3(
        signature = (presented, scopes=Scopes::default(), *, now=None, timeout=Timeout::of_seconds(TIMEOUT)),
        text_signature = "($self, presented, scopes=(), *, now=None, timeout=5)"
    )]
    fn verify(
        &self,
        py: Python<'_>,
        presented: &Bound<'_, PyAny>,
        scopes: Scopes,
        now: Option<&Bound<'_, PyAny>>,
        timeout: Timeout,
    ) -> PyResult<ApiKey> {
        let presented = argument::sent(presented, "presented")?;
        let Scopes(scopes) = scopes;
        let now = argument::now_ms(now)?;
        self.place
            .ask(py, |store| self.keys.at(store, now, timeout.duration()).verify(&presented, &scopes))
            .map(ApiKey::new)
    }

    /// What is known of the key with this id.
    ///
    /// Raises ApiKeyNotFoundError, and what a store raises.
    #[pyo3(signature = (id, timeout=Timeout::of_seconds(TIMEOUT)), text_signature = "($self, id, timeout=5)")]
    fn get(&self, py: Python<'_>, id: &Bound<'_, PyAny>, timeout: Timeout) -> PyResult<ApiKey> {
        let id = argument::text(id, "id")?;
        self.place.ask(py, |store| self.keys.at(store, system_now_ms(), timeout.duration()).get(id)).map(ApiKey::new)
    }

    /// Some of an owner's keys, `limit` at most (1 to 1000), revoked and expired ones of the last 30 days among them, and
    /// revoked ones that were imported.
    ///
    /// `after` is another page's `next`: who follows it to the end, None, has seen all.
    ///
    /// Raises InvalidArgumentError, and what a store raises.
    #[pyo3(
        signature = (owner, *, after=None, limit=Limit::default(), timeout=Timeout::of_seconds(TIMEOUT)),
        text_signature = "($self, owner, *, after=None, limit=100, timeout=5)"
    )]
    fn list(
        &self,
        py: Python<'_>,
        owner: &Bound<'_, PyAny>,
        after: Option<&Bound<'_, PyAny>>,
        limit: Limit,
        timeout: Timeout,
    ) -> PyResult<ApiKeyPage> {
        let (owner, after) = (argument::text(owner, "owner")?, argument::optional_text(after, "after")?);
        let Limit(limit) = limit;
        let page = self
            .place
            .ask(py, |store| self.keys.at(store, system_now_ms(), timeout.duration()).list(owner, after, limit))?;
        ApiKeyPage::new(py, page)
    }

    /// Gives a key another secret; the id stays.
    ///
    /// Options: overlap (for how long the secret before it is good still: seconds, or a timedelta; 0 by default, it ends at
    /// once), expires_in (when the key ends from now on; when it did before, by default).
    ///
    /// Raises ApiKeyNotFoundError, ApiKeyRevokedError, ApiKeyExpiredError, UnknownOptionError, InvalidArgumentError (an
    /// imported key, among others), and what a store raises.
    #[pyo3(
        signature = (id, *, timeout=Timeout::of_seconds(TIMEOUT), **options),
        text_signature = "($self, id, *, timeout=5, **options)"
    )]
    fn rotate(
        &self,
        py: Python<'_>,
        id: &Bound<'_, PyAny>,
        timeout: Timeout,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Py<IssuedKey>> {
        let (id, options) = (argument::text(id, "id")?, rotate_options(py, options)?);
        let rotated = self
            .place
            .ask(py, |store| self.keys.at(store, system_now_ms(), timeout.duration()).rotate(id, &options))?;
        IssuedKey::made(py, rotated)
    }

    /// Ends a key, for good. That it was revoked before is no error.
    ///
    /// Raises ApiKeyNotFoundError, and what a store raises.
    #[pyo3(signature = (id, timeout=Timeout::of_seconds(TIMEOUT)), text_signature = "($self, id, timeout=5)")]
    fn revoke(&self, py: Python<'_>, id: &Bound<'_, PyAny>, timeout: Timeout) -> PyResult<ApiKey> {
        let id = argument::text(id, "id")?;
        self.place.ask(py, |store| self.keys.at(store, system_now_ms(), timeout.duration()).revoke(id)).map(ApiKey::new)
    }

    /// Ends all keys that the owner has when it begins; how many were good until then. If it fails half-way, some are
    /// revoked: call it again.
    ///
    /// Raises InvalidArgumentError, and what a store raises.
    #[pyo3(signature = (owner, timeout=Timeout::of_seconds(TIMEOUT)), text_signature = "($self, owner, timeout=5)")]
    fn revoke_all(&self, py: Python<'_>, owner: &Bound<'_, PyAny>, timeout: Timeout) -> PyResult<usize> {
        let owner = argument::text(owner, "owner")?;
        self.place.ask(py, |store| self.keys.at(store, system_now_ms(), timeout.duration()).revoke_all(owner))
    }

    /// Takes in a key of another system by the SHA-256 of the whole key, in hexadecimal. It is found if accept_imported is set.
    ///
    /// The key must be one that nobody can guess, of 128 random bits or more. `owner` and the options are those of issue().
    ///
    /// Raises what issue() raises; InvalidArgumentError, too, if it is there already.
    #[pyo3(
        signature = (sha256, owner, *, timeout=Timeout::of_seconds(TIMEOUT), **options),
        text_signature = "($self, sha256, owner, *, timeout=5, **options)"
    )]
    fn import_hash(
        &self,
        py: Python<'_>,
        sha256: &Bound<'_, PyAny>,
        owner: &Bound<'_, PyAny>,
        timeout: Timeout,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<ApiKey> {
        let options = import_options(py, sha256, owner, options)?;
        self.place
            .ask(py, |store| self.keys.at(store, system_now_ms(), timeout.duration()).import_hash(&options))
            .map(ApiKey::new)
    }

    /// Whether that is written as a key, its checksum included. It asks no store, and says nothing about whether it was issued.
    #[pyo3(signature = (text, /))]
    fn is_well_formed(&self, py: Python<'_>, text: &Bound<'_, PyAny>) -> PyResult<bool> {
        let text = argument::sent(text, "text")?;
        call(py, || Ok(self.keys.format().id(&text).is_some()))
    }

    /// A regular expression for scanners of source code and logs, without anchors.
    #[getter]
    fn pattern(&self) -> String {
        self.keys.format().pattern()
    }

    /// Closes the store, if it was given as a URL. Another one is its owner's to close.
    fn close(&self, py: Python<'_>) {
        self.place.close(py);
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyAny>) {
        self.close(py);
    }

    fn __repr__(&self) -> String {
        let pattern = self.pattern();
        format!("<authwright.ApiKeys {}>", pattern.split('[').next().unwrap_or_default())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // A cycle is taken apart at the store's own members.
        self.place.traverse(&visit)
    }
}

/// The scopes that a check asks for: none if they are left out. None is refused: a variable that was not set must not ask
/// for less.
#[derive(Default)]
struct Scopes(Vec<String>);

impl<'py> FromPyObject<'_, 'py> for Scopes {
    type Error = PyErr;

    fn extract(scopes: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        argument::texts(&scopes, "scopes").map(Self)
    }
}

/// How many keys a page has at most. None is refused where it is passed.
pub(crate) struct Limit(usize);

impl Default for Limit {
    fn default() -> Self {
        Self(LIMIT)
    }
}

impl<'py> FromPyObject<'_, 'py> for Limit {
    type Error = PyErr;

    fn extract(limit: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        // What is too large for the core stays so.
        argument::whole(&limit, "limit").map(|limit| Self(usize::try_from(limit).unwrap_or(usize::MAX)))
    }
}

/// The operations, for a driver who asks the store.
impl ApiKeys {
    pub(crate) fn issuing(
        &self,
        py: Python<'_>,
        owner: &Bound<'_, PyAny>,
        timeout: Timeout,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Operation<api_key::IssuedKey>> {
        Ok(self.keys.issue(issue_options(py, owner, options)?, timeout.after(system_now_ms())))
    }

    /// And how many milliseconds the caller's clock is ahead of the system's.
    pub(crate) fn verifying(
        &self,
        presented: &Bound<'_, PyAny>,
        scopes: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
        timeout: Timeout,
    ) -> PyResult<(Operation<api_key::ApiKey>, i64)> {
        let presented = argument::sent(presented, "presented")?;
        let scopes = argument::texts(scopes, "scopes")?;
        let (now, system) = (argument::now_ms(now)?, system_now_ms());
        let deadline = timeout.after(now);
        let ahead = i64::try_from(now).unwrap_or(i64::MAX).saturating_sub_unsigned(system);
        Ok((self.keys.verify(presented.as_str().to_owned(), scopes, deadline), if now == system { 0 } else { ahead }))
    }

    pub(crate) fn getting(&self, id: &Bound<'_, PyAny>, timeout: Timeout) -> PyResult<Operation<api_key::ApiKey>> {
        Ok(self.keys.get(argument::text(id, "id")?.to_owned(), timeout.after(system_now_ms())))
    }

    pub(crate) fn listing(
        &self,
        owner: &Bound<'_, PyAny>,
        after: Option<&Bound<'_, PyAny>>,
        limit: Limit,
        timeout: Timeout,
    ) -> PyResult<Operation<api_key::ApiKeyPage>> {
        let owner = argument::text(owner, "owner")?.to_owned();
        let after = argument::optional_text(after, "after")?.map(str::to_owned);
        Ok(self.keys.list(owner, after, limit.0, timeout.after(system_now_ms())))
    }

    pub(crate) fn rotating(
        &self,
        py: Python<'_>,
        id: &Bound<'_, PyAny>,
        timeout: Timeout,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Operation<api_key::IssuedKey>> {
        let id = argument::text(id, "id")?.to_owned();
        Ok(self.keys.rotate(id, rotate_options(py, options)?, timeout.after(system_now_ms())))
    }

    pub(crate) fn revoking(&self, id: &Bound<'_, PyAny>, timeout: Timeout) -> PyResult<Operation<api_key::ApiKey>> {
        Ok(self.keys.revoke(argument::text(id, "id")?.to_owned(), timeout.after(system_now_ms())))
    }

    pub(crate) fn revoking_all(&self, owner: &Bound<'_, PyAny>, timeout: Timeout) -> PyResult<Operation<usize>> {
        Ok(self.keys.revoke_all(argument::text(owner, "owner")?.to_owned(), timeout.after(system_now_ms())))
    }

    pub(crate) fn importing(
        &self,
        py: Python<'_>,
        sha256: &Bound<'_, PyAny>,
        owner: &Bound<'_, PyAny>,
        timeout: Timeout,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Operation<api_key::ApiKey>> {
        Ok(self.keys.import_hash(import_options(py, sha256, owner, options)?, timeout.after(system_now_ms())))
    }
}

/// How the store of these keys is asked: "memory", "blocking" or "host".
#[pyfunction]
#[pyo3(signature = (keys, /))]
pub(crate) fn store_kind(keys: &Bound<'_, ApiKeys>) -> &'static str {
    keys.get().place.kind()
}

fn rotate_options(py: Python<'_>, options: Option<&Bound<'_, PyDict>>) -> PyResult<RotateOptions> {
    json::options(py, options, RotateOptions::from_json)
}

fn issue_options(
    py: Python<'_>,
    owner: &Bound<'_, PyAny>,
    options: Option<&Bound<'_, PyDict>>,
) -> PyResult<IssueOptions> {
    described(py, owner, options, IssueOptions::from_json)
}

fn import_options(
    py: Python<'_>,
    sha256: &Bound<'_, PyAny>,
    owner: &Bound<'_, PyAny>,
    options: Option<&Bound<'_, PyDict>>,
) -> PyResult<ImportOptions> {
    if argument::is_bytes(sha256) {
        let message = format!("sha256 is {}: pass its hexadecimal digits, as of hexdigest()", type_name(sha256));
        return Err(invalid(py, "sha256", message));
    }
    let sha256 = serde_json::Value::from(argument::text(sha256, "sha256")?).to_string();
    described(py, owner, options, |rest| ImportOptions::from_json(&beside("sha256", &sha256, rest)?))
}

/// What the core reads from the document of a key. Its metadata is data rather than options: a timedelta has no form in
/// it.
fn described<T>(
    py: Python<'_>,
    owner: &Bound<'_, PyAny>,
    options: Option<&Bound<'_, PyDict>>,
    read: impl Fn(&str) -> authwright_core::Result<T>,
) -> PyResult<T> {
    let options = with(py, options, "owner", Some(owner))?;
    let Some(metadata) = options.get_item("metadata")? else { return json::options(py, Some(&options), read) };
    options.del_item("metadata")?;
    if metadata.is_none() {
        return Err(invalid(py, "metadata", "metadata is None: leave it out, or pass a dict".to_owned()));
    }
    let metadata = Source::new(&metadata, "metadata", Purpose::Data)?.text()?;
    json::options(py, Some(&options), |rest| read(&beside("metadata", &metadata, rest)?))
}

/// A document, which has some members, with one more, whose value is JSON text.
fn beside(name: &str, value: &str, document: &str) -> authwright_core::Result<Zeroizing<String>> {
    match document.strip_prefix('{') {
        Some(rest) => Ok(Zeroizing::new(format!("{{\"{name}\":{value},{rest}"))),
        None => Err(Error::internal("an options document is no object")),
    }
}
