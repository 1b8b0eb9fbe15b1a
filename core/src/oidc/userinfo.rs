//! Who the user is, as the provider's endpoint says (OpenID Connect Core 1.0 section 5.3).

use super::user::User;
use crate::encoding::json::{Document, Parsed};
use crate::error::{Code, Error, Result};
use crate::oauth::{Client, Inner, Tokens, failed, json_body, json_list, refusal};
use crate::operation::{Operation, Outside, Reach, Request, Response};
use crate::url;

impl Client {
    /// Who the user is, in one shape for all providers: asked for at the userinfo endpoint or the provider's own, or as
    /// the ID token says where there is none. The answer's `sub` must be the ID token's. `deadline` is in milliseconds
    /// since 1970.
    ///
    /// # Errors
    /// `ERR_SUBJECT_MISMATCH`, `ERR_ENDPOINT_MISSING`, `ERR_RESPONSE_STATUS`, `ERR_RESPONSE_INVALID`; those of a
    /// request, and of the verification of an answer that is signed.
    #[must_use]
    pub fn userinfo(&self, tokens: &Tokens, deadline: u64) -> Operation<User> {
        let tokens = tokens.clone();
        self.operation(
            deadline,
            move |client, outside| async move { client.userinfo(&tokens, &outside, deadline).await },
        )
    }
}

impl Inner {
    async fn userinfo(&self, tokens: &Tokens, outside: &Outside, deadline: u64) -> Result<User> {
        let provider = self.provider(outside).await?;
        let mapping = &self.options().profile.user;
        let endpoints = &provider.endpoints;
        // An access token may be bound to the certificate that the client is authenticated with (RFC 8705 section 3).
        let with_certificate = self.has_certificate();
        let alias = endpoints.mtls_userinfo.as_ref().filter(|_| with_certificate);
        let Some(url) = alias.or(endpoints.userinfo.as_ref()) else {
            // Apple's, say: the ID token is all there is.
            let claims = tokens.claims().ok_or_else(|| {
                Error::new(Code::EndpointMissing, "the provider has no userinfo_endpoint").at("userinfo_endpoint")
            })?;
            return Ok(User::from_claims(copied(claims)?, mapping, None)?.or_named(tokens.name()));
        };
        let answer = self.ask(url.clone(), with_certificate, tokens, outside).await?;
        let claims = self.read_userinfo(&answer, outside, deadline).await?;
        let emails = match mapping.emails_path() {
            Some(path) => {
                let answer = self.ask(url::below(url, path), with_certificate, tokens, outside).await?;
                // Who did not grant the scope for it is known all the same.
                json_list(&answer, "the user's addresses").ok()
            }
            None => None,
        };
        let user = User::from_claims(claims, mapping, emails.as_ref().map(Parsed::document))?;
        match tokens.subject() {
            Some(subject) if subject != user.subject() => {
                Err(Error::new(Code::SubjectMismatch, "the userinfo is another user's than the ID token").at("sub"))
            }
            _ => Ok(user.or_named(tokens.name())),
        }
    }

    async fn ask(&self, url: String, with_certificate: bool, tokens: &Tokens, outside: &Outside) -> Result<Response> {
        let accept = "application/json, application/jwt";
        let mut request = Request::get(url, accept, self.request_deadline(outside), Reach::Anywhere);
        request.needs_client_certificate = with_certificate;
        request.headers.push(("Authorization", tokens.authorization().to_string()));
        outside.send(request).await.map_err(|failure| failure.into_error())
    }

    async fn read_userinfo(&self, answer: &Response, outside: &Outside, deadline: u64) -> Result<Parsed> {
        if answer.status != 200 {
            return Err(failed(answer, "the userinfo"));
        }
        let media_type = answer.header("content-type").and_then(|value| value.split(';').next()).unwrap_or_default();
        if !media_type.trim().eq_ignore_ascii_case("application/jwt") {
            let claims = json_body(answer, "the userinfo")?;
            // Slack's way to refuse is a 200.
            return match refusal(claims.document(), answer.status) {
                Some(words) => Err(failed(answer, "the userinfo").answered(words)),
                None => Ok(claims),
            };
        }
        let verifiers = self.verifiers().ok_or_else(|| {
            Error::new(Code::ResponseInvalid, "the userinfo is signed, and the client knows no keys to verify it with")
        })?;
        let verified = outside.run(verifiers.userinfo.fetching(answer.body.clone(), None, deadline)).await?;
        copied(verified.claims())
    }
}

fn copied(claims: Document<'_>) -> Result<Parsed> {
    Parsed::new(claims.text().to_owned()).map_err(|_| Error::internal("claims that were read are read again"))
}
