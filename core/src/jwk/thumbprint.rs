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
