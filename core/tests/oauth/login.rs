//! The way to the provider and back.

use authwright_core::oauth::{Kept, LoginOptions, LogoutOptions, RefreshOptions};
use authwright_core::operation::Failure;
use authwright_core::operation::Sent;
use authwright_core::{Code, Error};
use serde_json::{Value, json};

use crate::provider::{CALLBACK, ISSUER, Provider, SECOND, START, client, client_with_keys, query, seal_key};

/// The code and the field of the error with which a login ends.
fn refusal(change: impl FnOnce(&mut Provider), options: &str, parameters: &[(&str, &str)]) -> (Code, Option<String>) {
    let error = login(change, json!({}), options, parameters).unwrap_err();
    (error.code(), error.field().map(str::to_owned))
}

fn login(
    change: impl FnOnce(&mut Provider),
    settings: Value,
    options: &str,
    parameters: &[(&str, &str)],
) -> Result<(Provider, authwright_core::oauth::Tokens), Error> {
    let (mut provider, client) = (Provider::new(), client(settings));
    change(&mut provider);
    let login = provider.begin(&client, options, START)?;
    let callback = provider.authorize(&login, parameters);
    let tokens = provider.finish(&client, &login, &callback, START + 5 * SECOND)?;
    Ok((provider, tokens))
}

#[test]
fn a_login_is_two_calls() {
    let (mut provider, client) = (Provider::new(), client(json!({"scope": "openid email"})));
    let login = provider
        .begin(&client, r#"{"return_to":"/inbox?x=1","prompt":"login","parameters":{"foo":"b r"}}"#, START)
        .unwrap();
    assert!(
        login.url().starts_with("https://id.example/auth?x=1&response_type=code&client_id=web&"),
        "{}",
        login.url()
    );
    let asked = query(login.url());
    for (name, value) in [
        ("redirect_uri", CALLBACK),
        ("scope", "openid email"),
        ("code_challenge_method", "S256"),
        ("prompt", "login"),
        ("foo", "b r"),
    ] {
        assert_eq!(asked[name], value);
    }
    assert!(["state", "nonce", "code_challenge"].iter().all(|name| asked[*name].len() == 43));
    assert!(login.cookie().starts_with("__Host-aw-login.1700000000."), "{}", login.cookie());
    assert!(login.cookie().ends_with("; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax"));
    assert!(login.cookie().len() < 2048);

    let callback = provider.authorize(&login, &[]);
    let tokens = provider.finish(&client, &login, &callback, START + 60 * SECOND).unwrap();
    assert_eq!((tokens.access_token(), tokens.refresh_token()), ("at-1", Some("rt-1")));
    assert_eq!(tokens.expires_at(), Some(1_700_000_060 + 3600));
    assert_eq!(
        (tokens.scope(), tokens.return_to()),
        (["openid", "email"].map(str::to_owned).as_slice(), Some("/inbox?x=1"))
    );
    assert!(tokens.claims().unwrap().get("sub").unwrap().as_str().unwrap() == *"alice");
    assert_eq!(tokens.clear_cookie(), None);

    let sent = &provider.forms[0];
    assert_eq!((sent["grant_type"].as_str(), sent["code"].as_str()), ("authorization_code", "c0de"));
    assert_eq!((sent["client_id"].as_str(), sent["client_secret"].as_str()), ("web", "s3cret"));
    assert_eq!(sent["redirect_uri"], CALLBACK);
    assert_eq!(sent["code_verifier"].len(), 43);

    let user = provider.drive(client.userinfo(&tokens, START + 90 * SECOND), START + 61 * SECOND).unwrap();
    assert_eq!((user.subject(), user.email(), user.email_verified()), ("alice", Some("alice@id.example"), Some(true)));
    provider.userinfo = json!({"sub": "mallory"});
    let error = provider.drive(client.userinfo(&tokens, START + 90 * SECOND), START + 61 * SECOND).unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::SubjectMismatch, Some("sub")));
    // One discovery for all of it.
    assert_eq!(provider.requests.iter().filter(|path| path.contains("well-known")).count(), 1);
}

#[test]
fn the_transaction_in_cookies() {
    let (mut provider, client) = (Provider::new(), client(json!({})));
    let (one, other) = (provider.begin(&client, "{}", START).unwrap(), provider.begin(&client, "{}", START).unwrap());
    let pair = |cookie: &str| cookie.split(';').next().unwrap().to_owned();
    let cookies = format!("session=7; {}; {}", pair(one.cookie()), pair(other.cookie()));
    for login in [&other, &one] {
        let callback = provider.authorize(login, &[]);
        let finish = client.finish_login(Kept::Cookies(&cookies), &callback, START + SECOND);
        let tokens = provider.drive(finish, START).unwrap();
        let name = pair(login.cookie()).split('=').next().unwrap().to_owned();
        assert!(tokens.clear_cookie().unwrap().starts_with(&format!("{name}=; Path=/; Max-Age=0;")));
    }
    // Login CSRF: the callback of another's browser.
    let callback = provider.authorize(&one, &[]);
    for cookies in ["", "session=7", &pair(other.cookie())] {
        let error =
            provider.drive(client.finish_login(Kept::Cookies(cookies), &callback, START + SECOND), START).unwrap_err();
        assert_eq!(error.code(), Code::TransactionInvalid);
    }
    let stale = provider
        .drive(client.begin_login(LoginOptions::default(), Some(&cookies), START + 601 * SECOND), START + 600 * SECOND)
        .unwrap();
    assert_eq!(stale.stale_cookies().len(), 2);
}

#[test]
fn a_login_belongs_to_its_client_and_its_time() {
    let (mut provider, client) = (Provider::new(), client_with_keys(json!({}), vec![seal_key(1)]));
    let login = provider.begin(&client, "{}", START).unwrap();
    let callback = provider.authorize(&login, &[]);
    // Another worker, after the keys were rotated.
    let rotated = client_with_keys(json!({}), vec![seal_key(2), seal_key(1)]);
    provider.finish(&rotated, &login, &callback, START + 599 * SECOND).unwrap();
    let code = |provider: &mut Provider, other: Value, key, now| {
        provider.finish(&client_with_keys(other, vec![seal_key(key)]), &login, &callback, now).unwrap_err().code()
    };
    assert_eq!(code(&mut provider, json!({}), 1, START + 600 * SECOND), Code::TransactionExpired);
    assert_eq!(code(&mut provider, json!({}), 2, START), Code::TransactionInvalid);
    assert_eq!(code(&mut provider, json!({"client_id": "other"}), 1, START), Code::TransactionInvalid);
    assert_eq!(
        code(&mut provider, json!({"redirect_uri": "https://app.example/other"}), 1, START),
        Code::TransactionInvalid
    );
    assert_eq!(code(&mut provider, json!({"issuer": "https://evil.example"}), 1, START), Code::TransactionInvalid);
    let another = provider.begin(&client, "{}", START).unwrap();
    let error = provider.finish(&client, &another, &callback, START).unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::StateMismatch, Some("state")));
    assert_eq!(provider.forms.len(), 1, "no code was sent for any of them");
}

#[test]
fn who_answers_is_who_was_asked() {
    let nothing = |_: &mut Provider| {};
    let silent =
        |provider: &mut Provider| provider.metadata = json!({"authorization_response_iss_parameter_supported": null});
    let mismatch = (Code::IssuerMismatch, Some("iss".to_owned()));
    assert_eq!(refusal(nothing, "{}", &[("iss", "https://evil.example")]), mismatch);
    assert_eq!(refusal(nothing, "{}", &[("iss", "")]), mismatch, "stripped, though it is always there");
    assert_eq!(refusal(silent, "{}", &[("iss", "https://evil.example")]), mismatch);
    assert_eq!(refusal(nothing, "{}", &[("iss", "https://evil.example"), ("error", "access_denied")]), mismatch);
    login(silent, json!({}), "{}", &[("iss", "")]).unwrap();
    login(silent, json!({}), "{}", &[]).unwrap();
}

#[test]
fn the_providers_refusals_keep_their_words() {
    let error = login(
        |_| {},
        json!({}),
        "{}",
        &[("code", ""), ("error", "access_denied"), ("error_description", "No <b>way</b>")],
    )
    .unwrap_err();
    assert_eq!((error.code(), error.http_status()), (Code::AuthorizationRefused, None));
    assert_eq!(
        (error.provider_error(), error.provider_error_description()),
        (Some("access_denied"), Some("No <b>way</b>"))
    );
    let refused = |provider: &mut Provider| {
        provider.status = 400;
        provider.answer = json!({"error": "invalid_grant", "error_description": "too late"});
    };
    let error = login(refused, json!({}), "{}", &[]).unwrap_err();
    assert_eq!(
        (error.code(), error.provider_error(), error.http_status()),
        (Code::GrantRefused, Some("invalid_grant"), Some(400))
    );
    assert_eq!(refusal(|_| {}, "{}", &[("code", "")]), (Code::CallbackInvalid, Some("code".to_owned())));
}

#[test]
fn an_id_token_is_the_answer_to_this_login() {
    let with = |claims: Value| move |provider: &mut Provider| provider.claims = claims;
    for (claims, options, code, field) in [
        (json!({"nonce": "other"}), "{}", Code::ClaimMismatch, "nonce"),
        (json!({"nonce": null}), "{}", Code::ClaimMissing, "nonce"),
        (json!({"nonce": 7}), "{}", Code::ClaimType, "nonce"),
        (json!({"iss": "https://evil.example"}), "{}", Code::IssuerMismatch, "iss"),
        (json!({"aud": "other"}), "{}", Code::AudienceMismatch, "aud"),
        (json!({"aud": ["web", "api"]}), "{}", Code::ClaimMissing, "azp"),
        (json!({"azp": "other"}), "{}", Code::ClaimMismatch, "azp"),
        (json!({"exp": 1_600_000_000}), "{}", Code::TokenExpired, "exp"),
        (json!({"exp": null}), "{}", Code::ClaimMissing, "exp"),
        (json!({"iat": 1_700_000_100}), "{}", Code::TokenIssuedInFuture, "iat"),
        (json!({"sub": null}), "{}", Code::ClaimMissing, "sub"),
        (json!({"at_hash": "other"}), "{}", Code::ClaimMismatch, "at_hash"),
        (json!({"c_hash": "other"}), "{}", Code::ClaimMismatch, "c_hash"),
        (json!({}), r#"{"max_age":60}"#, Code::ClaimMissing, "auth_time"),
        (json!({"auth_time": 1_699_999_000}), r#"{"max_age":60}"#, Code::TokenTooOld, "auth_time"),
        (json!({"auth_time": 1_700_000_100}), r#"{"max_age":60}"#, Code::TokenIssuedInFuture, "auth_time"),
        (json!({"auth_time": "1700000000"}), r#"{"max_age":60}"#, Code::ClaimType, "auth_time"),
        (json!({}), r#"{"acr_values":"gold"}"#, Code::ClaimMissing, "acr"),
        (json!({"acr": "silver"}), r#"{"acr_values":["gold","platinum"]}"#, Code::ClaimMismatch, "acr"),
    ] {
        let shown = claims.to_string();
        assert_eq!(refusal(with(claims), options, &[]), (code, Some(field.to_owned())), "{shown}");
    }
    for (claims, options) in [
        (json!({"auth_time": 1_699_999_980.5}), r#"{"max_age":0}"#),
        (json!({"acr": "gold"}), r#"{"acr_values":["gold","platinum"]}"#),
        (json!({"acr": "gold"}), r#"{"acr_values":"platinum gold"}"#),
        (json!({"aud": ["web", "api"], "azp": "web"}), "{}"),
    ] {
        login(with(claims), json!({}), options, &[]).unwrap();
    }
    let no_token = |provider: &mut Provider| provider.answer = json!({"id_token": null});
    assert_eq!(refusal(no_token, "{}", &[]), (Code::IdTokenMissing, Some("id_token".to_owned())));
    let (_, tokens) = login(no_token, json!({"scope": "read"}), "{}", &[]).unwrap();
    assert!(tokens.claims().is_none());
}

#[test]
fn an_endpoint_that_cannot_be_used_is_named() {
    let plain = |provider: &mut Provider| provider.metadata = json!({"token_endpoint": "http://id.example/token"});
    assert_eq!(refusal(plain, "{}", &[]), (Code::MetadataInvalid, Some("token_endpoint".to_owned())));
}

#[test]
fn what_can_never_be_checked_is_refused_at_once() {
    let endpoints = json!({
        "authorization_endpoint": format!("{ISSUER}/auth"),
        "token_endpoint": format!("{ISSUER}/token"),
    });
    let refused = |change: Value, field: &str| {
        let error = crate::provider::try_client(change).err().unwrap();
        assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some(field)), "{error}");
    };
    let with = |name: &str, value: Value| {
        let mut settings = endpoints.clone();
        settings[name] = value;
        settings
    };
    refused(with("scope", json!("openid")), "jwks_uri");
    refused(with("metadata_url", json!("https://id.example/m")), "metadata_url");
    refused(json!({"team_id": "T"}), "team_id");
    refused(json!({"leeway": 301}), "leeway");
    refused(
        json!({"response_type": "code id_token", "response_mode": "form_post", "dangerous_no_nonce": true}),
        "response_type",
    );
    for (options, field) in [(r#"{"max_age":0}"#, "max_age"), (r#"{"acr_values":"gold"}"#, "acr_values")] {
        let (mut provider, client) = (Provider::new(), client(json!({"scope": "read"})));
        let error = provider.begin(&client, options, START).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some(field)));
    }
}

#[test]
fn pinned_keys_are_the_keys() {
    let (mut provider, client) = (Provider::new(), client(json!({"jwks_uri": "https://mirror.example/jwks"})));
    assert_eq!(provider.log_in(&client).unwrap_err().code(), Code::KeysNeeded);
    assert!(provider.requests.iter().any(|path| path == "https://mirror.example/jwks"));
    assert!(provider.forms.is_empty(), "without keys the code is not spent");
}

#[test]
fn a_profile_of_one_installation_is_not_mixed_with_another() {
    let mut settings = json!({
        "provider": "github",
        "authorization_endpoint": "https://ghe.example/login/oauth/authorize",
        "token_endpoint": "https://ghe.example/login/oauth/access_token",
        "client_id": "c",
        "client_secret": "s",
    });
    let tokens = authwright_core::oauth::Tokens::from_json(r#"{"access_token":"at"}"#).unwrap();
    let ask = |settings: &Value| {
        let options = authwright_core::oauth::ClientOptions::from_json(&settings.to_string()).unwrap();
        let client = authwright_core::oauth::Client::new(options, Default::default(), 1).unwrap();
        let mut provider = Provider::new();
        let error = provider.drive(client.userinfo(&tokens, START + SECOND), START).unwrap_err();
        (error.code(), provider.requests)
    };
    assert_eq!(ask(&settings), (Code::EndpointMissing, vec![]));
    settings["userinfo_endpoint"] = "https://ghe.example/api/v3/user".into();
    assert_eq!(ask(&settings), (Code::Transport, vec!["https://ghe.example/api/v3/user".to_owned()]));
}

#[test]
fn a_failed_logins_cookie_can_be_removed() {
    let (mut provider, client) = (Provider::new(), client(json!({})));
    let login = provider.begin(&client, "{}", START).unwrap();
    let pair = login.cookie().split(';').next().unwrap();
    let callback = provider.authorize(&login, &[("code", ""), ("error", "access_denied")]);
    let removal = client.forget_login(pair, &callback).unwrap();
    assert!(removal.starts_with(pair.split('=').next().unwrap()) && removal.contains("Max-Age=0"));
    assert_eq!(client.forget_login("a=b", &callback), None);
    assert_eq!(client.forget_login(pair, "state=other"), None);
}

#[test]
fn nothing_shows_what_is_secret() {
    let logout = LogoutOptions::from_json(r#"{"id_token_hint":"ey.SECRET.sig"}"#).unwrap();
    let login = LoginOptions::from_json(r#"{"login_hint":"SECRET","parameters":{"x":"SECRET"}}"#).unwrap();
    assert!(!format!("{logout:?} {login:?} {:?}", client(json!({}))).contains("SECRET"));
    assert!(!format!("{:?}", client(json!({}))).contains("s3cret"));
}

#[test]
fn an_answer_counts_if_it_came_in_time() {
    use authwright_core::operation::{EffectKind, Step};
    let (mut provider, client) = (Provider::new(), client(json!({})));
    let tokens = provider.log_in(&client).unwrap();
    let mut refresh = client.refresh(&tokens, RefreshOptions::default(), START + SECOND);
    let Step::Effect(effect) = refresh.step(START) else { panic!("it is done") };
    let EffectKind::Send(request) = &effect.kind else { panic!("another effect") };
    let (id, outcome) = (effect.id, provider.send(&request.clone(), START));
    refresh.resume(id, START + SECOND - 1, outcome).unwrap();
    assert!(matches!(refresh.step(START + SECOND), Step::Done(tokens) if tokens.access_token() == "at-2"));

    provider.failure = Some(Failure::transport(Sent::Maybe, "reset"));
    let error = provider.drive(client.refresh(&tokens, RefreshOptions::default(), START + SECOND), START).unwrap_err();
    assert_eq!((error.code(), error.cause().unwrap().code()), (Code::RefreshUncertain, Code::Transport));
    provider.failure = Some(Failure::transport(Sent::Not, "refused"));
    let error = provider.drive(client.refresh(&tokens, RefreshOptions::default(), START + SECOND), START).unwrap_err();
    assert_eq!(error.code(), Code::Transport);
}

#[test]
fn pkce_is_not_talked_out_of() {
    for methods in [json!(["plain"]), json!([])] {
        let weak = |provider: &mut Provider| provider.metadata = json!({"code_challenge_methods_supported": methods});
        assert_eq!(refusal(weak, "{}", &[]).0, Code::PkceUnsupported);
        let (provider, _) = login(weak, json!({"dangerous_no_pkce": true}), "{}", &[]).unwrap();
        assert!(!provider.forms[0].contains_key("code_verifier"));
    }
    let unsaid = |provider: &mut Provider| provider.metadata = json!({"code_challenge_methods_supported": null});
    let (provider, _) = login(unsaid, json!({}), "{}", &[]).unwrap();
    assert!(provider.forms[0].contains_key("code_verifier"));
}

#[test]
fn a_code_is_sent_once() {
    for sent in [Sent::Not, Sent::Maybe] {
        let (mut provider, client) = (Provider::new(), client(json!({})));
        let login = provider.begin(&client, "{}", START).unwrap();
        let callback = provider.authorize(&login, &[]);
        provider.failure = Some(Failure::transport(sent, "reset"));
        let error = provider.finish(&client, &login, &callback, START).unwrap_err();
        assert_eq!((error.code(), provider.forms.len()), (Code::Transport, 1));
    }
}

#[test]
fn a_hybrid_login_checks_both_tokens() {
    let settings = json!({"response_type": "code id_token", "response_mode": "form_post"});
    let (mut provider, client) = (Provider::new(), client(settings));
    let login = provider.begin(&client, "{}", START).unwrap();
    assert_eq!(query(login.url())["response_mode"], "form_post");
    assert!(login.cookie().ends_with("SameSite=None"));
    provider.authorize(&login, &[]);
    let mut finish = |claims: Value, back: Value| {
        provider.claims = claims;
        let token = provider.id_token(START);
        provider.claims = back;
        let callback = provider.authorize(&login, &[("id_token", &token)]);
        let form = callback.split_once('?').unwrap().1.to_owned();
        provider
            .finish(&client, &login, &form, START)
            .map(drop)
            .map_err(|error| (error.code(), error.field().map(str::to_owned)))
    };
    // The left half of the SHA-512 of `c0de`: the key is one of Ed25519.
    let hash = "QJ15KgiqhOSZyQJ5IY3MUNsxfxjuvi1zkp3Rw9x8eSU";
    let c_hash = json!({"c_hash": hash});
    assert_eq!(finish(json!({}), json!({})), Err((Code::ClaimMissing, Some("c_hash".to_owned()))));
    assert_eq!(finish(json!({"c_hash": "x"}), json!({})), Err((Code::ClaimMismatch, Some("c_hash".to_owned()))));
    assert_eq!(finish(c_hash.clone(), json!({"sub": "mallory"})), Err((Code::SubjectMismatch, Some("sub".to_owned()))));
    assert_eq!(finish(c_hash.clone(), json!({})), Ok(()));
    // Its front ID token names the issuer (RFC 9207 section 4).
    provider.claims = c_hash;
    let token = provider.id_token(START);
    let callback = provider.authorize(&login, &[("id_token", &token), ("iss", "")]);
    provider.finish(&client, &login, &callback, START).unwrap();
    let callback = provider.authorize(&login, &[("id_token", &token), ("iss", "https://evil.example")]);
    assert_eq!(provider.finish(&client, &login, &callback, START).unwrap_err().code(), Code::IssuerMismatch);
    let callback = provider.authorize(&login, &[]);
    let error = provider.finish(&client, &login, &callback, START).unwrap_err();
    assert_eq!(error.code(), Code::IdTokenMissing);
}

#[test]
fn a_refresh_keeps_what_the_answer_leaves_out() {
    let (mut provider, client) = (Provider::new(), client(json!({})));
    let tokens = provider.log_in(&client).unwrap();
    provider.answer = json!({"refresh_token": null, "id_token": null});
    let fresh = provider
        .drive(
            client.refresh(&tokens, RefreshOptions::from_json(r#"{"scope":"openid"}"#).unwrap(), START + SECOND),
            START,
        )
        .unwrap();
    assert_eq!((fresh.access_token(), fresh.refresh_token()), ("at-2", Some("rt-1")));
    assert_eq!(fresh.claims().unwrap().text(), tokens.claims().unwrap().text());
    assert_eq!((provider.forms[1]["scope"].as_str(), fresh.scope().join(" ").as_str()), ("openid", "openid"));
    provider.answer = json!({});
    let fresh = provider.drive(client.refresh(&tokens, RefreshOptions::default(), START + SECOND), START).unwrap();
    assert_eq!(fresh.refresh_token(), Some("rt-3"));
    provider.claims = json!({"nonce": "other"});
    let error = provider.drive(client.refresh(&tokens, RefreshOptions::default(), START + SECOND), START).unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::ClaimMismatch, Some("nonce")));
    provider.claims = json!({"sub": "mallory"});
    let error = provider.drive(client.refresh(&tokens, RefreshOptions::default(), START + SECOND), START).unwrap_err();
    assert_eq!(error.code(), Code::SubjectMismatch);

    provider.drive(client.revoke(&tokens, START + SECOND), START).unwrap();
    let revoked: Vec<&str> = provider.forms[5..].iter().map(|form| form["token"].as_str()).collect();
    assert_eq!(revoked, ["rt-1", "at-1"]);
    let logout = LogoutOptions::from_json(
        r#"{"id_token_hint":"hint","state":"s","post_logout_redirect_uri":"https://app.example/"}"#,
    )
    .unwrap();
    let url = provider.drive(client.logout_url(logout, START + SECOND), START).unwrap();
    assert!(url.starts_with(&format!("{ISSUER}/logout?id_token_hint=hint&state=s&")), "{url}");
    assert_eq!(query(&url)["client_id"], "web");
}

#[test]
fn a_provider_that_is_down_once_its_metadata_is_known() {
    let (mut provider, client) = (Provider::new(), client(json!({})));
    provider.begin(&client, "{}", START).unwrap();
    // A day later its metadata is over, and the issuer is gone: what is known serves.
    let later = START + 25 * 3600 * SECOND;
    let mut operation = client.begin_login(LoginOptions::default(), None, later + 30 * SECOND);
    let mut sent = 0;
    let login = loop {
        use authwright_core::operation::Step;
        match operation.step(later) {
            Step::Effect(effect) => {
                let id = effect.id;
                sent += 1;
                operation.resume(id, later, Err(Failure::transport(Sent::Not, "down"))).unwrap();
            }
            Step::Done(login) => break login,
            other => panic!("{other:?}"),
        }
    };
    assert!(login.url().starts_with(ISSUER));
    assert_eq!(sent, 1);
}
