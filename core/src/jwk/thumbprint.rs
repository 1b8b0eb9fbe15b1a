//! The thumbprint of a key (RFC 7638).

use zeroize::Zeroizing;

use super::material::Material;
use crate::crypto;
use crate::encoding::base64url;

/// SHA-256 of the key's required members in their canonical form, as base64url.
pub(super) fn of(material: &Material) -> String {
    let text = |bytes: &[u8]| base64url::encode(bytes);
    // RFC 7638 section 3.2: members in the order of their names, without white space.
    let canonical = Zeroizing::new(match material {
        Material::Secret(k) => {
            let k = Zeroizing::new(text(k));
            format!(r#"{{"k":"{}","kty":"oct"}}"#, k.as_str())
        }
        Material::Rsa { public, .. } => {
            format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, text(&public.e), text(&public.n))
        }
        Material::Ec { curve, public, .. } => {
            format!(r#"{{"crv":"{}","kty":"EC","x":"{}","y":"{}"}}"#, curve.name(), text(&public.x), text(&public.y))
        }
        // RFC 8037 section 2.
        Material::Ed25519 { x, .. } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, text(x)),
    });
    base64url::encode(&crypto::sha256(canonical.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::Key;
    use super::super::fixture::load;

    #[test]
    fn the_examples_of_the_rfcs() {
        // RFC 7638 section 3.1, RFC 8037 appendix A.3.
        assert_eq!(load("rfc7638-3.1.jwk").unwrap().thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        let key = load("rfc8037-a1.jwk").unwrap();
        assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(key.public_key().unwrap().thumbprint(), key.thumbprint());
    }

    #[test]
    fn a_secret_has_one_too() {
        // SHA-256 of {"k":"AAECAwQ","kty":"oct"}, by openssl.
        let key = Key::from_jwk(r#"{"kty":"oct","k":"AAECAwQ"}"#).unwrap();
        assert_eq!(key.thumbprint(), "IolPe99aKfPK-CNTVWYaJS2WiGF4qRVYaWIIQwZ46XU");
    }
}
