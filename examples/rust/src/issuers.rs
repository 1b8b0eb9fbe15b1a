//! Verifiers for real issuers, as docs/issuers/ shows them. Nothing is fetched before the first token comes.

use std::hash::{BuildHasher, Hasher, RandomState};

use authwright_core::{Policy, RemoteKeySet, RemoteOptions, Result, Verifier};

fn main() -> Result<()> {
    // A number that differs from process to process: it spreads their requests in time.
    let seed = RandomState::new().build_hasher().finish();
    for verifier in [
        google(seed)?,
        google_in_both_spellings(seed)?,
        entra(seed)?,
        entra_version_1(seed)?,
        entra_for_many_tenants(seed)?,
        auth0(seed)?,
        keycloak(seed)?,
        cognito(seed)?,
        cognito_id_tokens(seed)?,
    ] {
        say(&format!("{verifier:?}"));
    }
    Ok(())
}

fn google(seed: u64) -> Result<Verifier> {
    let policy = r#"{
        "audience": "1234987819200.apps.googleusercontent.com",
        "algorithms": ["RS256"],
        "claims": {"hd": "example.com", "email_verified": true}
    }"#;
    Verifier::discover("https://accounts.google.com", Policy::from_json(policy)?, seed)
}

fn google_in_both_spellings(seed: u64) -> Result<Verifier> {
    let policy = r#"{
        "issuer": ["https://accounts.google.com", "accounts.google.com"],
        "audience": "1234987819200.apps.googleusercontent.com",
        "algorithms": ["RS256"],
        "claims": {"hd": "example.com", "email_verified": true}
    }"#;
    let options = RemoteOptions::from_json(r#"{"jwks_uri": "https://www.googleapis.com/oauth2/v3/certs"}"#)?;
    Verifier::remote(&RemoteKeySet::new(options, seed)?, Policy::from_json(policy)?)
}

fn entra(seed: u64) -> Result<Verifier> {
    let policy = r#"{"audience": "6e74172b-be56-4843-9ff4-e66a39bb12e3", "claims": {"ver": "2.0"}}"#;
    let issuer = "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0";
    Verifier::discover(issuer, Policy::from_json(policy)?, seed)
}

fn entra_version_1(seed: u64) -> Result<Verifier> {
    let options = RemoteOptions::from_json(
        r#"{
            "issuer": "https://sts.windows.net/fa15d692-e9c7-4460-a743-29f29522229f/",
            "metadata_url": "https://login.microsoftonline.com/fa15d692-e9c7-4460-a743-29f29522229f/.well-known/openid-configuration"
        }"#,
    )?;
    let policy = r#"{"audience": "api://5b2e1b2c-7a3c-4f0e-9e1b-aaaaaaaaaaaa", "claims": {"ver": "1.0"}}"#;
    Verifier::remote(&RemoteKeySet::new(options, seed)?, Policy::from_json(policy)?)
}

fn entra_for_many_tenants(seed: u64) -> Result<Verifier> {
    let policy = r#"{
        "audience": "6e74172b-be56-4843-9ff4-e66a39bb12e3",
        "claims": {
            "ver": "2.0",
            "tid": ["72f988bf-86f1-41af-91ab-2d7cd011db47", "fa15d692-e9c7-4460-a743-29f29522229f"]
        }
    }"#;
    Verifier::discover("https://login.microsoftonline.com/common/v2.0", Policy::from_json(policy)?, seed)
}

fn auth0(seed: u64) -> Result<Verifier> {
    let policy = Policy::from_json(r#"{"audience": "https://api.example"}"#)?;
    Verifier::discover("https://example.eu.auth0.com/", policy, seed)
}

fn keycloak(seed: u64) -> Result<Verifier> {
    let policy = Policy::from_json(r#"{"audience": "orders", "claims": {"typ": "Bearer"}}"#)?;
    Verifier::discover("https://sso.example/realms/main", policy, seed)
}

fn cognito(seed: u64) -> Result<Verifier> {
    let policy = r#"{"claims": {"token_use": "access", "client_id": ["xxxxxxxxxxxxexample"]}}"#;
    let issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_example";
    Verifier::discover(issuer, Policy::from_json(policy)?, seed)
}

fn cognito_id_tokens(seed: u64) -> Result<Verifier> {
    let policy = r#"{"audience": "xxxxxxxxxxxxexample", "claims": {"token_use": "id"}}"#;
    let issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_example";
    Verifier::discover(issuer, Policy::from_json(policy)?, seed)
}

#[allow(clippy::print_stdout, reason = "an example shows what it does")]
fn say(line: &str) {
    println!("{line}");
}
