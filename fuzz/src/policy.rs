//! The rules of verification a second time, from the documentation: not which error, only whether a token may be accepted.

use serde_json::Value;

use crate::NOW;

/// Panics if a token with these parts must not have been accepted under the policy, which is given as its own document.
pub fn assert_fulfilled(policy: &Value, header: &Value, claims: &Value) {
    if claims.is_null() || header.is_null() {
        return;
    }
    let flag = |name: &str| policy.get(name).is_some_and(|value| value == true);
    let list =
        |name: &str| -> Vec<&Value> { policy.get(name).and_then(Value::as_array).into_iter().flatten().collect() };
    let leeway = policy.get("leeway").map_or(30.0, number);
    let strings = list("compat").iter().any(|name| **name == "string_dates");
    let date = |name: &str| {
        claims.get(name).map(|value| match value {
            Value::String(text) if strings => text.parse::<f64>().expect("a date in digits"),
            value => number(value),
        })
    };
    let now = NOW as f64;
    match date("exp") {
        Some(exp) => assert!((0.0..9_007_199_254_740_992.0).contains(&exp) && now < exp + leeway, "expired at {exp}"),
        None => assert!(flag("dangerous_no_expiration"), "no exp"),
    }
    assert!(date("nbf").is_none_or(|nbf| (0.0..=now + leeway).contains(&nbf)), "not yet valid");
    assert!(date("iat").is_none_or(|iat| (0.0..=now + leeway).contains(&iat)), "issued in the future");
    if let Some(age) = policy.get("max_token_age") {
        assert!(now <= date("iat").expect("iat is required") + number(age) + leeway, "too old");
    }
    for (member, claim) in [("issuer", "iss"), ("subject", "sub")] {
        let expected = list(member);
        assert!(expected.is_empty() || expected.contains(&claims.get(claim).expect("is required")), "{claim}");
    }
    let expected = list("audience");
    let audience: Vec<&Value> = match claims.get("aud") {
        None => Vec::new(),
        Some(Value::Array(names)) => names.iter().collect(),
        Some(one) => vec![one],
    };
    assert!(audience.iter().all(|name| name.is_string()), "an audience that is no string");
    if expected.is_empty() {
        assert!(claims.get("aud").is_none() || flag("dangerous_any_audience"), "an audience that nobody expected");
    } else {
        assert!(audience.iter().any(|name| expected.contains(name)), "another audience");
    }
    assert!(
        list("required").iter().all(|name| claims.get(name.as_str().unwrap_or("")).is_some()),
        "a claim is missing"
    );
    for (name, expected) in policy.get("claims").and_then(Value::as_object).into_iter().flatten() {
        let found = claims.get(name).expect("an expected claim is there");
        let fits = match expected {
            Value::Array(any_of) => any_of.iter().any(|one| crate::json::same(one, found)),
            one => crate::json::same(one, found),
        };
        assert!(fits, "{name} is {found}, not {expected}");
    }
    let types = list("typ");
    let short = |name: &str| name.to_ascii_lowercase().trim_start_matches("application/").to_owned();
    let of = |value: &Value| short(value.as_str().expect("a typ is a string"));
    assert!(types.is_empty() || types.iter().any(|one| of(one) == of(&header["typ"])), "another typ");
    assert!(header.get("crit").is_none(), "no extension is understood");
    let algorithm = header["alg"].as_str().expect("an alg is a string");
    let canonical = |name: &str| if name == "Ed25519" { "EdDSA" } else { name }.to_owned();
    let allowed = list("algorithms");
    let fits = |one: &&Value| one.as_str().is_some_and(|one| canonical(one) == canonical(algorithm));
    assert!(allowed.is_empty() || allowed.iter().any(fits), "an alg that the policy does not allow");
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}
