//! Encrypted PKCS#8 (RFC 5958 section 3): PBES2 with PBKDF2 or scrypt.
//!
//! What the file asks for is bounded before any of it is done, because a file may come from someone who wants this machine
//! to be busy.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Tag, Tagged};
use pkcs8::pkcs5::pbes2::{self, Kdf, Salt};
use pkcs8::pkcs5::{self, EncryptionScheme};
use zeroize::Zeroizing;

use super::asn1::{malformed, octets, parts_of, required};
use super::oid;
use crate::error::{Code, Error, Result};

/// RFC 8018 section 4.2 names this as the count for especially critical keys: seconds of work.
const MOST_ROUNDS: u32 = 10_000_000;
/// scrypt's memory, 128 * N * r bytes: 256 MiB.
const MOST_MEMORY: u64 = 256 << 20;
/// scrypt's work, 128 * N * r * p bytes passed over: four times all of the memory.
const MOST_WORK: u64 = 1 << 30;

const NAME: &str = "encrypted private key";
const ENCRYPT_AGAIN: &str = "encrypt it again with `openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY -out NEW`";

/// Decrypts an `EncryptedPrivateKeyInfo` to the `PrivateKeyInfo` in it.
pub(super) fn decrypt(der: &[u8], password: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>> {
    let parts = required(super::asn1::parts(der), NAME)?;
    let [algorithm, data] = parts.as_slice() else { return Err(malformed(NAME)) };
    let data = required(octets(*data), NAME)?;
    let scheme = scheme(*algorithm)?;
    bound(&scheme)?;
    let password = password.ok_or_else(|| {
        Error::new(Code::KeyPassword, "the private key is encrypted: pass its password").at("password")
    })?;
    scheme.decrypt(password, data).map(Zeroizing::new).map_err(|error| match error {
        pkcs5::Error::DecryptFailed => wrong_password(),
        _ => refused("in a way that is not supported"),
    })
}

/// The refusal of a password under which the key does not decrypt to a key.
#[cold]
pub(super) fn wrong_password() -> Error {
    Error::new(Code::KeyPassword, "the private key does not decrypt: the password is wrong, or the key is damaged")
        .at("password")
}

fn scheme(algorithm: AnyRef<'_>) -> Result<EncryptionScheme> {
    let parts = required(parts_of(algorithm), NAME)?;
    let [oid, parameters] = parts.as_slice() else { return Err(malformed(NAME)) };
    if !oid.decode_as::<ObjectIdentifier>().is_ok_and(|oid| oid == oid::PBES2) {
        return Err(refused("with a scheme older than PBES2"));
    }
    if has_long_salt(*parameters) {
        return Err(refused("under a salt of more than 32 bytes"));
    }
    parameters
        .decode_as::<pbes2::Parameters>()
        .map(EncryptionScheme::Pbes2)
        .map_err(|_| refused("with a cipher or key derivation other than AES, PBKDF2 and scrypt"))
}

fn has_long_salt(parameters: AnyRef<'_>) -> bool {
    let salt = || {
        let kdf = *parts_of(parameters)?.first()?;
        let kdf_parameters = *parts_of(kdf)?.get(1)?;
        let salt = *parts_of(kdf_parameters)?.first()?;
        (salt.tag() == Tag::OctetString).then(|| salt.value().len())
    };
    salt().is_some_and(|length| length > Salt::MAX_LEN)
}

fn bound(scheme: &EncryptionScheme) -> Result<()> {
    let within = match scheme.pbes2().map(|parameters| &parameters.kdf) {
        Some(Kdf::Pbkdf2(parameters)) if parameters.iteration_count > 0 => parameters.iteration_count <= MOST_ROUNDS,
        Some(Kdf::Scrypt(parameters)) => {
            let (n, r, p) =
                (parameters.cost_parameter, u64::from(parameters.block_size), u64::from(parameters.parallelization));
            // RFC 7914 section 2. The library does not survive N = 0.
            if n < 2 || !n.is_power_of_two() || r == 0 || p == 0 {
                return Err(malformed(NAME));
            }
            let memory = n.checked_mul(r).and_then(|product| product.checked_mul(128));
            memory.is_some_and(|memory| {
                memory <= MOST_MEMORY && memory.checked_mul(p).is_some_and(|work| work <= MOST_WORK)
            })
        }
        _ => return Err(malformed(NAME)),
    };
    if within {
        return Ok(());
    }
    Err(Error::new(
        Code::KeyFormat,
        format!(
            "opening this encrypted private key would take too much work: PBKDF2 may have {MOST_ROUNDS} rounds, scrypt 256 MiB \
             of memory (128 * N * r) and 1 GiB of work (128 * N * r * p); {ENCRYPT_AGAIN}"
        ),
    ))
}

#[cold]
fn refused(how: &str) -> Error {
    Error::new(Code::KeyFormat, format!("the private key is encrypted {how}: {ENCRYPT_AGAIN}"))
}
