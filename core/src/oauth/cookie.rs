//! The cookie that binds a login to the browser that began it.
//!
//! `__Host-aw-login.<when it was set, in seconds>.<hash of the state>`: the prefix keeps other hosts and plain HTTP
//! from writing it (RFC 6265bis section 4.1.3.2), the hash gives each tab its own, and the time tells which are the
//! oldest without opening any.

use crate::crypto::sha256;
use crate::encoding::base64url;

const PREFIX: &str = "__Host-aw-login.";

/// So long a login may take, in seconds.
pub(super) const LIFE: i64 = 600;

/// At most so many logins go on in one browser: a page that begins one at each request must not fill the browser's jar,
/// or the server's limit of a header.
const MOST: usize = 5;

/// The longest value of a `Set-Cookie` header, in bytes.
pub(super) const MOST_BYTES: usize = 2048;

/// The `Set-Cookie` value for a login.
pub(super) fn set(state: &str, sealed: &str, now: i64, is_cross_site: bool) -> String {
    written(&format!("{PREFIX}{now}.{}", hash(state)), sealed, LIFE, is_cross_site)
}

/// The login's sealed transaction, and the `Set-Cookie` value that removes it, from a request's `Cookie` header.
pub(super) fn find<'a>(cookies: &'a str, state: &str, is_cross_site: bool) -> Option<(&'a str, String)> {
    let hash = hash(state);
    let mut found = logins(cookies).filter(|login| login.hash == hash);
    let login = found.next()?;
    // Of two, one is not this host's.
    found.next().is_none().then(|| (login.value, removal(login.name, is_cross_site)))
}

/// The `Set-Cookie` values that remove what is too old, or too much once there is one more.
pub(super) fn stale(cookies: &str, now: i64, is_cross_site: bool) -> Vec<String> {
    let mut logins: Vec<_> = logins(cookies).collect();
    logins.sort_unstable_by_key(|login| std::cmp::Reverse(login.set_at));
    let is_over = |login: &Login<'_>| login.set_at.saturating_add(LIFE) <= now;
    let kept = logins.iter().take_while(|login| !is_over(login)).count().min(MOST.saturating_sub(1));
    logins.iter().skip(kept).map(|login| removal(login.name, is_cross_site)).collect()
}

struct Login<'a> {
    name: &'a str,
    value: &'a str,
    set_at: i64,
    hash: &'a str,
}

fn logins(cookies: &str) -> impl Iterator<Item = Login<'_>> {
    cookies.split(';').filter_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        let (set_at, hash) = name.strip_prefix(PREFIX)?.split_once('.')?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let set_at = set_at.parse().ok().filter(|_| set_at.bytes().all(|byte| byte.is_ascii_digit()))?;
        // What goes back into a header must not be able to say more than a name.
        hash.bytes().all(is_plain).then_some(Login { name, value, set_at, hash })
    })
}

fn hash(state: &str) -> String {
    let mut hash = base64url::encode(&sha256(state.as_bytes()));
    hash.truncate(16);
    hash
}

fn removal(name: &str, is_cross_site: bool) -> String {
    written(name, "", 0, is_cross_site)
}

/// A form that the provider's page posts is a request from another site: browsers send it cookies only if they say so.
fn written(name: &str, value: &str, life: i64, is_cross_site: bool) -> String {
    let same_site = if is_cross_site { "None" } else { "Lax" };
    format!("{name}={value}; Path=/; Max-Age={life}; HttpOnly; Secure; SameSite={same_site}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(set_cookie: &str) -> &str {
        set_cookie.split(';').next().unwrap()
    }

    #[test]
    fn a_cookie_is_found_by_its_state() {
        let (one, other) = (set("one", "AAA", 1000, false), set("other", "BBB", 1000, false));
        assert!(one.starts_with("__Host-aw-login.1000."));
        assert!(one.ends_with("=AAA; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax"));
        assert!(set("one", "AAA", 1000, true).ends_with("SameSite=None"));
        let header = format!("a=b; {}; {}; c", pair(&one), pair(&other));
        let (value, removal) = find(&header, "other", false).unwrap();
        assert_eq!(value, "BBB");
        assert!(removal.contains("=; Path=/; Max-Age=0;"));
        assert!(find(&header, "third", false).is_none());
        let twice = format!("{}; {}", pair(&one), pair(&one));
        assert!(find(&twice, "one", false).is_none());
    }

    #[test]
    fn the_oldest_go() {
        let header: Vec<String> =
            (0..8).map(|place| pair(&set(&place.to_string(), "A", 1000 + place, false)).to_owned()).collect();
        let header = header.join("; ");
        let stale = |now| stale(&header, now, false);
        assert_eq!(stale(1010).len(), 4, "four stay, and the new one");
        assert!(stale(1010).iter().all(|removal| removal[..20].ends_with(|digit| ('0'..='3').contains(&digit))));
        assert_eq!(stale(1606).len(), 7, "one is not over");
        assert_eq!(stale(9999).len(), 8);
        assert!(
            super::stale("__Host-aw-login.1.a\r\nX: y=1; __Host-aw-login.-1.a=b; __Host-aw-login.x.a=b", 9, false)
                .is_empty()
        );
    }
}
