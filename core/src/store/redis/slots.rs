//! Which node of a Cluster has a key.

use std::collections::HashSet;
use std::sync::Arc;

use ::redis::Value;

use super::address::Place;

/// The number of slots.
const SLOTS: u16 = 16384;

/// The primaries, by the slots that they have.
pub(super) struct Slots(Vec<Range>);

struct Range {
    first: u16,
    last: u16,
    primary: Arc<Place>,
}

impl Slots {
    /// Reads what `CLUSTER SLOTS` answers. A node that does not know its own address means the one that was asked.
    pub(super) fn read(answer: &Value, asked: &Arc<Place>) -> Option<Self> {
        let Value::Array(rows) = answer else { return None };
        let mut ranges = rows.iter().map(|row| Range::read(row, asked)).collect::<Option<Vec<_>>>()?;
        ranges.sort_by_key(|range| range.first);
        Some(Self(ranges))
    }

    /// Who has the slot of this key.
    pub(super) fn primary(&self, key: &[u8]) -> Option<&Arc<Place>> {
        let slot = slot(key);
        let position = self.0.partition_point(|range| range.last < slot);
        self.0.get(position).filter(|range| range.first <= slot).map(|range| &range.primary)
    }

    /// Each of them, once.
    pub(super) fn primaries(&self) -> Vec<Arc<Place>> {
        let mut seen = HashSet::new();
        let all = self.0.iter().map(|range| Arc::clone(&range.primary));
        all.filter(|primary| seen.insert(Arc::clone(primary))).collect()
    }
}

impl Range {
    fn read(row: &Value, asked: &Place) -> Option<Self> {
        let Value::Array(row) = row else { return None };
        let [Value::Int(first), Value::Int(last), Value::Array(primary), ..] = row.as_slice() else { return None };
        let [host, Value::Int(port), ..] = primary.as_slice() else { return None };
        let host = match host {
            Value::BulkString(host) if !host.is_empty() => String::from_utf8(host.clone()).ok()?,
            Value::Nil | Value::BulkString(_) => asked.host.clone(),
            _ => return None,
        };
        let (first, last) = (u16::try_from(*first).ok()?, u16::try_from(*last).ok()?);
        let primary = Arc::new(Place::new(&host, u16::try_from(*port).ok()?)?);
        (first <= last && last < SLOTS).then_some(Self { first, last, primary })
    }
}

/// The place in `MOVED slot host:port`, and in `ASK` alike.
pub(super) fn redirect(details: &str, asked: &Place) -> Option<Arc<Place>> {
    let (host, port) = details.split(' ').nth(1)?.rsplit_once(':')?;
    let host = if host.is_empty() { &asked.host } else { host };
    Place::new(host, port.parse().ok()?).map(Arc::new)
}

/// The slot of a key: that of the part in the first braces, if there is something in them.
fn slot(key: &[u8]) -> u16 {
    let tag = key.iter().position(|byte| *byte == b'{').and_then(|open| {
        let rest = key.get(open.checked_add(1)?..)?;
        rest.get(..rest.iter().position(|byte| *byte == b'}')?).filter(|tag| !tag.is_empty())
    });
    crc16(tag.unwrap_or(key)) % SLOTS
}

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc: u16, byte| {
        (0..8).fold(
            crc ^ (u16::from(*byte) << 8),
            |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_those_of_the_cluster_specification() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
        assert_eq!(slot(b"somekey"), 11058);
        assert_eq!(slot(b"{user1000}.following"), slot(b"user1000"));
        assert_eq!(slot(b"foo{}{bar}"), crc16(b"foo{}{bar}") % SLOTS);
        assert_eq!(slot(b"foo{{bar}}zap"), slot(b"{bar"));
        assert_eq!(slot(b"foo{bar}{zap}"), slot(b"bar"));
        assert_eq!(slot(b"foo{bar"), crc16(b"foo{bar") % SLOTS);
    }

    #[test]
    fn a_map_that_is_not_one_is_refused_and_gaps_belong_to_nobody() {
        let asked = Arc::new(Place { host: "asked".to_owned(), port: 1 });
        let row = |first, last, host: Value, port| {
            Value::Array(vec![Value::Int(first), Value::Int(last), Value::Array(vec![host, Value::Int(port)])])
        };
        let named = |name: &str| Value::BulkString(name.as_bytes().to_vec());
        let slots = Value::Array(vec![row(12000, 16383, Value::Nil, 7), row(0, 100, named("a"), 6379)]);
        let slots = Slots::read(&slots, &asked).unwrap();
        assert_eq!(slots.primaries().len(), 2);
        assert_eq!(slots.primary(b"somekey"), None);
        assert_eq!(slots.primary(b"foo").unwrap().to_string(), "asked:7");
        for bad in [
            Value::Nil,
            Value::Array(vec![Value::Nil]),
            Value::Array(vec![row(-1, 5, named("a"), 1)]),
            Value::Array(vec![row(9, 5, named("a"), 1)]),
            Value::Array(vec![row(0, 16384, named("a"), 1)]),
            Value::Array(vec![row(0, 1, Value::Int(3), 1)]),
            Value::Array(vec![row(0, 1, named("a"), 65536)]),
        ] {
            assert!(Slots::read(&bad, &asked).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn redirects() {
        let asked = Place { host: "asked".to_owned(), port: 1 };
        assert_eq!(redirect("3999 127.0.0.1:6381", &asked).unwrap().to_string(), "127.0.0.1:6381");
        assert_eq!(redirect("3999 ::1:6381", &asked).unwrap().to_string(), "[::1]:6381");
        assert_eq!(redirect("3999 :6381", &asked).unwrap().to_string(), "asked:6381");
        for bad in ["", "3999", "3999 host", "3999 host:99999", "3999 ho\nst:1"] {
            assert!(redirect(bad, &asked).is_none(), "{bad}");
        }
    }
}
