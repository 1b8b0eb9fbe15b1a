//! A look at ASN.1 from the outside: the parts of a SEQUENCE, before anyone says what they mean.

use der::asn1::{AnyRef, BitStringRef, OctetStringRef};
use der::{Decode, Reader, Tag, Tagged};

use crate::error::{Code, Error, Result};

/// No key has a longer SEQUENCE than `RSAPrivateKey` with its ten parts.
const MOST_PARTS: usize = 16;

/// The parts of the one SEQUENCE that `der` is. `None` for anything else, and for more after it.
pub(super) fn parts(der: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    parts_of(AnyRef::from_der(der).ok()?)
}

/// The parts of a SEQUENCE.
pub(super) fn parts_of(sequence: AnyRef<'_>) -> Option<Vec<AnyRef<'_>>> {
    sequence
        .sequence(|reader| {
            let mut parts = Vec::new();
            while !reader.is_finished() {
                if parts.len() == MOST_PARTS {
                    return Err(der::Error::from(Tag::Sequence.length_error()));
                }
                parts.push(reader.decode::<AnyRef<'_>>()?);
            }
            Ok(parts)
        })
        .ok()
}

/// What an explicitly tagged part holds, if it is the one with this number.
pub(super) fn explicit(part: AnyRef<'_>, number: u32) -> Option<AnyRef<'_>> {
    match part.tag() {
        Tag::ContextSpecific { constructed: true, number: found } if found.value() == number => {
            AnyRef::from_der(part.value()).ok()
        }
        _ => None,
    }
}

/// The bytes of an OCTET STRING.
pub(super) fn octets(part: AnyRef<'_>) -> Option<&[u8]> {
    part.decode_as::<&OctetStringRef>().ok().map(OctetStringRef::as_bytes)
}

/// The bytes of a BIT STRING that is whole bytes.
pub(super) fn bits(part: AnyRef<'_>) -> Option<&[u8]> {
    part.decode_as::<BitStringRef<'_>>().ok()?.as_bytes()
}

/// The value of an INTEGER from 0 to 255.
pub(super) fn small(part: AnyRef<'_>) -> Option<u8> {
    part.decode_as::<u8>().ok()
}

/// The refusal of a structure that starts right and goes wrong. What the decoder met inside is not told: positions and
/// values of a private key are nobody's business.
#[cold]
pub(super) fn malformed(what: &str) -> Error {
    Error::new(Code::KeyFormat, format!("the {what} is damaged: its ASN.1 structure does not hold together"))
}

/// The refusal of a structure that could not be written, which no key of ours can cause.
#[cold]
pub(super) fn unwritable(_: der::Error) -> Error {
    Error::internal("a key could not be written as DER")
}

/// The bytes, or the refusal of the structure they should have been in.
pub(super) fn required<T>(part: Option<T>, what: &str) -> Result<T> {
    part.ok_or_else(|| malformed(what))
}
