//! Encrypted PKCS#8 (RFC 5958 section 3): PBES2 with PBKDF2 or scrypt.
//!
//! What the file asks for is bounded before any of it is done, because a file may come from someone who wants this
//! machine to be busy.

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
/// The memory of scrypt's lanes together, in bytes.
const MOST_LANES: u64 = 1 << 20;

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
        .map_err(|_| refused("with a cipher or key derivation other than AES, 3DES, PBKDF2 and scrypt"))
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
            // scrypt holds one block for each of its p lanes beside the N of the lane at work, and derives the former
            // by PBKDF2, which is far slower by the byte: honest keys have a block of 1 KiB and a lane or two.
            let bytes = |blocks: u64| r.checked_mul(blocks).and_then(|product| product.checked_mul(128));
            bytes(n).and_then(|lane| lane.checked_mul(p)).is_some_and(|work| work <= MOST_WORK)
                && bytes(n).is_some_and(|lane| lane <= MOST_MEMORY)
                && bytes(p).is_some_and(|lanes| lanes <= MOST_LANES)
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
             of memory (128 * N * r), 1 MiB of lanes (128 * r * p) and 1 GiB of work (128 * N * r * p); {ENCRYPT_AGAIN}"
        ),
    ))
}

#[cold]
fn refused(how: &str) -> Error {
    Error::new(Code::KeyFormat, format!("the private key is encrypted {how}: {ENCRYPT_AGAIN}"))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{assert_refused, load, load_with};
    use super::super::{Key, KeyOptions};
    use super::*;

    #[test]
    fn encrypted_keys_open_with_their_password() {
        for (name, original) in [
            ("rsa-2048-private-pbkdf2.pem", "rsa-2048-private.pem"),
            ("rsa-2048-private-pyca.pem", "rsa-2048-private.pem"),
            ("p256-private-pbkdf2-sha512.pem", "p256-private.pem"),
            ("p256-private-pbkdf2-most.pem", "p256-private.pem"),
            ("p256-private-pbkdf2-sha1.pem", "p256-private.pem"),
            ("p256-private-3des.pem", "p256-private.pem"),
            ("ed25519-private-scrypt.pem", "ed25519-private.pem"),
            ("ed25519-private-scrypt-most.pem", "ed25519-private.pem"),
        ] {
            let key = load(name).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(key.is_private(), "{name}");
            assert_eq!(key.thumbprint(), load(original).unwrap().thumbprint(), "{name}");
        }
    }

    #[test]
    fn a_wrong_or_missing_password_has_its_own_code() {
        fn open(password: Option<&[u8]>) -> Result<Key> {
            load_with("p256-private-pbkdf2-sha512.pem", &KeyOptions { password, ..KeyOptions::default() })
        }
        assert_refused(open(None), Code::KeyPassword, "pass its password");
        assert_eq!(open(None).err().unwrap().field(), Some("password"));
        // Enough of them that some leave valid padding behind.
        for number in 0..600 {
            let password = format!("wrong {number}");
            let error = open(Some(password.as_bytes())).err().unwrap();
            assert_eq!(error.code(), Code::KeyPassword, "{number}: {error}");
        }
        assert_refused(open(Some(b"")), Code::KeyPassword, "wrong");
        let plain = load_with("p256-private.pem", &KeyOptions { password: Some(b"needless"), ..KeyOptions::default() });
        assert!(plain.is_ok());
    }

    #[test]
    fn too_much_work_is_refused_before_it_is_done() {
        let started = std::time::Instant::now();
        for name in [
            "p256-private-pbkdf2-too-many.pem",
            "ed25519-private-scrypt-too-much.pem",
            "ed25519-private-scrypt-too-long.pem",
            "ed25519-private-scrypt-lanes.pem",
        ] {
            assert_refused(load(name), Code::KeyFormat, "too much work");
        }
        for name in ["ed25519-private-scrypt-zero.pem", "ed25519-private-scrypt-odd.pem"] {
            assert_refused(load(name), Code::KeyFormat, "damaged");
        }
        assert_refused(load("ed25519-private-scrypt-long-salt.pem"), Code::KeyFormat, "salt");
        assert!(started.elapsed().as_secs() < 2);
    }

    #[test]
    fn older_encryption_is_refused_with_the_command_to_run() {
        assert_refused(load("p256-private-pbes1.pem"), Code::KeyFormat, "openssl pkcs8 -topk8");
    }
}
