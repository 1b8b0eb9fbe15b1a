//! JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037): reading and writing.

use std::borrow::Cow;

use zeroize::Zeroizing;

use super::key::{Key, Parts};
use super::material::{EcPublic, Material, RsaPrivate, RsaPublic};
use super::{pem, secret};
use crate::algorithm::{Algorithm, Curve};
use crate::encoding::base64url;
use crate::encoding::json::{Document, Object, Value, scan};
use crate::error::{Code, Error, Excerpt, Result};

/// A JWK, and a JWK Set, is a few kilobytes: this bounds the work that a bad one makes.
pub(super) const MOST_BYTES: usize = 1 << 20;

/// The members that hold private parts, of whatever type of key. One that does not belong to the key's type is refused
/// rather than kept as unknown: it would be exported with the public parts.
const PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// Reads one JWK.
pub(super) fn read(json: &str) -> Result<Key> {
    with_object(json, "JWK", |object| {
        if object.get("kty").is_none() && object.get("keys").is_some() {
            return Err(Error::new(Code::KeyFormat, "this is a JWK Set: load it with KeySet.from_json"));
        }
        read_object(object)
    })
}

/// Checks the text strictly, and passes on the object that it is.
pub(super) fn with_object<T>(json: &str, what: &str, read: impl FnOnce(Object<'_>) -> Result<T>) -> Result<T> {
    let refused = |message: String| Error::new(Code::KeyFormat, message);
    if json.len() > MOST_BYTES {
        return Err(refused(format!("the {what} is over 1 MiB long")));
    }
    let mut tape = Vec::new();
    if let Err(fault) = scan(json, &mut tape) {
        if pem::is_armoured(json.as_bytes()) && !pem::without_mark(json.as_bytes()).starts_with(b"{") {
            return Err(refused("this is PEM: load it with from_pem".to_owned()));
        }
        return Err(refused(format!("the {what} is not one strict JSON object: {fault}")));
    }
    read(Document::new(json, &tape).root())
}

/// Reads the JWK that an object is.
pub(super) fn read_object(object: Object<'_>) -> Result<Key> {
    let kty = text(object, "kty")?.ok_or_else(|| missing("kty"))?;
    let (material, own): (_, &[&str]) = match &*kty {
        "oct" => (secret::read(required(object, "k")?).map_err(|error| error.at("k"))?, &["k"]),
        "RSA" => (read_rsa(object)?, &["n", "e", "d", "p", "q", "dp", "dq", "qi"]),
        "EC" => (read_ec(object)?, &["crv", "x", "y", "d"]),
        "OKP" => (read_okp(object)?, &["crv", "x", "d"]),
        other => {
            return Err(Error::new(
                Code::UnsupportedAlgorithm,
                format!("keys of type {} are not supported: authwright knows RSA, EC, OKP and oct", Excerpt(other)),
            )
            .at("kty"));
        }
    };
    if let Some(name) = PRIVATE.iter().find(|name| !own.contains(name) && object.get(name).is_some()) {
        return Err(Error::new(Code::KeyFormat, format!("a key of type {kty} has no member {name:?}")).at(*name));
    }
    let algorithm = text(object, "alg")?.map(|name| name.parse::<Algorithm>()).transpose()?;
    let common = ["kty", "alg", "kid", "use", "key_ops"];
    let extra = object
        .map(|(name, value)| (name.to_str(), value))
        .filter(|(name, _)| !common.contains(&&**name) && !own.contains(&&**name))
        .map(|(name, value)| (name.into_owned(), value.json().into_owned()))
        .collect();
    Key::assemble(Parts {
        kid: text(object, "kid")?.map(Cow::into_owned),
        usage: text(object, "use")?.map(Cow::into_owned),
        operations: operations(object)?,
        extra,
        algorithm,
        ..Parts::new(material)
    })
}

/// Writes a key with all that it has.
pub(super) fn write(parts: &Parts) -> Result<Zeroizing<String>> {
    let mut head = Vec::new();
    let mut values: Vec<(&str, &[u8])> = Vec::new();
    let kty = match &parts.material {
        Material::Secret(k) => {
            values.push(("k", k));
            "oct"
        }
        Material::Rsa { public, private } => {
            values.extend([("n", public.n.as_slice()), ("e", &public.e)]);
            if let Some(private) = private {
                values.extend([("d", private.d.as_slice()), ("p", &private.p), ("q", &private.q)]);
                values.extend([("dp", private.dp.as_slice()), ("dq", &private.dq), ("qi", &private.qi)]);
            }
            "RSA"
        }
        Material::Ec { curve, public, d } => {
            head.push(("crv", quoted(curve.name())));
            values.extend([("x", public.x.as_slice()), ("y", &public.y)]);
            values.extend(d.as_ref().map(|d| ("d", d.as_slice())));
            "EC"
        }
        Material::Ed25519 { x, d } => {
            head.push(("crv", quoted("Ed25519")));
            values.push(("x", x));
            values.extend(d.as_ref().map(|d| ("d", d.as_slice())));
            "OKP"
        }
    };
    head.insert(0, ("kty", quoted(kty)));
    head.extend(parts.kid.as_deref().map(|kid| ("kid", quoted(kid))));
    head.extend(parts.usage.as_deref().map(|usage| ("use", quoted(usage))));
    head.extend(parts.operations.as_ref().map(|names| {
        let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        ("key_ops", format!("[{}]", names.join(",")))
    }));
    head.extend(parts.algorithm.map(|algorithm| ("alg", quoted(algorithm.name()))));

    // All of the room at once: a growing buffer leaves copies of private parts behind.
    let room = |length: usize| length.saturating_add(16);
    let length = head.iter().map(|(name, json)| room(name.len().saturating_add(json.len())));
    let length = length.chain(values.iter().map(|(_, value)| room(base64url::encoded_len(value.len()))));
    let length =
        length.chain(parts.extra.iter().map(|(name, json)| room(quoted(name).len().saturating_add(json.len()))));
    let mut out = Zeroizing::new(Vec::with_capacity(length.fold(16, usize::saturating_add)));
    let mut separator = b'{';
    let mut member = |out: &mut Vec<u8>, name: &str| {
        out.push(separator);
        separator = b',';
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
    };
    for (name, json) in &head {
        member(&mut out, &quoted(name));
        out.extend_from_slice(json.as_bytes());
    }
    for (name, value) in &values {
        member(&mut out, &quoted(name));
        out.push(b'"');
        base64url::encode_to(value, &mut out);
        out.push(b'"');
    }
    for (name, json) in &parts.extra {
        member(&mut out, &quoted(name));
        out.extend_from_slice(json.as_bytes());
    }
    out.push(b'}');
    String::from_utf8(std::mem::take(&mut *out))
        .map(Zeroizing::new)
        .map_err(|_| Error::internal("a key could not be written as JSON"))
}

fn read_rsa(object: Object<'_>) -> Result<Material> {
    // RFC 7518 section 6.3.1 has no leading zero bytes. Some issuers have one, which changes nothing.
    let number = |name| required(object, name).map(|bytes| without_leading_zeros(&bytes).to_vec());
    let public = RsaPublic { n: number("n")?, e: number("e")? };
    if object.get("oth").is_some() {
        return Err(Error::new(Code::KeyFormat, "this RSA key has more than two primes: use a key with two").at("oth"));
    }
    if object.get("d").is_none() {
        if let Some(name) = ["p", "q", "dp", "dq", "qi"].into_iter().find(|name| object.get(name).is_some()) {
            return Err(Error::new(Code::KeyFormat, format!("the RSA key has {name:?} but not \"d\"")).at(name));
        }
        return Ok(Material::Rsa { public, private: None });
    }
    let absent: Vec<&str> =
        ["p", "q", "dp", "dq", "qi"].into_iter().filter(|name| object.get(name).is_none()).collect();
    if let Some(first) = absent.first() {
        let names = absent.join(", ");
        return Err(Error::new(
            Code::KeyFormat,
            format!("the private RSA key lacks {names}: export it again with all of d, p, q, dp, dq and qi"),
        )
        .at((*first).to_owned()));
    }
    let part = |name| required(object, name).map(|bytes| Zeroizing::new(without_leading_zeros(&bytes).to_vec()));
    let private =
        RsaPrivate { d: part("d")?, p: part("p")?, q: part("q")?, dp: part("dp")?, dq: part("dq")?, qi: part("qi")? };
    Ok(Material::Rsa { public, private: Some(private) })
}

fn read_ec(object: Object<'_>) -> Result<Material> {
    let crv = text(object, "crv")?.ok_or_else(|| missing("crv"))?;
    let curve = Curve::from_name(&crv).ok_or_else(|| unknown_curve(&crv, "P-256, P-384, P-521 and secp256k1"))?;
    // RFC 7518 sections 6.2.1.2 to 6.2.2.1: always the full size.
    let sized = |name: &'static str, bytes: Zeroizing<Vec<u8>>| {
        let length = curve.coordinate_bytes();
        if bytes.len() == length { Ok(bytes) } else { Err(wrong_length(name, length, bytes.len())) }
    };
    let x = sized("x", required(object, "x")?)?.to_vec();
    let y = sized("y", required(object, "y")?)?.to_vec();
    let d = bytes(object, "d")?.map(|d| sized("d", d)).transpose()?;
    Ok(Material::Ec { curve, public: EcPublic { x, y }, d })
}

fn read_okp(object: Object<'_>) -> Result<Material> {
    let crv = text(object, "crv")?.ok_or_else(|| missing("crv"))?;
    if crv != "Ed25519" {
        return Err(unknown_curve(&crv, "Ed25519"));
    }
    let sized = |name: &'static str, bytes: &[u8]| -> Result<[u8; 32]> {
        bytes.try_into().map_err(|_| wrong_length(name, 32, bytes.len()))
    };
    let x = sized("x", &required(object, "x")?)?;
    let d = bytes(object, "d")?.map(|d| sized("d", &d).map(Zeroizing::new)).transpose()?;
    Ok(Material::Ed25519 { x, d })
}

/// `key_ops` (RFC 7517 section 4.3).
fn operations(object: Object<'_>) -> Result<Option<Vec<String>>> {
    let Some(value) = object.get("key_ops") else { return Ok(None) };
    let Value::Array(array) = value else { return Err(wrong_type("key_ops", "an array of strings", value)) };
    let names = array.map(|value| match value {
        Value::String(name) => Ok(name.to_str().into_owned()),
        other => Err(wrong_type("key_ops", "an array of strings", other)),
    });
    names.collect::<Result<_>>().map(Some)
}

fn text<'a>(object: Object<'a>, name: &'static str) -> Result<Option<Cow<'a, str>>> {
    match object.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.to_str())),
        Some(other) => Err(wrong_type(name, "a string", other)),
    }
}

fn bytes(object: Object<'_>, name: &'static str) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let decoded = match text(object, name)? {
        None => return Ok(None),
        Some(Cow::Borrowed(text)) => base64url::decode(text.as_bytes()),
        // A copy, made to resolve escapes.
        Some(Cow::Owned(text)) => base64url::decode(Zeroizing::new(text).as_bytes()),
    };
    decoded.map(|bytes| Some(Zeroizing::new(bytes))).ok_or_else(|| {
        Error::new(Code::KeyFormat, format!("the JWK's {name:?} is not base64url without padding (RFC 7515 section 2)"))
            .at(name)
    })
}

fn required(object: Object<'_>, name: &'static str) -> Result<Zeroizing<Vec<u8>>> {
    bytes(object, name)?.ok_or_else(|| missing(name))
}

fn without_leading_zeros(bytes: &[u8]) -> &[u8] {
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    bytes.get(first..).unwrap_or_default()
}

/// The text as a JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cold]
fn missing(name: &'static str) -> Error {
    Error::new(Code::KeyFormat, format!("the JWK has no {name:?}")).at(name)
}

#[cold]
fn wrong_type(name: &'static str, wanted: &str, found: Value<'_>) -> Error {
    Error::new(Code::KeyFormat, format!("the JWK's {name:?} must be {wanted}, not {}", found.type_name())).at(name)
}

#[cold]
fn wrong_length(name: &'static str, wanted: usize, found: usize) -> Error {
    Error::new(Code::KeyFormat, format!("the JWK's {name:?} must be {wanted} bytes long on this curve, not {found}"))
        .at(name)
}

#[cold]
fn unknown_curve(name: &str, known: &str) -> Error {
    Error::new(
        Code::UnsupportedAlgorithm,
        format!("the curve {} is not supported here: authwright knows {known}", Excerpt(name)),
    )
    .at("crv")
}

#[cfg(test)]
mod tests {
    use super::super::KeySet;
    use super::super::fixture::{COMPLETE, assert_refused, load, text as file};
    use super::*;

    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    const OKP: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#;

    fn refused(json: &str, code: Code, field: &str) {
        let error = read(json).err().unwrap_or_else(|| panic!("{json} is accepted"));
        assert_eq!(
            (error.code(), error.field()),
            (code, Some(field).filter(|field| !field.is_empty())),
            "{json}: {error}"
        );
    }

    fn rsa(change: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>)) -> String {
        let mut jwk = serde_json::from_str(&file("rsa-2048-private.jwk")).unwrap();
        change(&mut jwk);
        serde_json::Value::Object(jwk).to_string()
    }

    #[test]
    fn the_examples_of_rfc_7517() {
        let public = KeySet::from_json(&file("rfc7517-a1.jwks")).unwrap();
        let private = KeySet::from_json(&file("rfc7517-a2.jwks")).unwrap();
        assert_eq!((public.len(), private.len()), (2, 2), "{private:?}");
        for (public, private) in public.keys().iter().zip(private.keys()) {
            assert!(private.is_private() && !public.is_private());
            assert_eq!(public.thumbprint(), private.thumbprint());
            assert_eq!(*public.to_jwk(false).unwrap(), *private.to_jwk(false).unwrap());
        }
        let secrets = KeySet::from_json(&file("rfc7517-a3.jwks")).unwrap();
        assert_eq!(secrets.keys()[0].kid(), Some("HMAC key used in JWS spec Appendix A.1 example"));
        assert_eq!(secrets.rejected()[0].error.code(), Code::UnsupportedAlgorithm, "A128KW is not for signatures");
    }

    #[test]
    fn jwk_and_pem_are_the_same_key_both_ways() {
        for name in ["rsa-2048", "p256", "p384", "p521", "secp256k1", "ed25519"] {
            if !COMPLETE && ["p521", "secp256k1"].contains(&name) {
                continue;
            }
            let key = load(&format!("{name}-private.jwk")).unwrap();
            let pem = load(&format!("{name}-private.pem")).unwrap();
            assert_eq!(*key.to_pem(true).unwrap(), *pem.to_pem(true).unwrap(), "{name}");
            let expected: serde_json::Value = serde_json::from_str(&file(&format!("{name}-private.jwk"))).unwrap();
            let found: serde_json::Value = serde_json::from_str(&key.to_jwk(true).unwrap()).unwrap();
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn members_are_kept_and_exported() {
        let json = format!(
            r#"{OKP},"kid":"\u00e9\"\n","use":"sig","key_ops":["verify"],"alg":"EdDSA","x5t#S256":"abc","iat":1.50,"\u006eote":{{"a":[null, true]}}}}"#
        );
        let key = read(&json).unwrap();
        assert_eq!((key.kid(), key.algorithm()), (Some("\u{e9}\"\n"), Some(Algorithm::EdDSA)));
        let written = key.to_jwk(false).unwrap();
        assert_eq!(
            *written,
            format!(
                "{{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"\u{e9}\\\"\\n\",\"use\":\"sig\",\"key_ops\":[\"verify\"],\
                 \"alg\":\"EdDSA\",\"x\":\"{X}\",\"x5t#S256\":\"abc\",\"iat\":1.50,\"note\":{{\"a\":[null, true]}}}}"
            )
        );
        assert_eq!(*read(&written).unwrap().to_jwk(false).unwrap(), *written);
    }

    #[test]
    fn private_members_are_exported_only_when_asked_for() {
        for name in ["rsa-2048", "p256", "ed25519"] {
            let key = load(&format!("{name}-private.jwk")).unwrap();
            let public: serde_json::Value = serde_json::from_str(&key.to_jwk(false).unwrap()).unwrap();
            for private in PRIVATE {
                assert!(public.get(private).is_none(), "{name} {private}");
            }
        }
        // Nor where they hide among the members of another type.
        for member in ["k", "p", "priv", "oth"] {
            refused(&format!(r#"{OKP},"{member}":"AAAA"}}"#), Code::KeyFormat, member);
        }
        refused(r#"{"kty":"oct","k":"AAECAwQ","d":"AAAA"}"#, Code::KeyFormat, "d");
    }

    #[test]
    fn types_and_encodings_are_strict() {
        refused("[]", Code::KeyFormat, "");
        refused("", Code::KeyFormat, "");
        refused("{}", Code::KeyFormat, "kty");
        refused(r#"{"kty":1}"#, Code::KeyFormat, "kty");
        refused(r#"{"kty":"oct"}"#, Code::KeyFormat, "k");
        refused(r#"{"kty":"oct","kty":"oct","k":"AAECAwQ"}"#, Code::KeyFormat, "");
        refused(r#"{"kty":"oct","k":""}"#, Code::KeyTooWeak, "");
        refused(r#"{"kty":"oct","k":null}"#, Code::KeyFormat, "k");
        refused(r#"{"kty":"oct","k":"AAECAwQ="}"#, Code::KeyFormat, "k");
        refused(r#"{"kty":"oct","k":"AAECAwR"}"#, Code::KeyFormat, "k");
        refused(r#"{"kty":"oct","k":"AAEC+/Q"}"#, Code::KeyFormat, "k");
        refused(&format!(r#"{OKP},"kid":7}}"#), Code::KeyFormat, "kid");
        refused(&format!(r#"{OKP},"use":["sig"]}}"#), Code::KeyFormat, "use");
        refused(&format!(r#"{OKP},"key_ops":"verify"}}"#), Code::KeyFormat, "key_ops");
        refused(&format!(r#"{OKP},"key_ops":[1]}}"#), Code::KeyFormat, "key_ops");
        refused(&format!(r#"{OKP},"alg":null}}"#), Code::KeyFormat, "alg");
        refused(r#"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#, Code::KeyFormat, "x");
        refused(r#"{"kty":"OKP","crv":"Ed25519"}"#, Code::KeyFormat, "x");
        refused(r#"{"kty":"OKP","x":"AAAA"}"#, Code::KeyFormat, "crv");
        assert_refused(read(&file("p256-public.pem")), Code::KeyFormat, "from_pem");
        assert_refused(read(&file("rfc7517-a1.jwks")), Code::KeyFormat, "KeySet");
        assert_refused(read(&format!("{{{}", " ".repeat(MOST_BYTES))), Code::KeyFormat, "1 MiB");
        assert_refused(read(&"[".repeat(100_000)), Code::KeyFormat, "");
    }

    #[test]
    fn foreign_types_curves_and_algorithms_are_unsupported() {
        refused(r#"{"kty":"AKP","alg":"ML-DSA-44","pub":"AAAA"}"#, Code::UnsupportedAlgorithm, "kty");
        refused(r#"{"kty":"rsa"}"#, Code::UnsupportedAlgorithm, "kty");
        for crv in ["Ed448", "X25519"] {
            refused(&format!(r#"{{"kty":"OKP","crv":"{crv}","x":"AAAA"}}"#), Code::UnsupportedAlgorithm, "crv");
        }
        refused(r#"{"kty":"EC","crv":"P-192","x":"AAAA","y":"AAAA"}"#, Code::UnsupportedAlgorithm, "crv");
        refused(&rsa(|jwk| drop(jwk.insert("alg".into(), "RSA-OAEP".into()))), Code::UnsupportedAlgorithm, "alg");
        refused(&format!(r#"{OKP},"alg":"none"}}"#), Code::UnsupportedAlgorithm, "alg");
        refused(&format!(r#"{OKP},"alg":"ES256"}}"#), Code::KeyMismatch, "alg");
        refused(&rsa(|jwk| drop(jwk.insert("alg".into(), "HS256".into()))), Code::KeyMismatch, "alg");
        refused(r#"{"kty":"oct","k":"AAECAwQ","alg":"RS256"}"#, Code::KeyMismatch, "alg");
        let mut p256: serde_json::Value = serde_json::from_str(&file("p256-private.jwk")).unwrap();
        p256["alg"] = "ES384".into();
        refused(&p256.to_string(), Code::KeyMismatch, "alg");
    }

    #[test]
    fn rsa_needs_all_of_its_parts_and_that_they_agree() {
        for name in ["p", "q", "dp", "dq", "qi"] {
            refused(&rsa(|jwk| drop(jwk.remove(name))), Code::KeyFormat, name);
        }
        let bare = rsa(|jwk| jwk.retain(|name, _| ["kty", "n", "e", "d"].contains(&name.as_str())));
        assert_refused(read(&bare), Code::KeyFormat, "p, q, dp, dq, qi");
        refused(&rsa(|jwk| drop(jwk.remove("d"))), Code::KeyFormat, "p");
        refused(&rsa(|jwk| drop(jwk.remove("n"))), Code::KeyFormat, "n");
        refused(&rsa(|jwk| drop(jwk.insert("oth".into(), serde_json::json!([])))), Code::KeyFormat, "oth");

        let other: serde_json::Value = serde_json::from_str(&file("rfc7517-a2.jwks")).unwrap();
        for name in ["n", "d", "p", "q", "dp", "dq", "qi"] {
            let json = rsa(|jwk| drop(jwk.insert(name.into(), other["keys"][1][name].clone())));
            assert_refused(read(&json), Code::KeyInconsistent, "");
        }
        assert_refused(read(&rsa(|jwk| drop(jwk.insert("e".into(), "AQAD".into())))), Code::KeyInconsistent, "");
        for (e, code) in
            [("AQ", Code::KeyFormat), ("AA", Code::KeyFormat), ("", Code::KeyFormat), ("BA", Code::KeyFormat)]
        {
            assert_refused(read(&rsa(|jwk| drop(jwk.insert("e".into(), e.into())))), code, "");
        }
    }

    #[test]
    fn leading_zeros_of_rsa_numbers_change_nothing() {
        let padded = rsa(|jwk| {
            for (name, value) in jwk.iter_mut().filter(|(name, _)| ["n", "e", "d", "qi"].contains(&name.as_str())) {
                let bytes = base64url::decode(value.as_str().unwrap().as_bytes()).unwrap();
                *value = base64url::encode(&[&[0; 2][..], &bytes].concat()).into();
                assert!(!name.is_empty());
            }
        });
        let (padded, plain) = (read(&padded).unwrap(), load("rsa-2048-private.jwk").unwrap());
        assert_eq!(padded.thumbprint(), plain.thumbprint());
        assert_eq!(*padded.to_jwk(true).unwrap(), *plain.to_jwk(true).unwrap());
    }

    #[test]
    fn ec_numbers_have_their_full_size_and_agree() {
        let change = |name: &str, change: &dyn Fn(&mut Vec<u8>)| {
            let mut jwk: serde_json::Value = serde_json::from_str(&file("p256-private.jwk")).unwrap();
            let mut bytes = base64url::decode(jwk[name].as_str().unwrap().as_bytes()).unwrap();
            change(&mut bytes);
            jwk[name] = base64url::encode(&bytes).into();
            jwk.to_string()
        };
        for name in ["x", "y", "d"] {
            refused(&change(name, &|bytes| bytes.insert(0, 0)), Code::KeyFormat, name);
            refused(&change(name, &|bytes| bytes.truncate(31)), Code::KeyFormat, name);
        }
        assert!(read(&change("y", &|bytes| bytes[31] ^= 1)).is_err());
        assert_refused(read(&change("d", &|bytes| bytes[31] ^= 1)), Code::KeyInconsistent, "");
        assert!(read(&change("d", &|bytes| bytes.fill(0))).is_err());
        assert!(read(&change("d", &|bytes| bytes.fill(0xff))).is_err());
        let okp = file("ed25519-private.jwk").replace(": \"", ":\"");
        assert_refused(read(&okp.replacen("\"d\":\"", "\"d\":\"AAAA", 1)), Code::KeyFormat, "32 bytes");
        let mixed = format!(r#"{OKP},"d":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}}"#);
        assert_refused(read(&mixed), Code::KeyInconsistent, "");
    }

    #[test]
    fn a_secret_that_is_a_public_key_is_refused() {
        let jwk = format!(r#"{{"kty":"oct","k":"{}"}}"#, base64url::encode(file("p256-public.pem").as_bytes()));
        refused(&jwk, Code::KeyFormat, "k");
    }
}
