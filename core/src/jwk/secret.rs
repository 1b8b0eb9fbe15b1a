//! Secrets, and what must not be taken for one.
//!
//! A verifier that takes a public key's text as an HMAC secret lets everyone who knows the public key sign: the
//! confusion of RS256 and HS256 (CVE-2016-10555 and its many successors). So a secret that reads as a key, in any
//! encoding that keys are passed around in, is refused before it can be one.

use zeroize::Zeroizing;

use super::material::Material;
use super::{der, pem};
use crate::encoding::base64url;
use crate::error::{Code, Error, Result};

/// A secret's material.
pub(super) fn read(secret: Zeroizing<Vec<u8>>) -> Result<Material> {
    if let Some(what) = key_encoding(&secret) {
        return Err(Error::new(
            Code::KeyFormat,
            format!(
                "the secret reads as {what}: load a key with from_pem, from_der or from_jwk; as a secret, everyone who knows \
                 the public key could sign"
            ),
        ));
    }
    Ok(Material::Secret(secret))
}

/// What key encoding the bytes are, if they are one. The ways in which people pass keys around, not every way there
/// could be.
fn key_encoding(bytes: &[u8]) -> Option<&'static str> {
    plain_encoding(bytes).or_else(|| {
        [base64(bytes), hex(bytes), utf16(bytes)]
            .into_iter()
            .flatten()
            .find_map(|decoded| plain_encoding(&decoded).map(|_| "a key in base64, hexadecimal or UTF-16"))
    })
}

fn plain_encoding(bytes: &[u8]) -> Option<&'static str> {
    let text = pem::without_mark(bytes);
    if pem::is_armoured(text) || memchr::memmem::find(text, b"-----END ").is_some() {
        Some("a key in PEM")
    } else if pem::is_ssh_public(text) || is_ssh_blob(bytes) {
        Some("an OpenSSH key")
    } else if matches!(text.first(), Some(b'{' | b'[' | b'"')) && memchr::memmem::find(text, b"kty").is_some() {
        Some("a JWK")
    } else if der::is_key(without_tail(bytes)) {
        Some("a key in DER")
    } else {
        None
    }
}

/// DER read from a file by a function that adds a newline or a NUL.
fn without_tail(bytes: &[u8]) -> &[u8] {
    match bytes {
        [rest @ .., b'\r', b'\n'] | [rest @ .., b'\n' | 0] => rest,
        whole => whole,
    }
}

/// What the bytes decode to, if they are hexadecimal.
fn hex(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = bytes.trim_ascii();
    let (pairs, []) = text.as_chunks::<2>() else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let decoded: Option<Vec<u8>> = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
    decoded.map(Zeroizing::new)
}

/// The ASCII that UTF-16 text is, with or without its mark, in either byte order.
fn utf16(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = bytes.strip_prefix(&[0xff, 0xfe]).or_else(|| bytes.strip_prefix(&[0xfe, 0xff])).unwrap_or(bytes);
    let (units, []) = text.as_chunks::<2>() else { return None };
    let ascii: Option<Vec<u8>> = units
        .iter()
        .map(|unit| match unit {
            [0, byte] | [byte, 0] => Some(*byte),
            _ => None,
        })
        .collect();
    ascii.map(Zeroizing::new)
}

/// The binary form of an OpenSSH public key (RFC 4253 section 6.6): the length of its type, and the type.
fn is_ssh_blob(bytes: &[u8]) -> bool {
    matches!(bytes, [0, 0, 0, _, name @ ..] if name.starts_with(b"ssh-") || name.starts_with(b"ecdsa-sha2-"))
}

/// What the bytes decode to, if they are base64 of any kind. No key fits in fewer than 40 characters.
fn base64(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = pem::without_mark(bytes);
    if text.len() < 40 {
        return None;
    }
    let mut alphabet = Zeroizing::new(Vec::with_capacity(text.len()));
    for byte in text {
        match byte {
            b'+' => alphabet.push(b'-'),
            b'/' => alphabet.push(b'_'),
            b'=' | b' ' | b'\t' | b'\r' | b'\n' => {}
            other => alphabet.push(*other),
        }
    }
    base64url::decode(&alphabet).map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn refusal(secret: &[u8]) -> Option<Code> {
        read(Zeroizing::new(secret.to_vec())).err().map(|error| error.code())
    }

    #[test]
    fn secrets_are_accepted() {
        for secret in [
            &b"a-string-secret-at-least-256-bits-long"[..],
            b"dGhpcyBpcyBqdXN0IGEgYmFzZTY0IHNlY3JldCwgbm90IGEga2V5IGF0IGFsbA==",
            b"ssh-passphrases are not keys",
            b"{\"a\": \"JSON secret that is no JWK\"}",
            &[0x30; 64],
            &[0; 32],
            b"x",
        ] {
            assert_eq!(refusal(secret), None, "{secret:?}");
        }
    }

    #[test]
    fn every_encoding_of_a_public_key_is_refused() {
        let pem = &fixture::text("rsa-2048-public.pem");
        let der = &fixture::bytes("rsa-2048-public.der");
        let ssh = &fixture::text("rsa-2048-public.ssh");
        let body: String = pem.lines().filter(|line| !line.starts_with("---")).collect();
        let blob = base64(ssh.split(' ').nth(1).unwrap().as_bytes()).unwrap();
        for secret in [
            pem.as_bytes(),
            format!("\u{feff}{pem}").as_bytes(),
            format!(" \n\t{pem}").as_bytes(),
            format!("# our key\n{pem}").as_bytes(),
            pem.replace('\n', "\r\n").as_bytes(),
            pem.split_once('\n').unwrap().1.as_bytes(),
            &pem.bytes().flat_map(|byte| [byte, 0]).collect::<Vec<_>>(),
            &[0xfe, 0xff].into_iter().chain(pem.bytes().flat_map(|byte| [0, byte])).collect::<Vec<_>>(),
            der.iter().map(|byte| format!("{byte:02X}")).collect::<String>().as_bytes(),
            &[der.as_slice(), b"\n"].concat(),
            &[der.as_slice(), b"\0"].concat(),
            pem.replace('\n', "\\n").as_bytes(),
            pem.trim_end().as_bytes(),
            body.as_bytes(),
            base64url::encode(pem.as_bytes()).as_bytes(),
            base64url::encode(der).as_bytes(),
            der,
            &fixture::bytes("rsa-2048-public-pkcs1.der"),
            &fixture::bytes("rsa-2048-certificate.der"),
            &fixture::bytes("p256-public.der"),
            &fixture::bytes("ed25519-public.der"),
            &fixture::bytes("rsa-2048-certificate.pem"),
            &fixture::bytes("rsa-2048-private.pem"),
            ssh.as_bytes(),
            &blob,
            br#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#,
            br#" { "keys" : [ { "kty" : "RSA" } ] }"#,
            br#"[{"kty":"RSA","n":"AQAB","e":"AQAB"}]"#,
            br#""{\"kty\":\"RSA\"}""#,
        ] {
            assert_eq!(refusal(secret), Some(Code::KeyFormat), "{}", String::from_utf8_lossy(secret));
        }
    }
}
