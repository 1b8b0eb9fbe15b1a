//! PEM (RFC 7468), as people have it.
//!
//! Harmless deviations are accepted: other line lengths and endings, text around the blocks, a byte order mark, a
//! missing end of line, and line ends written as `\n` in so many characters, as environment variables hold them. What
//! is between the boundaries is then decoded strictly, in constant time, by `pem_rfc7468`.

use zeroize::Zeroizing;

use super::der::{self, Form, Imported};
use crate::error::{Code, Error, Excerpt, Result};

/// The width of a line (RFC 7468 section 2).
const WIDTH: usize = 64;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// One block: its label, and the text between its boundaries.
struct Block<'a> {
    label: &'a str,
    body: &'a [u8],
}

/// What a label says about its block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Key,
    Certificate,
    /// What comes beside a key, such as the curve parameters that openssl writes before one.
    Beside,
    /// A key that is not read, or a container of keys.
    Foreign,
}

/// Reads the key in a PEM text.
///
/// A text may hold other blocks around it: certificates beside a key (a bundle), or curve parameters before it. It must
/// be clear which key is meant, so there must be exactly one key, or no key and exactly one certificate.
pub(super) fn read(pem: &[u8], password: Option<&[u8]>) -> Result<Imported> {
    let blocks = blocks(pem)?;
    let of = |kind: Kind| blocks.iter().filter(move |block| block.kind() == kind);
    if let Some(foreign) = of(Kind::Foreign).next() {
        return Err(foreign.refused());
    }
    let block = match (of(Kind::Key).count(), of(Kind::Certificate).count()) {
        (1, _) => of(Kind::Key).next(),
        (0, 1) => of(Kind::Certificate).next(),
        (0, 0) => None,
        (0, _) => {
            return Err(Error::new(
                Code::KeyFormat,
                "there are several certificates in this PEM: pass only the one whose key signs",
            ));
        }
        _ => {
            return Err(Error::new(
                Code::KeyFormat,
                "there are several keys in this PEM: pass one, or make a KeySet of them",
            ));
        }
    };
    match block {
        Some(block) => der::read(&block.decode()?, password),
        None => {
            Err(Error::new(Code::KeyFormat, "there are only parameters or revocation lists in this PEM, and no key"))
        }
    }
}

/// Writes one block.
pub(super) fn write(label: &'static str, der: &[u8]) -> Result<Zeroizing<String>> {
    let write = || -> pem_rfc7468::Result<Zeroizing<Vec<u8>>> {
        let length = pem_rfc7468::encoded_len(label, pem_rfc7468::LineEnding::LF, der)?;
        let mut pem = Zeroizing::new(vec![0; length]);
        let written = pem_rfc7468::encode(label, pem_rfc7468::LineEnding::LF, der, &mut pem)?.len();
        pem.truncate(written);
        Ok(pem)
    };
    let mut pem = write().map_err(|_| Error::internal("a key could not be written as PEM"))?;
    String::from_utf8(std::mem::take(&mut *pem))
        .map(Zeroizing::new)
        .map_err(|_| Error::internal("a key could not be written as PEM"))
}

/// Whether the text holds a PEM block, or something of that shape that is not ours.
pub(super) fn is_armoured(text: &[u8]) -> bool {
    find(text, b"-----BEGIN ").is_some() || find(text, b"---- BEGIN ").is_some()
}

/// Whether the text is an OpenSSH public key: a type, a blank and base64.
pub(super) fn is_ssh_public(text: &[u8]) -> bool {
    let text = without_mark(text);
    [&b"ssh-"[..], b"ecdsa-sha2-", b"sk-ssh-", b"sk-ecdsa-sha2-"].iter().any(|start| text.starts_with(start))
        && text.split(|byte| *byte == b' ').nth(1).is_some_and(|key| key.starts_with(b"AAAA"))
}

/// The text without a byte order mark and white space before it.
pub(super) fn without_mark(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_start();
    text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text).trim_ascii_start()
}

impl Block<'_> {
    fn kind(&self) -> Kind {
        match self.label {
            "PRIVATE KEY"
            | "ENCRYPTED PRIVATE KEY"
            | "RSA PRIVATE KEY"
            | "RSA PUBLIC KEY"
            | "EC PRIVATE KEY"
            | "PUBLIC KEY" => Kind::Key,
            "CERTIFICATE" | "X509 CERTIFICATE" => Kind::Certificate,
            "EC PARAMETERS" | "DH PARAMETERS" | "X509 CRL" => Kind::Beside,
            _ => Kind::Foreign,
        }
    }

    fn decode(&self) -> Result<Zeroizing<Vec<u8>>> {
        // Headers (RFC 1421 section 4.6) come with openssl's own encryption of the traditional forms.
        if find(self.body, b"Proc-Type:").is_some() || find(self.body, b"DEK-Info:").is_some() {
            return Err(Error::new(
                Code::KeyFormat,
                "this PEM is encrypted in openssl's traditional way, which is weak: write it again with \
                 `openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY -out NEW`",
            ));
        }
        if self.body.contains(&b':') {
            return Err(Error::new(Code::KeyFormat, "this PEM has header lines before its base64: remove them"));
        }
        let canonical = self.canonical();
        let mut der = Zeroizing::new(vec![0; canonical.len()]);
        let length = pem_rfc7468::decode(&canonical, &mut der)
            .map_err(|_| Error::new(Code::KeyFormat, "the base64 in this PEM is damaged"))?
            .1
            .len();
        der.truncate(length);
        Ok(der)
    }

    /// The block as RFC 7468 section 3 wants it written.
    fn canonical(&self) -> Zeroizing<Vec<u8>> {
        let body = self.body.len();
        let room =
            body.saturating_add(body / WIDTH).saturating_add(self.label.len().saturating_mul(2)).saturating_add(64);
        let mut text = Zeroizing::new(Vec::with_capacity(room));
        for part in [BEGIN, self.label.as_bytes(), DASHES] {
            text.extend_from_slice(part);
        }
        let mut column = 0;
        let mut rest = self.body;
        while let Some((byte, after)) = rest.split_first() {
            rest = after;
            if byte.is_ascii_whitespace() {
                continue;
            }
            if *byte == b'\\' && matches!(rest.first(), Some(b'n' | b'r')) {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            if column % WIDTH == 0 {
                text.push(b'\n');
            }
            text.push(*byte);
            column = column.wrapping_add(1);
        }
        text.push(b'\n');
        for part in [END, self.label.as_bytes(), DASHES, b"\n"] {
            text.extend_from_slice(part);
        }
        text
    }

    #[cold]
    fn refused(&self) -> Error {
        let message = match self.label {
            "OPENSSH PRIVATE KEY" => {
                "this is a private key in OpenSSH's own form: write a copy of it again with `ssh-keygen -p -m PKCS8 -f COPY`"
            }
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => {
                "this is a certificate request: take the public key out with `openssl req -in REQUEST -noout -pubkey`"
            }
            "TRUSTED CERTIFICATE" => {
                "this is a certificate with openssl's trust settings: write it again with `openssl x509 -in OLD -out NEW`"
            }
            "PKCS7" | "PKCS #7 SIGNED DATA" | "CMS" => {
                "this is a PKCS#7 file: take the certificates out with `openssl pkcs7 -print_certs`"
            }
            "DSA PRIVATE KEY" => {
                return Error::new(Code::UnsupportedAlgorithm, "this is a DSA key: there is no JWS algorithm for it");
            }
            "PGP PUBLIC KEY BLOCK" | "PGP PRIVATE KEY BLOCK" => "this is a PGP key, which is of no use for JWTs",
            label => {
                return Error::new(
                    Code::KeyFormat,
                    format!("a PEM block with the label {} holds no key that is read", Excerpt(label)),
                );
            }
        };
        Error::new(Code::KeyFormat, message)
    }
}

/// The blocks of a text, in one pass over it.
fn blocks(pem: &[u8]) -> Result<Vec<Block<'_>>> {
    let broken = |message: &'static str| Error::new(Code::KeyFormat, message);
    let mut blocks = Vec::new();
    let mut rest = pem;
    while let Some((_, after)) = cut(rest, BEGIN) {
        let (label, after) = cut(after, DASHES).ok_or_else(|| broken("the first line of the PEM is cut short"))?;
        let label = std::str::from_utf8(label)
            .ok()
            .filter(|label| label.len() <= 64 && label.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '))
            .ok_or_else(|| broken("the label of the PEM is damaged"))?;
        let (body, after) = cut(after, END).ok_or_else(|| broken("the PEM is cut short: its END line is missing"))?;
        let after = after
            .strip_prefix(label.as_bytes())
            .and_then(|after| after.strip_prefix(DASHES))
            .ok_or_else(|| broken("the END line of the PEM does not match its BEGIN line"))?;
        blocks.push(Block { label, body });
        rest = after;
    }
    if blocks.is_empty() { Err(unknown(pem)) } else { Ok(blocks) }
}

/// Says what a text without a PEM block is instead.
#[cold]
fn unknown(text: &[u8]) -> Error {
    let start = without_mark(text);
    let message = if start.is_empty() {
        "the PEM is empty"
    } else if start.starts_with(b"\xFF\xFE") || start.starts_with(b"\xFE\xFF") {
        "this text is UTF-16: save it as UTF-8"
    } else if start.starts_with(b"{") {
        if find(start, b"\"keys\"").is_some() {
            "this is a JWK Set: load it with KeySet.from_json"
        } else {
            "this is JSON: load a JWK with from_jwk"
        }
    } else if is_ssh_public(start) {
        "this is an OpenSSH public key: write it as PEM with `ssh-keygen -e -m PKCS8 -f KEY.pub`"
    } else if find(start, b"---- BEGIN SSH2 ").is_some() {
        "this is a public key in SSH2's form: write it as PEM with `ssh-keygen -i -f KEY | ssh-keygen -e -m PKCS8 -f /dev/stdin`"
    } else if start.starts_with(b"PuTTY-User-Key-File-") {
        "this is a PuTTY key: write it as PEM with `puttygen KEY.ppk -O private-openssh -o KEY.pem`, then \
         `ssh-keygen -p -m PKCS8 -f KEY.pem`"
    } else if Form::detect(text).is_some() {
        "this is DER: load it with from_der"
    } else if start.len() > 40 && start.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_ \r\n".contains(byte))
    {
        "this is base64 without its BEGIN and END lines: add them, or decode it and load it with from_der"
    } else {
        "this is not PEM: there is no BEGIN line in it"
    };
    Error::new(Code::KeyFormat, message)
}

/// The bytes before and after the first `needle`.
fn cut<'a>(text: &'a [u8], needle: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = find(text, needle)?;
    Some((text.get(..at)?, text.get(at.checked_add(needle.len())?..)?))
}

fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, needle)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{assert_refused, bytes, load, refusal, text};
    use super::super::{Key, KeyOptions};
    use super::*;

    fn from_pem(pem: &[u8]) -> Result<Key> {
        Key::from_pem(pem, &KeyOptions::default())
    }

    #[test]
    fn harmless_deviations_are_accepted() {
        let pem = text("p256-private.pem");
        let thumbprint = load("p256-private.pem").unwrap().thumbprint();
        let lines: Vec<&str> = pem.lines().collect();
        let body: String = lines[1..lines.len() - 1].concat();
        let wide = format!("{}\n{body}\n{}", lines[0], lines[lines.len() - 1]);
        let narrow: Vec<String> =
            body.as_bytes().chunks(7).map(|part| String::from_utf8_lossy(part).into_owned()).collect();
        let narrow = format!("{}\n{}\n{}", lines[0], narrow.join("\n"), lines[lines.len() - 1]);
        for variant in [
            pem.replace('\n', "\r\n"),
            pem.replace('\n', "\r"),
            pem.replace('\n', "\\n"),
            pem.replace('\n', "\\r\\n"),
            pem.replace('\n', " "),
            pem.replace('\n', "\n    "),
            pem.trim_end().to_owned(),
            format!("\u{feff}{pem}"),
            format!("\n\n  {pem}\n\n"),
            format!("Bag Attributes\n    friendlyName: a: key\nKey Attributes: <No Attributes>\n{pem}trailing text"),
            wide,
            narrow,
        ] {
            assert_eq!(from_pem(variant.as_bytes()).unwrap().thumbprint(), thumbprint, "{variant}");
        }
    }

    #[test]
    fn damage_is_refused() {
        let pem = text("p256-private.pem");
        let lines: Vec<&str> = pem.lines().collect();
        for (variant, words) in [
            (pem.replace("END PRIVATE", "END PUBLIC"), "does not match"),
            (lines[..lines.len() - 1].join("\n"), "END line"),
            (pem.replace("-----END PRIVATE KEY-----", "-----END PRIVATE KEY"), "does not match"),
            ("-----BEGIN PRIVATE KEY".to_owned(), "first line"),
            ("-----BEGIN \u{e9}-----".to_owned(), "label"),
            (pem.replace("\nM", "\n*"), "base64"),
            (pem.replace("\nM", "\n"), "base64"),
            (pem.replace("-----\nM", "-----\nComment: mine\n\nM"), "header lines"),
            ("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n".to_owned(), "base64"),
            (pem.replace("\nM", "\n=M"), "base64"),
            (String::new(), "empty"),
            ("hello".to_owned(), "no BEGIN line"),
        ] {
            assert_refused(from_pem(variant.as_bytes()), Code::KeyFormat, words);
        }
        let half = [pem.as_bytes(), b"-----BEGIN PRIVATE KEY-----\n"].concat();
        assert_refused(from_pem(&half), Code::KeyFormat, "cut short");
    }

    #[test]
    fn one_key_among_others_is_taken() {
        let bundle = load("rsa-2048-bundle.pem").unwrap();
        assert!(bundle.is_private());
        assert_eq!(bundle.thumbprint(), load("rsa-2048-private.pem").unwrap().thumbprint());
        assert!(text("p384-private-sec1.pem").contains("EC PARAMETERS"));
        assert!(load("p384-private-sec1.pem").unwrap().is_private());

        let certificates = text("rsa-2048-certificate.pem") + &text("p256-certificate.pem");
        assert_refused(from_pem(certificates.as_bytes()), Code::KeyFormat, "several certificates");
        let keys = text("rsa-2048-private.pem") + &text("rsa-2048-public.pem");
        assert_refused(from_pem(keys.as_bytes()), Code::KeyFormat, "several keys");
        let parameters = text("p384-private-sec1.pem");
        let parameters = parameters.split("-----BEGIN EC PRIVATE").next().unwrap();
        assert_refused(from_pem(parameters.as_bytes()), Code::KeyFormat, "no key");
    }

    #[test]
    fn other_forms_are_told_apart() {
        let armoured = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
        for (input, words) in [
            (armoured("OPENSSH PRIVATE KEY").into_bytes(), "ssh-keygen -p"),
            (armoured("PKCS7").into_bytes(), "pkcs7"),
            (armoured("TRUSTED CERTIFICATE").into_bytes(), "openssl x509"),
            (armoured("PGP PUBLIC KEY BLOCK").into_bytes(), "PGP"),
            (armoured("SOMETHING ELSE").into_bytes(), "SOMETHING ELSE"),
            (bytes("rsa-2048-public.ssh"), "ssh-keygen -e"),
            (b"---- BEGIN SSH2 PUBLIC KEY ----\n".to_vec(), "SSH2"),
            (b"PuTTY-User-Key-File-3: ssh-ed25519\n".to_vec(), "puttygen"),
            (bytes("rsa-2048-public.der"), "from_der"),
            (bytes("rsa-2048-private.jwk"), "from_jwk"),
            (bytes("rfc7517-a1.jwks"), "KeySet"),
            (
                text("rsa-2048-public.pem")
                    .lines()
                    .filter(|line| !line.starts_with('-'))
                    .collect::<String>()
                    .into_bytes(),
                "base64",
            ),
            (b"\xFF\xFE-\0-\0".to_vec(), "UTF-16"),
        ] {
            assert_refused(from_pem(&input), Code::KeyFormat, words);
        }
        assert!(refusal("rsa-2048-request.pem").message().contains("openssl req"));
        assert!(refusal("rsa-2048-certificate.p7b").message().contains("pkcs7"));
        assert!(refusal("rsa-2048-private-legacy.pem").message().contains("openssl pkcs8 -topk8"));
        assert_refused(from_pem(armoured("DSA PRIVATE KEY").as_bytes()), Code::UnsupportedAlgorithm, "DSA");
    }

    #[test]
    fn what_is_written_is_what_openssl_writes() {
        for name in ["rsa-2048", "p256", "p384", "ed25519"] {
            let key = load(&format!("{name}-private.pem")).unwrap();
            assert_eq!(*key.to_pem(true).unwrap(), text(&format!("{name}-private.pem")), "{name}");
            assert_eq!(*key.to_pem(false).unwrap(), text(&format!("{name}-public.pem")), "{name}");
        }
    }

    #[test]
    fn long_inputs_are_refused_in_time() {
        let begins = b"-----BEGIN ".repeat(90_000);
        assert!(from_pem(&begins).is_err());
        let empty = b"-----BEGIN EC PARAMETERS-----\n-----END EC PARAMETERS-----\n".repeat(15_000);
        assert!(from_pem(&empty).is_err());
        assert_refused(from_pem(&vec![b'-'; (1 << 20) + 1]), Code::KeyFormat, "1 MiB");
    }
}
