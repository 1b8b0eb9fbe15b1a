/*
 * Logins by hand, without any network: a whole one with canned answers, what follows from it, a token manager that asks
 * for its tokens to be kept, and whatever C can pass that makes no sense.
 */
#include "check.h"
#include <stdint.h>

#define ISSUER "https://id.example"
#define SECOND UINT64_C(1000)
#define CALLBACK "https://app.example/callback"
#define TIMEOUT (20 * SECOND)

static const char *metadata =
    "{\"issuer\": \"" ISSUER "\", \"authorization_endpoint\": \"" ISSUER "/authorize\", \"token_endpoint\": \"" ISSUER
    "/token\", \"userinfo_endpoint\": \"" ISSUER "/userinfo\", \"revocation_endpoint\": \"" ISSUER
    "/revoke\", \"end_session_endpoint\": \"" ISSUER "/logout\", \"jwks_uri\": \"" ISSUER
    "/jwks\", \"code_challenge_methods_supported\": [\"S256\"],"
    " \"authorization_response_iss_parameter_supported\": true}";
static const char *client_options =
    "{\"issuer\": \"" ISSUER "\", \"client_id\": \"web\", \"client_secret\": \"s3cret\", \"redirect_uri\": \"" CALLBACK
    "\", \"token_endpoint_auth_method\": \"client_secret_post\", \"post_logout_redirect_uri\": "
    "\"https://app.example/\"}";

/* A provider that answers from memory, the programs's keys, and its client. */
struct fixture {
    aw_key *key;
    aw_signer *signer, *logout_signer;
    aw_buffer *jwks;
    aw_key *seal_key, *old_seal_key;
    aw_oauth_client *client;
    uint64_t now;
    /* What the token endpoint answers, and what came. */
    char answer[4096];
    uint32_t status;
    char form[4096];
    char authorization[256];
    int token_requests, other_requests;
};

static aw_oauth_client *make_client(const struct fixture *f, const aw_key *first, const aw_key *second) {
    aw_oauth_client *client = NULL;
    const aw_key *keys[] = {first, second};
    MUST(aw_oauth_client_new(client_options, AW_NUL, keys, second == NULL ? 1 : 2, NULL, NULL, &client, NULL));
    CHECK(f->key != NULL && strcmp(aw_oauth_client_issuer(client), ISSUER) == 0);
    CHECK(strcmp(aw_oauth_client_client_id(client), "web") == 0);
    return client;
}

static struct fixture make(void) {
    struct fixture f = {0};
    aw_keyset *keys = NULL;
    f.now = aw_now_ms();
    MUST(aw_key_generate("ES256", "k1", 0, &f.key, NULL));
    const aw_key *members[] = {f.key};
    MUST(aw_keyset_new(members, 1, &keys, NULL));
    MUST(aw_keyset_to_json(keys, &f.jwks, NULL));
    aw_keyset_free(keys);
    MUST(aw_signer_new(f.key, "{\"issuer\": \"" ISSUER "\", \"audience\": \"web\", \"lifetime\": 3600}", AW_NUL,
                       &f.signer, NULL));
    MUST(aw_signer_new(f.key,
                       "{\"issuer\": \"" ISSUER "\", \"audience\": \"web\", \"lifetime\": 120, \"jwt_id\": true,"
                       " \"typ\": \"logout+jwt\"}",
                       AW_NUL, &f.logout_signer, NULL));
    MUST(aw_key_from_secret("a new secret, of thirty-two bytes", 32, NULL, NULL, &f.seal_key, NULL));
    MUST(aw_key_from_secret("an old secret of thirty-two bytes", 32, NULL, NULL, &f.old_seal_key, NULL));
    f.client = make_client(&f, f.seal_key, NULL);
    f.status = 200;
    return f;
}

static void release(struct fixture *f) {
    aw_oauth_client_free(f->client);
    aw_key_free(f->old_seal_key);
    aw_key_free(f->seal_key);
    aw_buffer_free(f->jwks);
    aw_signer_free(f->logout_signer);
    aw_signer_free(f->signer);
    aw_key_free(f->key);
}

static bool goes_to(const char *url, const char *path) {
    return strncmp(url, ISSUER, strlen(ISSUER)) == 0 && strcmp(url + strlen(ISSUER), path) == 0;
}

static const char *sent_header(const aw_operation *operation, const char *name) {
    for (size_t index = 0; index < aw_operation_request_header_count(operation); index++) {
        if (strcmp(aw_operation_request_header_name(operation, index), name) == 0) {
            return aw_operation_request_header_value(operation, index);
        }
    }
    return "";
}

/* The provider: one request, one answer. */
static void answer(struct fixture *f, aw_operation *operation, uint64_t id) {
    const char *url = aw_operation_request_url(operation), *json = "{\"error\": \"not_found\"}";
    const char *method = aw_operation_request_method(operation);
    const aw_header headers[] = {{"Content-Type", "application/json"}};
    uint32_t status = 404;
    size_t length = 77;
    const char *body = aw_operation_request_body(operation, &length);
    CHECK(!aw_operation_request_needs_client_certificate(operation));
    CHECK(aw_operation_persist_tokens(operation) == NULL);
    if (goes_to(url, "/.well-known/openid-configuration")) {
        status = 200, json = metadata;
    } else if (goes_to(url, "/jwks")) {
        status = 200, json = aw_buffer_data(f->jwks);
    } else if (goes_to(url, "/userinfo")) {
        status = 200, json = "{\"sub\": \"alice\", \"email\": \"alice@example.com\", \"email_verified\": true,"
                             " \"name\": \"Ali\\u0000ce\", \"locale\": \"de\"}";
        snprintf(f->authorization, sizeof f->authorization, "%s", sent_header(operation, "Authorization"));
    } else if (goes_to(url, "/token")) {
        status = f->status, json = f->answer;
    } else if (goes_to(url, "/revoke")) {
        status = 200, json = "";
    }
    if (body != NULL) {
        CHECK(strcmp(method, "POST") == 0 && length < sizeof f->form);
        CHECK(strcmp(sent_header(operation, "Content-Type"), "application/x-www-form-urlencoded") == 0);
        memcpy(f->form, body, length);
        f->form[length] = '\0';
        f->token_requests += goes_to(url, "/token");
    } else {
        CHECK(strcmp(method, "GET") == 0 && length == 0);
        f->other_requests++;
    }
    MUST(aw_operation_resume(operation, id, f->now, status, headers, 1, json, strlen(json), NULL));
}

/* Drives to the end, or to what only the test can answer. */
static aw_step drive(struct fixture *f, aw_operation *operation, uint64_t *id) {
    aw_step step;
    while ((step = aw_operation_step(operation, f->now, id, NULL)) == AW_STEP_SEND) {
        answer(f, operation, *id);
    }
    return step;
}

/* The value of a parameter of a URL; none of those that are looked for is encoded. */
static const char *parameter(const char *url, const char *name, char *value, size_t size) {
    char pattern[64];
    snprintf(pattern, sizeof pattern, "%s=", name);
    for (const char *at = strchr(url, '?'); at != NULL; at = strchr(at + 1, '&')) {
        if (strncmp(at + 1, pattern, strlen(pattern)) == 0) {
            at += 1 + strlen(pattern);
            snprintf(value, size, "%.*s", (int)strcspn(at, "&"), at);
            return value;
        }
    }
    return NULL;
}

static aw_login *begin(struct fixture *f, const aw_oauth_client *client, const char *options, const char *cookies) {
    aw_operation *operation = NULL;
    aw_login *login = NULL;
    uint64_t id = 0;
    MUST(aw_oauth_client_begin_login_operation(client, options, options == NULL ? 0 : AW_NUL, cookies,
                                               cookies == NULL ? 0 : AW_NUL, f->now, TIMEOUT, &operation, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_login(operation, &login, NULL));
    CHECK(drive(f, operation, &id) == AW_STEP_DONE && id == 0);
    aw_tokens *tokens = NULL;
    aw_buffer *text = NULL;
    aw_user *user = NULL;
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_tokens(operation, &tokens, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_text(operation, &text, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_user(operation, &user, NULL));
    CHECK(tokens == NULL && text == NULL && user == NULL);
    EXPECT(AW_OK, aw_operation_result(operation, NULL));
    MUST(aw_operation_login(operation, &login, NULL));
    aw_login *second = NULL;
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_login(operation, &second, NULL));
    CHECK(second == NULL);
    aw_operation_free(operation);
    return login;
}

/* What the token endpoint answers for this login, and the callback that the browser brings. */
static void grant(struct fixture *f, const aw_login *login, char *callback, size_t size) {
    char state[128], nonce[128], claims[512];
    const char *url = aw_login_url(login, NULL);
    CHECK(parameter(url, "state", state, sizeof state) != NULL);
    CHECK(parameter(url, "nonce", nonce, sizeof nonce) != NULL);
    aw_buffer *id_token = NULL;
    snprintf(claims, sizeof claims, "{\"sub\": \"alice\", \"nonce\": \"%s\"}", nonce);
    MUST(aw_signer_sign_at(f->signer, claims, AW_NUL, (int64_t)(f->now / SECOND), &id_token, NULL));
    snprintf(f->answer, sizeof f->answer,
             "{\"access_token\": \"access-1\", \"token_type\": \"bearer\", \"expires_in\": \"600\","
             " \"refresh_token\": \"refresh-1\", \"scope\": \"openid email\", \"id_token\": \"%s\"}",
             aw_buffer_data(id_token));
    aw_buffer_free(id_token);
    snprintf(callback, size, CALLBACK "?code=c0de&state=%s&iss=https%%3A%%2F%%2Fid.example", state);
}

static aw_tokens *finish(struct fixture *f, const aw_oauth_client *client, const char *transaction, const char *cookies,
                         const char *callback) {
    aw_operation *operation = NULL;
    aw_tokens *tokens = NULL;
    uint64_t id = 0;
    MUST(aw_oauth_client_finish_login_operation(client, transaction, transaction == NULL ? 0 : AW_NUL, cookies,
                                                cookies == NULL ? 0 : AW_NUL, callback, AW_NUL, f->now, TIMEOUT,
                                                &operation, NULL));
    CHECK(drive(f, operation, &id) == AW_STEP_DONE);
    MUST(aw_operation_tokens(operation, &tokens, NULL));
    aw_operation_free(operation);
    return tokens;
}

static bool is(const char *text, const char *expected) {
    return text == NULL || expected == NULL ? text == expected : strcmp(text, expected) == 0;
}

static void whole_login(void) {
    struct fixture f = make();
    char callback[512], cookies[4096];
    aw_buffer *json = NULL;
    aw_login *login = begin(&f, f.client, "{\"scope\": \"openid email\", \"return_to\": \"/inbox?a=1\"}", NULL);
    size_t length = 0;
    const char *url = aw_login_url(login, &length);
    CHECK(length == strlen(url) && strncmp(url, ISSUER "/authorize?", strlen(ISSUER "/authorize?")) == 0);
    CHECK(parameter(url, "code_challenge_method", cookies, sizeof cookies) != NULL && is(cookies, "S256"));
    CHECK(aw_login_stale_cookie_count(login) == 0 && aw_login_stale_cookie_at(login, 0) == NULL);
    CHECK(strstr(aw_login_cookie(login, NULL), aw_login_transaction(login, NULL)) != NULL);
    MUST(aw_login_to_json(login, &json, NULL));
    CHECK(strstr(aw_buffer_data(json), aw_login_transaction(login, NULL)) != NULL);
    aw_buffer_free(json);

    /* Another process, after the seal keys were rotated, finishes it from the cookie. */
    grant(&f, login, callback, sizeof callback);
    const char *cookie = aw_login_cookie(login, NULL);
    snprintf(cookies, sizeof cookies, "a=b; %.*s; theirs=\xe9", (int)strcspn(cookie, ";"), cookie);
    aw_oauth_client *worker = make_client(&f, f.old_seal_key, f.seal_key);
    aw_tokens *tokens = finish(&f, worker, NULL, cookies, callback);
    CHECK(strstr(f.form, "grant_type=authorization_code") != NULL && strstr(f.form, "code=c0de") != NULL);
    CHECK(strstr(f.form, "code_verifier=") != NULL && strstr(f.form, "client_secret=s3cret") != NULL);
    CHECK(is(aw_tokens_access_token(tokens, &length), "access-1") && length == strlen("access-1"));
    CHECK(is(aw_tokens_token_type(tokens, NULL), "Bearer"));
    CHECK(is(aw_tokens_authorization(tokens, NULL), "Bearer access-1"));
    CHECK(is(aw_tokens_refresh_token(tokens, NULL), "refresh-1"));
    CHECK(aw_tokens_scope_count(tokens) == 2 && is(aw_tokens_scope_at(tokens, 1, &length), "email") && length == 5);
    CHECK(aw_tokens_scope_at(tokens, 2, NULL) == NULL && aw_tokens_scope_at(tokens, SIZE_MAX, &length) == NULL);
    CHECK(aw_tokens_leniency_count(tokens) == 1 && is(aw_tokens_leniency_at(tokens, 0), "expires_in_string"));
    CHECK(aw_tokens_leniency_at(tokens, 1) == NULL);
    int64_t end = 0;
    CHECK(aw_tokens_expires_at(tokens, &end) && end == (int64_t)(f.now / SECOND) + 600);
    CHECK(aw_tokens_id_token(tokens, NULL) != NULL && strstr(f.answer, aw_tokens_id_token(tokens, NULL)) != NULL);
    CHECK(strstr(aw_tokens_claims_json(tokens, NULL), "\"alice\"") != NULL);
    const char *subject = NULL;
    EXPECT(AW_OK, aw_tokens_get_string(tokens, "sub", &subject, NULL, NULL));
    CHECK(is(subject, "alice"));
    EXPECT(AW_ERR_CLAIM_MISSING, aw_tokens_get_string(tokens, "email", &subject, NULL, NULL));
    EXPECT(AW_ERR_CLAIM_TYPE, aw_tokens_get_string(tokens, "exp", &subject, NULL, NULL));
    CHECK(subject == NULL && aw_tokens_name(tokens, NULL) == NULL);
    CHECK(is(aw_tokens_return_to(tokens, NULL), "/inbox?a=1"));
    CHECK(aw_tokens_clear_cookie(tokens, NULL) != NULL && strstr(aw_tokens_clear_cookie(tokens, NULL), "Max-Age=0"));

    /* Out and in again. */
    aw_tokens *again = NULL;
    aw_buffer *json_again = NULL;
    MUST(aw_tokens_to_json(tokens, &json, NULL));
    MUST(aw_tokens_from_json(aw_buffer_data(json), aw_buffer_length(json), &again, NULL));
    MUST(aw_tokens_to_json(again, &json_again, NULL));
    CHECK(is(aw_buffer_data(json), aw_buffer_data(json_again)));
    aw_buffer_free(json_again);
    aw_buffer_free(json);
    aw_tokens_free(again);

    /* A login that failed leaves a cookie, which its page removes. */
    aw_buffer *removal = NULL;
    MUST(aw_oauth_client_forget_login(worker, cookies, AW_NUL, callback, AW_NUL, &removal, NULL));
    CHECK(is(aw_buffer_data(removal), aw_tokens_clear_cookie(tokens, NULL)));
    aw_buffer_free(removal);
    MUST(aw_oauth_client_forget_login(worker, "a=b", AW_NUL, callback, AW_NUL, &removal, NULL));
    CHECK(removal == NULL);
    MUST(aw_oauth_client_forget_login(worker, NULL, 0, "", 0, &removal, NULL));
    CHECK(removal == NULL);

    /* Kept by the program itself; the callback is the query alone. */
    aw_tokens *kept = finish(&f, f.client, aw_login_transaction(login, NULL), NULL, strchr(callback, '?') + 1);
    CHECK(is(aw_tokens_access_token(kept, NULL), "access-1") && aw_tokens_clear_cookie(kept, NULL) == NULL);
    aw_tokens_free(kept);
    aw_login_free(login);

    /* Who the user is. A name with a NUL inside is none; asked for by itself, it needs a length. */
    aw_operation *operation = NULL;
    aw_user *user = NULL;
    uint64_t id = 0;
    MUST(aw_oauth_client_userinfo_operation(worker, tokens, f.now, TIMEOUT, &operation, NULL));
    CHECK(drive(&f, operation, &id) == AW_STEP_DONE);
    MUST(aw_operation_user(operation, &user, NULL));
    aw_operation_free(operation);
    CHECK(is(f.authorization, "Bearer access-1"));
    CHECK(is(aw_user_subject(user, &length), "alice") && length == 5);
    CHECK(is(aw_user_email(user, NULL), "alice@example.com") && aw_user_email_verified(user));
    CHECK(aw_user_name(user, NULL) == NULL && aw_user_picture(user, NULL) == NULL);
    const char *locale = NULL;
    EXPECT(AW_OK, aw_user_get_string(user, "locale", &locale, NULL, NULL));
    CHECK(is(locale, "de"));
    EXPECT(AW_ERR_CLAIM_TYPE, aw_user_get_string(user, "name", &locale, NULL, NULL));
    EXPECT(AW_OK, aw_user_get_string(user, "name", &locale, &length, NULL));
    CHECK(length == 6 && memcmp(locale, "Ali\0ce", 7) == 0);
    EXPECT(AW_ERR_CLAIM_MISSING, aw_user_get_string(user, "nobody", &locale, &length, NULL));
    CHECK(strstr(aw_user_claims_json(user, NULL), "\"locale\"") != NULL);
    MUST(aw_user_to_json(user, &json, NULL));
    CHECK(strstr(aw_buffer_data(json), "\"email_verified\":true") != NULL);
    aw_buffer_free(json);
    aw_user_free(user);

    /* A refresh: the refresh token stays where the answer has none. */
    snprintf(f.answer, sizeof f.answer, "{\"access_token\": \"access-2\", \"token_type\": \"Bearer\"}");
    aw_tokens *fresh = NULL;
    MUST(aw_oauth_client_refresh_operation(worker, tokens, NULL, 0, f.now, TIMEOUT, &operation, NULL));
    CHECK(drive(&f, operation, &id) == AW_STEP_DONE);
    MUST(aw_operation_tokens(operation, &fresh, NULL));
    aw_operation_free(operation);
    CHECK(strstr(f.form, "grant_type=refresh_token") != NULL && strstr(f.form, "refresh_token=refresh-1") != NULL);
    CHECK(is(aw_tokens_access_token(fresh, NULL), "access-2"));
    CHECK(is(aw_tokens_refresh_token(fresh, NULL), "refresh-1"));
    end = 77;
    CHECK(!aw_tokens_expires_at(fresh, &end) && end == 0 && !aw_tokens_expires_at(fresh, NULL));
    MUST(aw_oauth_client_refresh_operation(worker, tokens, "{\"scope\": \"openid\"}", AW_NUL, f.now, TIMEOUT,
                                           &operation, NULL));
    CHECK(drive(&f, operation, &id) == AW_STEP_DONE && strstr(f.form, "scope=openid") != NULL);
    aw_operation_free(operation);

    /* The provider's words, for a refresh that it refuses. */
    aw_error *error = NULL;
    f.status = 400;
    snprintf(f.answer, sizeof f.answer, "{\"error\": \"invalid_grant\", \"error_description\": \"gone\"}");
    MUST(aw_oauth_client_refresh_operation(worker, tokens, NULL, 0, f.now, TIMEOUT, &operation, NULL));
    CHECK(drive(&f, operation, &id) == AW_STEP_FAILED);
    aw_tokens *none = NULL;
    EXPECT(AW_ERR_GRANT_REFUSED, aw_operation_tokens(operation, &none, &error));
    CHECK(none == NULL && is(aw_error_provider_error(error), "invalid_grant"));
    CHECK(is(aw_error_provider_error_description(error), "gone") && aw_error_http_status(error) == 400);
    aw_error_free(error);
    aw_operation_free(operation);

    /* The end: revoked, logged out, and told so by the provider. */
    MUST(aw_oauth_client_revoke_operation(worker, fresh, f.now, TIMEOUT, &operation, NULL));
    CHECK(drive(&f, operation, &id) == AW_STEP_DONE && strstr(f.form, "token=access-2") != NULL);
    EXPECT(AW_OK, aw_operation_result(operation, NULL));
    aw_operation_free(operation);
    MUST(aw_oauth_client_logout_url_operation(worker, "{\"state\": \"s\"}", AW_NUL, f.now, TIMEOUT, &operation, NULL));
    CHECK(drive(&f, operation, &id) == AW_STEP_DONE);
    MUST(aw_operation_text(operation, &json, NULL));
    CHECK(strncmp(aw_buffer_data(json), ISSUER "/logout?", strlen(ISSUER "/logout?")) == 0);
    CHECK(strstr(aw_buffer_data(json), "state=s") != NULL && strstr(aw_buffer_data(json), "client_id=web") != NULL);
    aw_buffer_free(json);
    aw_operation_free(operation);
    aw_buffer *text = NULL;
    aw_token *verified = NULL;
    const char *claims = "{\"sid\": \"s1\", \"events\": {\"http://schemas.openid.net/event/backchannel-logout\": {}}}";
    MUST(aw_signer_sign_at(f.logout_signer, claims, AW_NUL, (int64_t)(f.now / SECOND), &text, NULL));
    MUST(aw_oauth_client_verify_logout_token_operation(worker, aw_buffer_data(text), AW_NUL, f.now, TIMEOUT, &operation,
                                                       NULL));
    CHECK(drive(&f, operation, &id) == AW_STEP_DONE);
    MUST(aw_operation_token(operation, &verified, NULL));
    EXPECT(AW_OK, aw_token_get_string(verified, "sid", &subject, NULL, NULL));
    CHECK(is(subject, "s1"));
    aw_token_free(verified);
    aw_buffer_free(text);
    aw_operation_free(operation);

    aw_remote_keyset *set = NULL;
    aw_keyset *keys = NULL;
    MUST(aw_oauth_client_remote_keys(worker, &set, NULL));
    MUST(aw_remote_keyset_key_set(set, &keys, NULL));
    CHECK(aw_keyset_len(keys) == 1 && is(aw_remote_keyset_issuer(set), ISSUER));
    aw_keyset_free(keys);
    aw_remote_keyset_free(set);

    aw_tokens_free(fresh);
    aw_tokens_free(tokens);
    aw_oauth_client_free(worker);
    release(&f);
}

/* What a browser can bring: an error with its code, and no request. */
static void refused(void) {
    struct fixture f = make();
    char callback[512], other[512], cookie[4096], state[128];
    aw_login *login = begin(&f, f.client, NULL, "theirs=\xff; aw");
    grant(&f, login, callback, sizeof callback);
    parameter(aw_login_url(login, NULL), "state", state, sizeof state);
    const char *sealed = aw_login_transaction(login, NULL), *set = aw_login_cookie(login, NULL);
    snprintf(cookie, sizeof cookie, "%.*s", (int)strcspn(set, ";"), set);
    snprintf(other, sizeof other, CALLBACK "?error=access_denied&error_description=no&iss=" ISSUER "&state=%s", state);
    const struct {
        aw_status status;
        const char *transaction, *cookies, *callback;
    } cases[] = {
        {AW_ERR_TRANSACTION_INVALID, "rubbish", NULL, callback},
        {AW_ERR_TRANSACTION_INVALID, "\xff\xfe", NULL, callback},
        {AW_ERR_TRANSACTION_INVALID, "", NULL, callback},
        {AW_ERR_TRANSACTION_INVALID, NULL, "", callback},
        {AW_ERR_TRANSACTION_INVALID, NULL, NULL, callback}, /* the request had no cookies */
        {AW_ERR_TRANSACTION_INVALID, NULL, "\xff=\xfe", callback},
        {AW_ERR_CALLBACK_INVALID, NULL, cookie, ""},
        {AW_ERR_CALLBACK_INVALID, NULL, cookie, "\xff\xfe"},
        {AW_ERR_CALLBACK_INVALID, sealed, NULL, CALLBACK "?code=a"},
        {AW_ERR_STATE_MISMATCH, sealed, NULL, CALLBACK "?code=a&state=b"},
        {AW_ERR_TRANSACTION_INVALID, NULL, cookie, CALLBACK "?code=a&state=b"},
        {AW_ERR_AUTHORIZATION_REFUSED, sealed, NULL, other},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        aw_operation *operation = NULL;
        aw_error *error = NULL;
        aw_tokens *tokens = NULL;
        uint64_t id = 0;
        MUST(aw_oauth_client_finish_login_operation(f.client, cases[index].transaction,
                                                    cases[index].transaction == NULL ? 0 : AW_NUL, cases[index].cookies,
                                                    cases[index].cookies == NULL ? 0 : AW_NUL, cases[index].callback,
                                                    AW_NUL, f.now, TIMEOUT, &operation, NULL));
        CHECK(drive(&f, operation, &id) == AW_STEP_FAILED && f.token_requests == 0);
        EXPECT(cases[index].status, aw_operation_tokens(operation, &tokens, &error));
        CHECK(tokens == NULL && strstr(aw_error_message(error), "c0de") == NULL);
        CHECK(is(aw_error_provider_error(error), cases[index].callback == other ? "access_denied" : NULL));
        aw_error_free(error);
        aw_operation_free(operation);
    }

    /* A length, and a NUL that stands in the middle of the text. */
    aw_operation *operation = NULL;
    uint64_t id = 0;
    MUST(aw_oauth_client_finish_login_operation(f.client, "a\0b", 3, NULL, 0, callback, strlen(callback), f.now,
                                                TIMEOUT, &operation, NULL));
    CHECK(drive(&f, operation, &id) == AW_STEP_FAILED);
    EXPECT(AW_ERR_TRANSACTION_INVALID, aw_operation_result(operation, NULL));
    aw_operation_free(operation);

    /* Ten minutes later. */
    uint64_t before = f.now;
    f.now += 601 * SECOND;
    MUST(aw_oauth_client_finish_login_operation(f.client, sealed, AW_NUL, NULL, 0, callback, AW_NUL, f.now, TIMEOUT,
                                                &operation, NULL));
    CHECK(drive(&f, operation, &id) == AW_STEP_FAILED);
    EXPECT(AW_ERR_TRANSACTION_EXPIRED, aw_operation_result(operation, NULL));
    aw_operation_free(operation);
    f.now = before;

    /* Sent, perhaps: the code is spent, and nothing is sent again. */
    MUST(aw_oauth_client_finish_login_operation(f.client, sealed, AW_NUL, NULL, 0, callback, AW_NUL, f.now, TIMEOUT,
                                                &operation, NULL));
    while (aw_operation_step(operation, f.now, &id, NULL) == AW_STEP_SEND &&
           !goes_to(aw_operation_request_url(operation), "/token")) {
        answer(&f, operation, id); /* the keys come first: a code is not spent in vain */
    }
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_persisted(operation, id, f.now, true, NULL, NULL));
    MUST(aw_operation_fail(operation, id, f.now, AW_FAILURE_TRANSPORT, AW_SENT_MAYBE, "cut", NULL));
    CHECK(aw_operation_step(operation, f.now, NULL, NULL) == AW_STEP_FAILED);
    EXPECT(AW_ERR_TRANSPORT, aw_operation_result(operation, NULL));
    CHECK(aw_operation_step(operation, f.now, NULL, NULL) == AW_STEP_FAILED);
    aw_operation_free(operation);

    /* More logins than a browser is to keep: the oldest are removed. */
    char many[16384] = "";
    for (int index = 0; index < 7; index++) {
        aw_login *one = begin(&f, f.client, NULL, many[0] == '\0' ? NULL : many);
        const char *value = aw_login_cookie(one, NULL);
        size_t stale = aw_login_stale_cookie_count(one);
        CHECK((stale > 0) == (index >= 5));
        for (size_t at = 0; at < stale; at++) {
            CHECK(strstr(aw_login_stale_cookie_at(one, at), "Max-Age=0") != NULL);
        }
        size_t length = strlen(many);
        snprintf(many + length, sizeof many - length, "%s%.*s", length > 0 ? "; " : "", (int)strcspn(value, ";"),
                 value);
        aw_login_free(one);
    }
    aw_login_free(login);
    release(&f);
}

static int never(const aw_tokens *tokens, void *user) {
    (void)tokens, (void)user;
    CHECK(false);
    return 1;
}

static aw_tokens *tokens_that_end_in(const struct fixture *f, int seconds) {
    char json[256];
    aw_tokens *tokens = NULL;
    snprintf(json, sizeof json, "{\"access_token\": \"old\", \"refresh_token\": \"r1\", \"expires_at\": %lld}",
             (long long)(f->now / SECOND) + seconds);
    MUST(aw_tokens_from_json(json, AW_NUL, &tokens, NULL));
    return tokens;
}

static aw_operation *ask(const struct fixture *f, const aw_token_manager *manager, bool force) {
    aw_operation *operation = NULL;
    MUST(aw_token_manager_tokens_operation(manager, force, f->now, TIMEOUT, &operation, NULL));
    return operation;
}

static void expect_access_token(aw_operation *operation, const char *expected) {
    aw_tokens *tokens = NULL;
    MUST(aw_operation_tokens(operation, &tokens, NULL));
    CHECK(is(aw_tokens_access_token(tokens, NULL), expected));
    aw_tokens_free(tokens);
    aw_operation_free(operation);
}

/* New tokens are handed over until they are kept, and used only then; one refreshes for all. */
static void manager(const char *options, aw_persist_hook hook) {
    struct fixture f = make();
    aw_tokens *old = tokens_that_end_in(&f, -1), *current = NULL;
    aw_token_manager *manager = NULL;
    uint64_t id = 0, again = 0;
    MUST(aw_token_manager_new(f.client, old, options, options == NULL ? 0 : AW_NUL, hook, &f, &manager, NULL));
    aw_tokens_free(old);
    aw_oauth_client_free(f.client); /* the manager keeps what it needs */
    f.client = NULL;
    snprintf(
        f.answer, sizeof f.answer,
        "{\"access_token\": \"new\", \"token_type\": \"Bearer\", \"expires_in\": 3600, \"refresh_token\": \"r2\"}");

    aw_operation *leader = ask(&f, manager, false), *other = ask(&f, manager, false);
    CHECK(drive(&f, leader, &id) == AW_STEP_PERSIST && id != 0 && f.token_requests == 1);
    CHECK(drive(&f, other, &again) == AW_STEP_WAIT && aw_operation_persist_tokens(other) == NULL);
    const aw_tokens *fresh = aw_operation_persist_tokens(leader);
    CHECK(is(aw_tokens_access_token(fresh, NULL), "new") && is(aw_tokens_refresh_token(fresh, NULL), "r2"));
    CHECK(aw_operation_request_url(leader) == NULL && aw_operation_request_body(leader, NULL) == NULL);
    /* The same again is the same. */
    CHECK(aw_operation_step(leader, f.now, &again, NULL) == AW_STEP_PERSIST && again == id);
    CHECK(aw_operation_persist_tokens(leader) == fresh);
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_persisted(leader, id + 1, f.now, true, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_persisted(leader, id, f.now, false, "\xff", NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_resume(leader, id, f.now, 200, NULL, 0, NULL, 0, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_fail(leader, id, f.now, AW_FAILURE_TLS, AW_SENT_NOT, NULL, NULL));
    CHECK(aw_operation_persist_tokens(leader) == fresh);
    /* Not kept: nobody has them. */
    MUST(aw_operation_persisted(leader, id, f.now, false, "the disk is full", NULL));
    CHECK(aw_operation_persist_tokens(leader) == NULL);
    CHECK(aw_operation_step(leader, f.now, &id, NULL) == AW_STEP_FAILED && id == 0);
    aw_error *error = NULL;
    aw_tokens *none = NULL;
    EXPECT(AW_ERR_PERSIST_FAILED, aw_operation_tokens(leader, &none, &error));
    CHECK(none == NULL && strstr(aw_error_message(error), "the disk is full") != NULL);
    aw_error_free(error);
    aw_operation_free(leader);
    MUST(aw_token_manager_current(manager, &current, NULL));
    CHECK(is(aw_tokens_access_token(current, NULL), "old"));
    aw_tokens_free(current);

    /* Who waited is told the same. A little later they are handed over again, without another refresh. */
    CHECK(drive(&f, other, &id) == AW_STEP_FAILED);
    EXPECT(AW_ERR_PERSIST_FAILED, aw_operation_result(other, NULL));
    aw_operation_free(other);
    f.now += 6 * SECOND;
    other = ask(&f, manager, false);
    CHECK(drive(&f, other, &id) == AW_STEP_PERSIST && f.token_requests == 1);
    CHECK(is(aw_tokens_access_token(aw_operation_persist_tokens(other), NULL), "new"));
    MUST(aw_operation_persisted(other, id, f.now, true, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_persisted(other, id, f.now, true, NULL, NULL));
    CHECK(drive(&f, other, &id) == AW_STEP_DONE);
    expect_access_token(other, "new");
    MUST(aw_token_manager_current(manager, &current, NULL));
    CHECK(is(aw_tokens_access_token(current, NULL), "new"));
    leader = ask(&f, manager, false);
    CHECK(drive(&f, leader, &id) == AW_STEP_DONE && f.token_requests == 1);
    expect_access_token(leader, "new");

    /* By force, and given up in the middle of the request: nobody knows what became of the refresh token. */
    leader = ask(&f, manager, true);
    CHECK(aw_operation_step(leader, f.now, &id, NULL) == AW_STEP_SEND);
    aw_operation_free(leader);
    leader = ask(&f, manager, true);
    CHECK(drive(&f, leader, &id) == AW_STEP_FAILED && f.token_requests == 1);
    EXPECT(AW_ERR_REFRESH_UNCERTAIN, aw_operation_result(leader, NULL));
    aw_operation_free(leader);
    leader = ask(&f, manager, false);
    CHECK(drive(&f, leader, &id) == AW_STEP_DONE); /* still valid */
    expect_access_token(leader, "new");

    /* Of a new login. */
    MUST(aw_token_manager_replace(manager, current, NULL));
    aw_tokens_free(current);
    leader = ask(&f, manager, true);
    CHECK(drive(&f, leader, &id) == AW_STEP_PERSIST && f.token_requests == 2);
    aw_token_manager_free(manager); /* what it began goes on */
    MUST(aw_operation_persisted(leader, id, f.now, true, NULL, NULL));
    CHECK(drive(&f, leader, &id) == AW_STEP_DONE);
    expect_access_token(leader, "new");
    release(&f);
}

/* Nobody keeps tokens, and nothing asks for it. */
static void manager_alone(void) {
    struct fixture f = make();
    aw_tokens *old = tokens_that_end_in(&f, -1);
    aw_token_manager *manager = NULL;
    uint64_t id = 0;
    MUST(aw_token_manager_new(f.client, old, "{\"renew_before\": 60}", AW_NUL, NULL, NULL, &manager, NULL));
    snprintf(f.answer, sizeof f.answer,
             "{\"access_token\": \"new\", \"token_type\": \"Bearer\", \"expires_in\": 3600}");
    aw_operation *operation = ask(&f, manager, false);
    CHECK(drive(&f, operation, &id) == AW_STEP_DONE);
    expect_access_token(operation, "new");
    aw_tokens_free(old);
    aw_token_manager_free(manager);
    release(&f);
}

/* The argument is refused by name, and the result is cleared. */
#define REFUSED(name, out, call)                                                                                       \
    do {                                                                                                               \
        aw_error *error = NULL;                                                                                        \
        (out) = (void *)&error;                                                                                        \
        EXPECT(AW_ERR_INVALID_ARGUMENT, call);                                                                         \
        CHECK((out) == NULL);                                                                                          \
        CHECK(error != NULL && aw_error_field(error) != NULL && strcmp(aw_error_field(error), name) == 0);             \
        aw_error_free(error);                                                                                          \
    } while (0)

static void misuse(void) {
    struct fixture f = make();
    void *out;
    const char *options = client_options;
    const aw_oauth_client *client = f.client;
    const aw_key *keys[] = {f.seal_key}, *hole[] = {f.seal_key, NULL}, *other[] = {(const aw_key *)f.jwks};
    aw_tokens *tokens = tokens_that_end_in(&f, 600);
    aw_login *login = begin(&f, f.client, NULL, NULL);
    const char *sealed = aw_login_transaction(login, NULL);
    aw_token_manager *manager = NULL;
    MUST(aw_token_manager_new(client, tokens, NULL, 0, NULL, NULL, &manager, NULL));

    REFUSED("options", out, aw_oauth_client_new(NULL, 0, keys, 1, NULL, NULL, (aw_oauth_client **)&out, &error));
    REFUSED("options", out, aw_oauth_client_new("\xff", 1, keys, 1, NULL, NULL, (aw_oauth_client **)&out, &error));
    REFUSED("seal_keys", out,
            aw_oauth_client_new(options, AW_NUL, NULL, 0, NULL, NULL, (aw_oauth_client **)&out, &error));
    REFUSED("seal_keys", out,
            aw_oauth_client_new(options, AW_NUL, NULL, 1, NULL, NULL, (aw_oauth_client **)&out, &error));
    REFUSED("seal_keys", out,
            aw_oauth_client_new(options, AW_NUL, keys, SIZE_MAX / 4, NULL, NULL, (aw_oauth_client **)&out, &error));
    REFUSED("key", out, aw_oauth_client_new(options, AW_NUL, hole, 2, NULL, NULL, (aw_oauth_client **)&out, &error));
    REFUSED("key", out, aw_oauth_client_new(options, AW_NUL, other, 1, NULL, NULL, (aw_oauth_client **)&out, &error));
    REFUSED(
        "key", out,
        aw_oauth_client_new(options, AW_NUL, keys, 1, (const aw_key *)client, NULL, (aw_oauth_client **)&out, &error));
    REFUSED("http", out,
            aw_oauth_client_new(options, AW_NUL, keys, 1, NULL, (const aw_http_client *)client,
                                (aw_oauth_client **)&out, &error));
    REFUSED("client_id", out,
            aw_oauth_client_new("{\"issuer\": \"" ISSUER "\"}", AW_NUL, NULL, 0, NULL, NULL, (aw_oauth_client **)&out,
                                &error));
    REFUSED("client", out, aw_oauth_client_remote_keys(NULL, (aw_remote_keyset **)&out, &error));
    REFUSED("client", out, aw_oauth_client_begin_login(NULL, "{}", 2, NULL, 0, 1, (aw_login **)&out, &error));
    REFUSED("options", out, aw_oauth_client_begin_login(client, NULL, 5, NULL, 0, 1, (aw_login **)&out, &error));
    REFUSED("cookies", out, aw_oauth_client_begin_login(client, NULL, 0, NULL, 5, 1, (aw_login **)&out, &error));
    REFUSED("return_to", out,
            aw_oauth_client_begin_login(client, "{\"return_to\": \"//evil.example\"}", AW_NUL, NULL, 0, 1,
                                        (aw_login **)&out, &error));
    /* Both. */
    REFUSED("cookies", out,
            aw_oauth_client_finish_login(client, sealed, AW_NUL, "a=b", 3, "a=b", 3, 1, (aw_tokens **)&out, &error));
    REFUSED("cookies", out,
            aw_oauth_client_finish_login_operation(client, sealed, AW_NUL, "", 0, "a=b", 3, f.now, 1,
                                                   (aw_operation **)&out, &error));
    REFUSED("callback", out,
            aw_oauth_client_finish_login(client, sealed, AW_NUL, NULL, 0, NULL, 0, 1, (aw_tokens **)&out, &error));
    REFUSED("callback", out,
            aw_oauth_client_finish_login(client, sealed, AW_NUL, NULL, 0, NULL, 9, 1, (aw_tokens **)&out, &error));
    REFUSED("client", out,
            aw_oauth_client_finish_login((const aw_oauth_client *)tokens, sealed, AW_NUL, NULL, 0, "a=b", 3, 1,
                                         (aw_tokens **)&out, &error));
    REFUSED("client", out, aw_oauth_client_forget_login(NULL, "", 0, "", 0, (aw_buffer **)&out, &error));
    REFUSED("cookies", out, aw_oauth_client_forget_login(client, NULL, 3, "", 0, (aw_buffer **)&out, &error));
    REFUSED("callback", out, aw_oauth_client_forget_login(client, "", 0, NULL, 0, (aw_buffer **)&out, &error));
    REFUSED("tokens", out, aw_oauth_client_refresh(client, NULL, NULL, 0, 1, (aw_tokens **)&out, &error));
    REFUSED("tokens", out,
            aw_oauth_client_refresh(client, (const aw_tokens *)login, NULL, 0, 1, (aw_tokens **)&out, &error));
    REFUSED("refresh", out, aw_oauth_client_refresh(client, tokens, "[]", 2, 1, (aw_tokens **)&out, &error));
    REFUSED("tokens", out, aw_oauth_client_userinfo(client, NULL, 1, (aw_user **)&out, &error));
    REFUSED("client", out, aw_oauth_client_logout_url(NULL, NULL, 0, 1, (aw_buffer **)&out, &error));
    REFUSED("text", out, aw_oauth_client_verify_logout_token(client, NULL, 3, 1, (aw_token **)&out, &error));
    REFUSED("client", out, aw_oauth_client_userinfo_operation(NULL, tokens, f.now, 1, (aw_operation **)&out, &error));
    REFUSED("tokens", out,
            aw_oauth_client_refresh_operation(client, NULL, NULL, 0, f.now, 1, (aw_operation **)&out, &error));
    REFUSED("tokens", out, aw_oauth_client_revoke_operation(client, NULL, f.now, 1, (aw_operation **)&out, &error));
    REFUSED("login", out, aw_login_to_json(NULL, (aw_buffer **)&out, &error));
    REFUSED("json", out, aw_tokens_from_json(NULL, 0, (aw_tokens **)&out, &error));
    REFUSED("json", out, aw_tokens_from_json("\xff", 1, (aw_tokens **)&out, &error));
    REFUSED("access_token", out, aw_tokens_from_json("{}", 2, (aw_tokens **)&out, &error));
    REFUSED("tokens", out, aw_tokens_to_json(NULL, (aw_buffer **)&out, &error));
    REFUSED("user", out, aw_user_to_json(NULL, (aw_buffer **)&out, &error));
    REFUSED("user", out, aw_user_to_json((const aw_user *)tokens, (aw_buffer **)&out, &error));
    REFUSED("client", out, aw_token_manager_new(NULL, tokens, NULL, 0, NULL, NULL, (aw_token_manager **)&out, &error));
    REFUSED("tokens", out, aw_token_manager_new(client, NULL, NULL, 0, NULL, NULL, (aw_token_manager **)&out, &error));
    REFUSED("renew_before", out,
            aw_token_manager_new(client, tokens, "{\"renew_before\": -1}", AW_NUL, never, NULL,
                                 (aw_token_manager **)&out, &error));
    REFUSED("persist", out,
            aw_token_manager_new(client, tokens, "{\"persist\": 1}", AW_NUL, never, NULL, (aw_token_manager **)&out,
                                 &error));
    REFUSED("manager", out, aw_token_manager_tokens(NULL, false, 1, (aw_tokens **)&out, &error));
    REFUSED("manager", out,
            aw_token_manager_tokens((const aw_token_manager *)client, false, 1, (aw_tokens **)&out, &error));
    REFUSED("manager", out, aw_token_manager_tokens_operation(NULL, true, f.now, 1, (aw_operation **)&out, &error));
    REFUSED("manager", out, aw_token_manager_current(NULL, (aw_tokens **)&out, &error));
    REFUSED("operation", out, aw_operation_login(NULL, (aw_login **)&out, &error));
    REFUSED("operation", out, aw_operation_tokens(NULL, (aw_tokens **)&out, &error));
    REFUSED("operation", out, aw_operation_user((aw_operation *)tokens, (aw_user **)&out, &error));
    REFUSED("operation", out, aw_operation_text(NULL, (aw_buffer **)&out, &error));

    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_oauth_client_new(options, AW_NUL, keys, 1, NULL, NULL, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_oauth_client_begin_login(client, NULL, 0, NULL, 0, 1, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT,
           aw_oauth_client_finish_login(client, sealed, AW_NUL, NULL, 0, "a", 1, 1, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_oauth_client_begin_login_operation(client, NULL, 0, NULL, 0, 0, 1, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_oauth_client_revoke(NULL, tokens, 1, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_oauth_client_revoke(client, NULL, 1, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_tokens_from_json("{}", 2, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_token_manager_replace(manager, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_token_manager_replace(NULL, tokens, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_token_manager_tokens(manager, false, 1, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_persisted(NULL, 1, 1, true, NULL, NULL));
    EXPECT(AW_ERR_UNKNOWN_OPTION,
           aw_oauth_client_new("{\"isuer\": 1}", AW_NUL, keys, 1, NULL, NULL, (aw_oauth_client **)&out, NULL));
    EXPECT(AW_ERR_UNKNOWN_OPTION,
           aw_oauth_client_begin_login(client, "{\"scopes\": 1}", AW_NUL, NULL, 0, 1, (aw_login **)&out, NULL));
    EXPECT(AW_ERR_UNKNOWN_OPTION,
           aw_oauth_client_logout_url(client, "{\"hint\": 1}", AW_NUL, 1, (aw_buffer **)&out, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT,
           aw_tokens_from_json("{\"access_token\": \"\xc3\xa4\"}", AW_NUL, (aw_tokens **)&out, NULL));
    EXPECT(AW_ERR_KEY_MISMATCH, aw_oauth_client_new(options, AW_NUL, (const aw_key *const[]){f.key}, 1, NULL, NULL,
                                                    (aw_oauth_client **)&out, NULL)); /* no secret */

    /* Interior NULs: seen with a length only. */
    aw_tokens *odd = NULL;
    size_t length = 77;
    const char *value = NULL;
    MUST(aw_tokens_from_json("{\"access_token\": \"a\", \"scope\": [\"x\\u0000y\"], \"name\": \"A\\u0000\","
                             " \"claims\": {\"sub\": \"ad\\u0000min\"}}",
                             AW_NUL, &odd, NULL));
    CHECK(aw_tokens_scope_at(odd, 0, NULL) == NULL && aw_tokens_scope_at(odd, 0, &length) != NULL && length == 3);
    CHECK(aw_tokens_name(odd, NULL) == NULL && aw_tokens_name(odd, &length) != NULL && length == 2);
    EXPECT(AW_ERR_CLAIM_TYPE, aw_tokens_get_string(odd, "sub", &value, NULL, NULL));
    EXPECT(AW_OK, aw_tokens_get_string(odd, "sub", &value, &length, NULL));
    CHECK(length == 6 && memcmp(value, "ad\0min", 7) == 0);
    length = 77;
    CHECK(aw_tokens_refresh_token(odd, &length) == NULL && length == 0);
    EXPECT(AW_ERR_CLAIM_MISSING, aw_tokens_get_string(tokens, "sub", &value, &length, NULL));
    aw_tokens_free(odd);

    /* Getters of nothing, and of something else. */
    const aw_tokens *no_tokens = (const aw_tokens *)login;
    const aw_login *no_login = (const aw_login *)tokens;
    int64_t end = 77;
    CHECK(aw_login_url(NULL, &length) == NULL && aw_login_url(no_login, NULL) == NULL);
    CHECK(aw_login_transaction(NULL, NULL) == NULL && aw_login_cookie(no_login, NULL) == NULL);
    CHECK(aw_login_stale_cookie_count(NULL) == 0 && aw_login_stale_cookie_at(no_login, 0) == NULL);
    CHECK(aw_tokens_access_token(NULL, NULL) == NULL && aw_tokens_access_token(no_tokens, NULL) == NULL);
    CHECK(aw_tokens_token_type(NULL, NULL) == NULL && aw_tokens_authorization(NULL, NULL) == NULL);
    CHECK(aw_tokens_refresh_token(NULL, NULL) == NULL && aw_tokens_id_token(no_tokens, NULL) == NULL);
    CHECK(aw_tokens_claims_json(NULL, NULL) == NULL && aw_tokens_name(NULL, NULL) == NULL);
    CHECK(aw_tokens_return_to(NULL, NULL) == NULL && aw_tokens_clear_cookie(NULL, NULL) == NULL);
    CHECK(!aw_tokens_expires_at(NULL, &end) && end == 0 && aw_tokens_scope_count(NULL) == 0);
    CHECK(aw_tokens_scope_at(no_tokens, 0, NULL) == NULL && aw_tokens_leniency_count(no_tokens) == 0);
    CHECK(aw_tokens_leniency_at(NULL, 0) == NULL && aw_user_subject(NULL, NULL) == NULL);
    CHECK(aw_user_email(NULL, NULL) == NULL && !aw_user_email_verified(NULL) && aw_user_name(NULL, NULL) == NULL);
    CHECK(aw_user_picture(NULL, NULL) == NULL && aw_user_claims_json(NULL, NULL) == NULL);
    CHECK(aw_oauth_client_issuer(NULL) == NULL && aw_oauth_client_client_id(NULL) == NULL);
    CHECK(aw_operation_persist_tokens(NULL) == NULL && !aw_operation_request_needs_client_certificate(NULL));
    aw_oauth_client_free(NULL);
    aw_login_free(NULL);
    aw_tokens_free(NULL);
    aw_user_free(NULL);
    aw_token_manager_free(NULL);
    /* A handle of another type is left alone. */
    aw_tokens_free((aw_tokens *)login);

    /* No time at all. */
    aw_operation *operation = NULL;
    MUST(aw_oauth_client_userinfo_operation(client, tokens, f.now, 0, &operation, NULL));
    CHECK(aw_operation_step(operation, f.now, NULL, NULL) == AW_STEP_FAILED);
    EXPECT(AW_ERR_DEADLINE, aw_operation_result(operation, NULL));
    aw_operation_free(operation);

    /* A client of endpoints has no keys; without a certificate mTLS is not tried. */
    aw_oauth_client *bare = NULL;
    MUST(aw_oauth_client_new("{\"authorization_endpoint\": \"" ISSUER "/a\", \"token_endpoint\": \"" ISSUER
                             "/t\", \"client_id\": \"web\", \"token_endpoint_auth_method\": \"tls_client_auth\"}",
                             AW_NUL, NULL, 0, NULL, NULL, &bare, NULL));
    REFUSED("client", out, aw_oauth_client_remote_keys(bare, (aw_remote_keyset **)&out, &error));
    CHECK(aw_oauth_client_issuer(bare) == NULL);
    uint64_t id = 0;
    MUST(aw_oauth_client_begin_login_operation(bare, NULL, 0, NULL, 0, f.now, TIMEOUT, &operation, NULL));
    CHECK(drive(&f, operation, &id) == AW_STEP_FAILED);
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_result(operation, NULL)); /* it has no redirect_uri */
    aw_operation_free(operation);
    MUST(aw_oauth_client_refresh_operation(bare, tokens, NULL, 0, f.now, TIMEOUT, &operation, NULL));
    CHECK(aw_operation_step(operation, f.now, &id, NULL) == AW_STEP_SEND);
    CHECK(aw_operation_request_needs_client_certificate(operation));
    MUST(aw_operation_fail(operation, id, f.now, AW_FAILURE_UNSUPPORTED, AW_SENT_NOT, "client certificate", NULL));
    CHECK(aw_operation_step(operation, f.now, NULL, NULL) == AW_STEP_FAILED);
    EXPECT(AW_ERR_TRANSPORT_UNSUPPORTED, aw_operation_result(operation, NULL));
    aw_operation_free(operation);
    aw_oauth_client_free(bare);

    aw_token_manager_free(manager);
    aw_login_free(login);
    aw_tokens_free(tokens);
    release(&f);
}

int main(void) {
    whole_login();
    refused();
    manager("{\"persist\": true}", NULL);
    manager(NULL, never); /* the function is for calls that block */
    manager("{\"persist\": false}", never);
    manager_alone();
    misuse();
    return report("logins");
}
