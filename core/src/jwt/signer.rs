//! A key and what every token of it has in common, and the signing of claims, in one step or in two.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::claims_writer::{Claim, ClaimsWriter};
use crate::algorithm::Algorithm;
use crate::crypto;
use crate::encoding::base64url;
use crate::encoding::json::{Parsed, Value};
use crate::error::{Code, Error, Result};
use crate::jwk::Key;
pub use crate::jws::signing::SignatureFormat;
use crate::jws::signing::{HeaderWriter, JwsSigner, text};
use crate::options::{self, MAX_SECONDS};

const MEMBERS: &[&str] = &[
    "algorithm",
    "issuer",
    "audience",
    "subject",
    "lifetime",
    "typ",
    "headers",
    "jwt_id",
    "dangerous_no_expiration",
    "dangerous_weak_keys",
];

/// What every token of a signer has in common.
#[derive(Clone, Default)]
pub struct SignerOptions {
    algorithm: Option<Algorithm>,
    issuer: Option<String>,
    audience: Option<Audience>,
    subject: Option<String>,
    lifetime: Option<Duration>,
    typ: Option<String>,
    headers: Option<Parsed>,
    jwt_id: bool,
    no_expiration: bool,
    weak_keys: bool,
}

/// One name is written as a string, several as a list (RFC 7519 section 4.1.3).
#[derive(Clone)]
enum Audience {
    One(String),
    List(Vec<String>),
}

impl SignerOptions {
    /// No options: the claims must bring an `exp` themselves.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the document: `algorithm`, `issuer`, `audience` (a string or a list), `subject`, `lifetime` (seconds), `typ`
    /// (`JWT` unless set), `headers` (further header parameters), `jwt_id` (true: a random `jti`),
    /// `dangerous_no_expiration`, `dangerous_weak_keys`.
    ///
    /// # Errors
    /// `ERR_UNKNOWN_OPTION` for a member that is not known, `ERR_UNSUPPORTED_ALGORITHM`, `ERR_INVALID_ARGUMENT` for the
    /// rest; the field names the member.
    pub fn from_json(json: &str) -> Result<Self> {
        let parsed = options::parse(json, "signer")?;
        let mut signer = Self::default();
        options::each(parsed.document(), |name, value| signer.set(name, value))?;
        signer.check()?;
        Ok(signer)
    }

    /// The algorithm, where the key would allow several.
    #[must_use]
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = Some(algorithm);
        self
    }

    /// The `iss` of every token.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// The `aud` of every token.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(Audience::One(audience.into()));
        self
    }

    /// How long a token is good for: its `exp` is that much after `now`. Fractions of a second are cut off.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    /// The `typ` of the header, instead of `JWT`.
    #[must_use]
    pub fn typ(mut self, typ: impl Into<String>) -> Self {
        self.typ = Some(typ.into());
        self
    }

    /// The `sub` of every token.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Gives every token a random `jti` of 128 bits.
    #[must_use]
    pub fn jwt_id(mut self) -> Self {
        self.jwt_id = true;
        self
    }

    /// What both ways of setting options must not let through: a lifetime that rounds to nothing or overflows, a name that
    /// is empty because a variable was not set.
    fn check(&self) -> Result<()> {
        if self.lifetime.is_some_and(|lifetime| !(1..MAX_SECONDS as u64).contains(&lifetime.as_secs())) {
            return Err(Error::invalid_argument("lifetime", "lifetime must be from 1 second up to 2^53"));
        }
        let audience = match &self.audience {
            Some(Audience::One(name)) => Some(name),
            _ => None,
        };
        let texts = [("issuer", &self.issuer), ("subject", &self.subject), ("typ", &self.typ)]
            .map(|(name, text)| (name, text.as_ref()));
        match texts.into_iter().chain([("audience", audience)]).find(|(_, text)| text.is_some_and(String::is_empty)) {
            Some((name, _)) => Err(Error::invalid_argument(name, format!("{name} must not be empty"))),
            None => Ok(()),
        }
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Result<()> {
        match name {
            "algorithm" => {
                let parsed = options::string(name, value)?.parse();
                self.algorithm = Some(parsed.map_err(|error: Error| error.at("algorithm"))?);
            }
            "issuer" => self.issuer = Some(options::string(name, value)?),
            "audience" => {
                self.audience = Some(match value {
                    Value::Array(_) => Audience::List(options::strings(name, value)?),
                    _ => match options::strings(name, value)?.pop() {
                        Some(one) => Audience::One(one),
                        None => return Err(options::wrong(name, "a string or a list of strings", value)),
                    },
                });
            }
            "subject" => self.subject = Some(options::string(name, value)?),
            "lifetime" => self.lifetime = Some(options::seconds(name, value)?),
            "typ" => self.typ = Some(options::string(name, value)?),
            "headers" => self.headers = Some(options::object(name, value)?),
            "jwt_id" => self.jwt_id = options::flag(name, value)?,
            "dangerous_no_expiration" => self.no_expiration = options::flag(name, value)?,
            "dangerous_weak_keys" => self.weak_keys = options::flag(name, value)?,
            _ => return Err(options::unknown(name, MEMBERS, "the signer")),
        }
        Ok(())
    }
}

impl fmt::Debug for SignerOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SignerOptions")
            .field("algorithm", &self.algorithm)
            .field("issuer", &self.issuer)
            .field("subject", &self.subject)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

/// Signs claims. Built once; immutable, and used from any number of threads at once without a lock.
pub struct Signer {
    jws: JwsSigner,
    /// The claims that every token gets, as JSON.
    constant: Vec<(Claim, Vec<u8>)>,
    lifetime: Option<i64>,
    jwt_id: bool,
    no_expiration: bool,
}

impl Signer {
    /// Prepares the key.
    ///
    /// A public key will do where the signature is made elsewhere: see [`Signer::prepare`].
    ///
    /// # Errors
    /// `ERR_KEY_MISMATCH` when the key does not do the algorithm or may not sign, `ERR_KEY_TOO_WEAK`,
    /// `ERR_INVALID_ARGUMENT` for headers that the signer sets itself.
    pub fn new(key: &Key, options: SignerOptions) -> Result<Self> {
        options.check()?;
        let mut header = HeaderWriter::new();
        header.typ(options.typ.as_deref().unwrap_or("JWT"));
        if let Some(headers) = &options.headers {
            header.others(headers.document(), &["typ"])?;
        }
        let jws = JwsSigner::new(key, options.algorithm, header, options.weak_keys)?;
        let mut constant = Vec::new();
        let mut add = |claim, value: serde_json::Value| constant.push((claim, value.to_string().into_bytes()));
        if let Some(issuer) = options.issuer {
            add(Claim::Iss, issuer.into());
        }
        if let Some(subject) = options.subject {
            add(Claim::Sub, subject.into());
        }
        match options.audience {
            Some(Audience::One(name)) => add(Claim::Aud, name.into()),
            Some(Audience::List(names)) => add(Claim::Aud, names.into()),
            None => {}
        }
        Ok(Self {
            jws,
            constant,
            lifetime: options.lifetime.and_then(|lifetime| i64::try_from(lifetime.as_secs()).ok()),
            jwt_id: options.jwt_id,
            no_expiration: options.no_expiration,
        })
    }

    /// The algorithm that it signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.jws.algorithm()
    }

    /// Signs claims of any type that serde serialises to an object, at `now` in whole seconds since 1970.
    ///
    /// # Errors
    /// `ERR_KEY_NOT_PRIVATE`; `ERR_CLAIM_MISMATCH` for a claim that contradicts an option; `ERR_CLAIM_MISSING` (exp) when
    /// there is neither `lifetime` nor `exp`; `ERR_CLAIM_TYPE` for a registered claim of a wrong type;
    /// `ERR_INVALID_ARGUMENT` for claims that are not a strict JSON object.
    pub fn sign<C: Serialize + ?Sized>(&self, claims: &C, now: i64) -> Result<String> {
        let mut writer = ClaimsWriter::new();
        writer.serialize(claims)?;
        text(self.jws.sign(self.complete(&mut writer, now)?)?)
    }

    /// The same token written where its reader wants it: `place` makes room for so many bytes, all of which become ASCII.
    ///
    /// # Errors
    /// As [`Signer::sign`], and those of `place`; `ERR_INTERNAL` if it makes room for another number of bytes.
    pub fn sign_into<C, P>(&self, claims: &C, now: i64, place: impl FnOnce(usize) -> Result<P>) -> Result<P>
    where
        C: Serialize + ?Sized,
        P: AsMut<[u8]>,
    {
        let mut writer = ClaimsWriter::new();
        writer.serialize(claims)?;
        self.jws.sign_into(self.complete(&mut writer, now)?, place)
    }

    /// The same as [`Signer::sign`], for claims that are JSON text already.
    ///
    /// # Errors
    /// As [`Signer::sign`].
    pub fn sign_json(&self, claims: &str, now: i64) -> Result<String> {
        text(self.sign_json_bytes(claims, now)?)
    }

    /// The same token as bytes, all of them ASCII: for who copies it on anyway, and need not have it checked to be UTF-8.
    ///
    /// # Errors
    /// As [`Signer::sign`].
    pub fn sign_json_bytes(&self, claims: &str, now: i64) -> Result<Vec<u8>> {
        let mut writer = ClaimsWriter::new();
        writer.parse(claims)?;
        self.jws.sign(self.complete(&mut writer, now)?)
    }

    /// The first of two steps, for a key that a KMS or HSM holds: what is to be signed there.
    ///
    /// # Errors
    /// As [`Signer::sign`], without `ERR_KEY_NOT_PRIVATE`.
    pub fn prepare<C: Serialize + ?Sized>(&self, claims: &C, now: i64) -> Result<Prepared> {
        let mut writer = ClaimsWriter::new();
        writer.serialize(claims)?;
        self.prepared(&mut writer, now)
    }

    /// The same, for claims that are JSON text already.
    ///
    /// # Errors
    /// As [`Signer::prepare`].
    pub fn prepare_json(&self, claims: &str, now: i64) -> Result<Prepared> {
        let mut writer = ClaimsWriter::new();
        writer.parse(claims)?;
        self.prepared(&mut writer, now)
    }

    /// The second step: checks the signature with the signer's key, and only then returns the token.
    ///
    /// # Errors
    /// `ERR_SIGNATURE_INVALID` when it does not fit; `ERR_INVALID_ARGUMENT` for a DER signature that is malformed or of an
    /// algorithm other than ECDSA, or for a `prepared` of another algorithm.
    pub fn finish(&self, prepared: &Prepared, signature: &[u8], format: SignatureFormat) -> Result<String> {
        if prepared.algorithm != self.algorithm() {
            return Err(Error::invalid_argument("prepared", "prepared by a signer of another algorithm"));
        }
        self.jws.finish(&prepared.signing_input, signature, format)
    }

    fn prepared(&self, claims: &mut ClaimsWriter, now: i64) -> Result<Prepared> {
        let payload = self.complete(claims, now)?;
        Ok(Prepared { signing_input: self.jws.signing_input(payload), algorithm: self.algorithm() })
    }

    /// The claims with what the options add, or the first thing that is wrong with them.
    fn complete<'a>(&self, claims: &'a mut ClaimsWriter, now: i64) -> Result<&'a [u8]> {
        if !(0..MAX_SECONDS).contains(&now) {
            return Err(Error::invalid_argument("now", "now must be whole seconds since 1970, from 0 up to 2^53"));
        }
        check_types(claims)?;
        for (claim, value) in &self.constant {
            match claims.get(*claim) {
                None => claims.add(*claim, value),
                Some(given) if is_same(given, value) => {}
                Some(_) => return Err(contradiction(*claim)),
            }
        }
        let mut digits = itoa::Buffer::new();
        if claims.get(Claim::Iat).is_none() {
            claims.add(Claim::Iat, digits.format(now).as_bytes());
        }
        match (self.lifetime, claims.get(Claim::Exp)) {
            (Some(lifetime), given) => {
                let exp = now.checked_add(lifetime).filter(|exp| *exp < MAX_SECONDS).ok_or_else(|| {
                    Error::invalid_argument("lifetime", "now and lifetime add up to a date beyond 2^53")
                })?;
                let exp = digits.format(exp).as_bytes();
                match given {
                    None => claims.add(Claim::Exp, exp),
                    Some(given) if is_same(given, exp) => {}
                    Some(_) => return Err(contradiction(Claim::Exp)),
                }
            }
            (None, None) if !self.no_expiration => {
                let message = "a token needs an expiry: give the signer a lifetime, or the claims an exp";
                return Err(Error::new(Code::ClaimMissing, message).at("exp"));
            }
            _ => {}
        }
        if self.jwt_id && claims.get(Claim::Jti).is_none() {
            let mut random = [0; 16];
            crypto::random(&mut random)?;
            claims.add(Claim::Jti, format!("\"{}\"", base64url::encode(&random)).as_bytes());
        }
        Ok(claims.finish())
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Signer").field("algorithm", &self.algorithm()).finish_non_exhaustive()
    }
}

/// A token that lacks its signature.
#[derive(Clone)]
pub struct Prepared {
    signing_input: Vec<u8>,
    algorithm: Algorithm,
}

impl Prepared {
    /// The bytes to sign: `header.payload`. A KMS that wants a digest gets the hash that the algorithm names, of these bytes.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        &self.signing_input
    }

    /// The algorithm to sign them with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Prepared").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// A token whose registered claims have wrong types would be refused by every verifier: better here than there.
fn check_types(claims: &ClaimsWriter) -> Result<()> {
    let wrong = |claim: Claim, expected: &str| {
        let name = claim.name();
        Error::new(Code::ClaimType, format!("the claim {name} must be {expected}")).at(name)
    };
    for claim in [Claim::Iss, Claim::Sub, Claim::Jti] {
        if claims.get(claim).is_some_and(|json| !json.starts_with(b"\"")) {
            return Err(wrong(claim, "a string"));
        }
    }
    for claim in [Claim::Exp, Claim::Nbf, Claim::Iat] {
        // JSON has no other literal that parses as a double.
        let is_date = |json: &[u8]| {
            json.len() < 16 && json.iter().all(u8::is_ascii_digit)
                || std::str::from_utf8(json)
                    .is_ok_and(|json| json.parse().is_ok_and(|seconds| (0.0..MAX_SECONDS as f64).contains(&seconds)))
        };
        if claims.get(claim).is_some_and(|json| !is_date(json)) {
            return Err(wrong(claim, "a number of seconds from 0 up to 2^53"));
        }
    }
    if let Some(json) = claims.get(Claim::Aud)
        && !json.starts_with(b"\"")
        && !serde_json::from_slice::<Vec<String>>(json).is_ok_and(|names| !names.is_empty())
    {
        return Err(wrong(Claim::Aud, "a string or a list of strings"));
    }
    Ok(())
}

/// Whether two JSON texts mean the same.
fn is_same(given: &[u8], option: &[u8]) -> bool {
    if given == option {
        return true;
    }
    let (given, option) = (String::from_utf8_lossy(given), String::from_utf8_lossy(option));
    Parsed::new(format!("{{\"given\":{given},\"option\":{option}}}"))
        .is_ok_and(|both| both.document().get("given") == both.document().get("option"))
}

#[cold]
fn contradiction(claim: Claim) -> Error {
    let name = claim.name();
    Error::new(Code::ClaimMismatch, format!("the claim {name} contradicts what the signer's options say")).at(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwk::KeyOptions;

    fn refused(options: SignerOptions) -> String {
        let key = Key::from_secret(&[7; 32], &KeyOptions::default()).unwrap();
        let error = Signer::new(&key, options).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument, "{error:?}");
        error.field().unwrap().to_owned()
    }

    #[test]
    fn options_are_as_strict_from_rust_as_from_a_document() {
        for lifetime in [Duration::MAX, Duration::from_millis(900), Duration::ZERO] {
            assert_eq!(refused(SignerOptions::new().lifetime(lifetime)), "lifetime");
        }
        assert_eq!(refused(SignerOptions::new().issuer("")), "issuer");
        assert_eq!(refused(SignerOptions::new().audience("")), "audience");
        assert_eq!(refused(SignerOptions::new().subject("")), "subject");
        assert_eq!(refused(SignerOptions::new().typ("")), "typ");
    }

    #[test]
    fn a_token_is_the_same_wherever_it_is_written() {
        let secret = Key::from_secret(&[7; 64], &KeyOptions::default()).unwrap();
        let mut keys: Vec<(Key, Algorithm)> =
            [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512].map(|one| (secret.clone(), one)).into();
        for algorithm in [Algorithm::EdDSA, Algorithm::Ed25519, Algorithm::ES256, Algorithm::ES384] {
            keys.push((Key::generate(algorithm, None, None).unwrap(), algorithm));
        }
        // From a file: ring makes no RSA keys.
        let rsa = include_bytes!("../../tests/keys/rsa-2048-private.pem");
        keys.push((Key::from_pem(rsa, &KeyOptions::default()).unwrap(), Algorithm::RS256));
        for (key, algorithm) in keys {
            let options = SignerOptions::new().algorithm(algorithm).lifetime(Duration::from_secs(60));
            let signer = Signer::new(&key, options).unwrap();
            let claims = serde_json::json!({"sub": "alice"});
            let token = signer.sign_into(&claims, 5, |length| Ok(vec![0; length])).unwrap();
            let whole = signer.sign(&claims, 5).unwrap();
            assert_eq!(token.len(), whole.len(), "{algorithm}");
            let (input, signature) = token.split_at(whole.rfind('.').unwrap());
            assert!(whole.as_bytes().starts_with(input), "{algorithm}");
            // Of ECDSA each signature is another.
            let prepared = signer.prepare(&claims, 5).unwrap();
            let signature = base64url::decode(&signature[1..]).unwrap();
            signer.finish(&prepared, &signature, SignatureFormat::Raw).unwrap();
            for wrong in [0, 1, token.len() - 1, token.len() + 1] {
                let error = signer.sign_into(&claims, 5, |_| Ok(vec![0; wrong])).unwrap_err();
                assert_eq!(error.code(), Code::Internal, "{algorithm} {wrong}");
            }
        }
    }

    #[test]
    fn a_prepared_token_is_finished_by_its_own_signer() {
        let signer = |kid| {
            let options = KeyOptions { kid: Some(kid), ..Default::default() };
            let key = Key::from_secret(&[7; 32], &options).unwrap();
            Signer::new(&key, SignerOptions::new().lifetime(Duration::from_secs(60))).unwrap()
        };
        let (one, other) = (signer("one"), signer("other"));
        let prepared = one.prepare_json("{}", 1_700_000_000).unwrap();
        let token = one.sign_json("{}", 1_700_000_000).unwrap();
        let signature = base64url::decode(token.rsplit('.').next().unwrap().as_bytes()).unwrap();
        assert!(one.finish(&prepared, &signature, SignatureFormat::Raw).is_ok());
        let error = other.finish(&prepared, &signature, SignatureFormat::Raw).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("prepared")));
    }
}
