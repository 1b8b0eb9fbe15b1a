//! Keys and sets of keys: JSON Web Keys (RFC 7517), and every file format that keys come in.

mod asn1;
mod der;
mod ec;
mod encrypted;
#[cfg(test)]
mod fixture;
mod json;
mod key;
mod key_set;
mod material;
mod oid;
mod pem;
mod permission;
mod pkcs8;
pub(crate) mod remote;
mod rsa;
mod secret;
mod thumbprint;
mod x509;

pub use self::key::{Key, KeyOptions};
pub use self::key_set::{KeySet, Keys, Rejected};
pub(crate) use self::material::{EcPublic, Material, RsaPrivate, RsaPublic};
pub(crate) use self::permission::Operation;
pub use self::remote::{RemoteKeySet, RemoteOptions};
