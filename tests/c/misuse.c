/*
 * The API called wrongly: every NULL, every length, text that is not text, handles of other types. Each gives a status
 * and leaves its out parameters cleared. Run under the sanitizers and valgrind too.
 */
#include "check.h"
#include <math.h>

#define POISON ((void *)(uintptr_t)0x5a5a5a50)

static const char *policy = "{\"issuer\": \"https://id.example\", \"audience\": \"api\"}";
static const char *options = "{\"issuer\": \"https://id.example\", \"audience\": \"api\", \"lifetime\": 900}";
static const char secret[] = "an example secret of 32 bytes...";

struct fixture {
    aw_key *key;
    aw_keyset *keys;
    aw_signer *signer;
    aw_verifier *verifier;
    aw_claims *claims;
    aw_buffer *text;
    aw_token *token;
};

static struct fixture make(void) {
    struct fixture f = {0};
    MUST(aw_key_from_secret(secret, AW_NUL, "HS256", "k", &f.key, NULL));
    const aw_key *list[] = {f.key};
    MUST(aw_keyset_new(list, 1, &f.keys, NULL));
    MUST(aw_signer_new(f.key, options, AW_NUL, &f.signer, NULL));
    MUST(aw_verifier_new(f.keys, policy, AW_NUL, &f.verifier, NULL));
    MUST(aw_claims_new(&f.claims, NULL));
    const char *claims =
        "{\"sub\": \"alice\", \"nul\": \"ad\\u0000min\", \"n\": 1.5, \"big\": 9223372036854775808, \"i\": -7,"
        " \"yes\": true, \"list\": [\"a\", \"b\", 3], \"object\": {\"a\": null}, \"\": \"empty\"}";
    MUST(aw_signer_sign(f.signer, claims, AW_NUL, &f.text, NULL));
    MUST(aw_verifier_verify(f.verifier, aw_buffer_data(f.text), AW_NUL, &f.token, NULL));
    return f;
}

static void release(struct fixture *f) {
    aw_token_free(f->token);
    aw_buffer_free(f->text);
    aw_claims_free(f->claims);
    aw_verifier_free(f->verifier);
    aw_signer_free(f->signer);
    aw_keyset_free(f->keys);
    aw_key_free(f->key);
}

/* The error names the parameter, and the out parameter that held something else before is NULL. */
#define REFUSED(parameter, out, call)                                                                                  \
    do {                                                                                                               \
        aw_error *error = (aw_error *)POISON;                                                                          \
        (out) = POISON;                                                                                                \
        EXPECT(AW_ERR_INVALID_ARGUMENT, call);                                                                         \
        CHECK((out) == NULL);                                                                                          \
        CHECK(aw_error_code(error) == AW_ERR_INVALID_ARGUMENT);                                                        \
        CHECK(aw_error_field(error) != NULL && strcmp(aw_error_field(error), parameter) == 0);                         \
        CHECK(strlen(aw_error_message(error)) > 0);                                                                    \
        aw_error_free(error);                                                                                          \
    } while (0)

static void nulls(struct fixture *f) {
    void *out;
    REFUSED("algorithm", out, aw_key_generate(NULL, NULL, 0, (aw_key **)&out, &error));
    REFUSED("json", out, aw_key_from_jwk(NULL, 5, (aw_key **)&out, &error));
    REFUSED("json", out, aw_key_from_jwk(NULL, 0, (aw_key **)&out, &error));
    REFUSED("json", out, aw_key_from_jwk(NULL, AW_NUL, (aw_key **)&out, &error));
    REFUSED("pem", out, aw_key_from_pem(NULL, AW_NUL, NULL, NULL, NULL, 0, (aw_key **)&out, &error));
    REFUSED("password", out, aw_key_from_pem("x", 1, NULL, NULL, NULL, 3, (aw_key **)&out, &error));
    REFUSED("secret", out, aw_key_from_secret(NULL, 32, NULL, NULL, (aw_key **)&out, &error));
    REFUSED("key", out, aw_key_public_key(NULL, (aw_key **)&out, &error));
    REFUSED("key", out, aw_key_to_jwk(NULL, false, (aw_buffer **)&out, &error));
    REFUSED("key", out, aw_key_to_pem(NULL, false, (aw_buffer **)&out, &error));
    REFUSED("key", out, aw_key_to_der(NULL, false, (aw_buffer **)&out, &error));
    REFUSED("key", out, aw_key_thumbprint(NULL, (aw_buffer **)&out, &error));
    REFUSED("keys", out, aw_keyset_new(NULL, 1, (aw_keyset **)&out, &error));
    const aw_key *hole[] = {f->key, NULL};
    REFUSED("key", out, aw_keyset_new(hole, 2, (aw_keyset **)&out, &error));
    REFUSED("keys", out, aw_keyset_to_json(NULL, (aw_buffer **)&out, &error));
    REFUSED("index", out, aw_keyset_get(f->keys, 1, (aw_key **)&out, &error));
    REFUSED("index", out, aw_keyset_get(f->keys, SIZE_MAX, (aw_key **)&out, &error));
    REFUSED("policy", out, aw_verifier_new(f->keys, NULL, 0, (aw_verifier **)&out, &error));
    REFUSED("policy", out, aw_verifier_new(f->keys, NULL, AW_NUL, (aw_verifier **)&out, &error));
    REFUSED("keys", out, aw_verifier_new(NULL, policy, AW_NUL, (aw_verifier **)&out, &error));
    REFUSED("key", out, aw_verifier_new_with_key(NULL, policy, AW_NUL, (aw_verifier **)&out, &error));
    REFUSED("verifier", out, aw_verifier_verify(NULL, "x", 1, (aw_token **)&out, &error));
    REFUSED("text", out, aw_verifier_verify(f->verifier, NULL, 1, (aw_token **)&out, &error));
    REFUSED("text", out, aw_verifier_verify(f->verifier, NULL, AW_NUL, (aw_token **)&out, &error));
    REFUSED("now", out,
            aw_verifier_verify_at(f->verifier, aw_buffer_data(f->text), AW_NUL, -1, (aw_token **)&out, &error));
    REFUSED("key", out, aw_signer_new(NULL, NULL, 0, (aw_signer **)&out, &error));
    REFUSED("signer", out, aw_signer_sign(NULL, "{}", 2, (aw_buffer **)&out, &error));
    REFUSED("claims", out, aw_signer_sign(f->signer, NULL, 0, (aw_buffer **)&out, &error));
    REFUSED("claims", out, aw_signer_sign_claims(f->signer, NULL, (aw_buffer **)&out, &error));
    REFUSED("prepared", out, aw_signer_finish(f->signer, NULL, "", 0, AW_SIGNATURE_RAW, (aw_buffer **)&out, &error));
    REFUSED("text", out, aw_dangerous_decode(NULL, 4, (aw_unverified_token **)&out, &error));
    REFUSED("key", out, aw_jws_sign("x", 1, NULL, NULL, NULL, 0, 0, (aw_buffer **)&out, &error));
    REFUSED("flags", out, aw_jws_sign("x", 1, f->key, NULL, NULL, 0, 4, (aw_buffer **)&out, &error));
    REFUSED("keys", out, aw_jws_verify("a.b.c", 5, NULL, 0, NULL, NULL, 0, (aw_jws **)&out, &error));
    REFUSED("algorithms", out, aw_jws_verify("a.b.c", 5, NULL, 0, f->keys, NULL, 3, (aw_jws **)&out, &error));

    /* No place for the result. */
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_key_generate("HS256", NULL, 0, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_keyset_new(NULL, 0, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_verifier_new(f->keys, policy, AW_NUL, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_verifier_verify(f->verifier, aw_buffer_data(f->text), AW_NUL, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_signer_sign(f->signer, "{}", 2, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_claims_new(NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_token_get_int(f->token, "i", NULL, NULL));

    /* Getters of nothing. */
    size_t length = 77;
    CHECK(aw_token_claims_json(NULL, &length) == NULL && length == 0);
    CHECK(aw_token_header_json(NULL, NULL) == NULL);
    CHECK(aw_unverified_token_claims_json(NULL, NULL) == NULL && aw_unverified_token_header_json(NULL, NULL) == NULL);
    CHECK(aw_jws_payload(NULL, NULL) == NULL && aw_jws_header_json(NULL, NULL) == NULL);
    CHECK(aw_buffer_data(NULL) == NULL && aw_buffer_length(NULL) == 0);
    CHECK(aw_key_kid(NULL, NULL) == NULL && aw_key_algorithm(NULL) == NULL && !aw_key_is_private(NULL));
    CHECK(aw_keyset_len(NULL) == 0 && aw_keyset_rejected_len(NULL) == 0);
    CHECK(aw_prepared_signing_input(NULL, NULL) == NULL && aw_prepared_algorithm(NULL) == NULL);
    CHECK(aw_error_code(NULL) == AW_OK && strcmp(aw_error_message(NULL), "") == 0 && aw_error_field(NULL) == NULL);

    /* Freeing nothing. */
    aw_key_free(NULL);
    aw_keyset_free(NULL);
    aw_signer_free(NULL);
    aw_prepared_free(NULL);
    aw_verifier_free(NULL);
    aw_token_free(NULL);
    aw_unverified_token_free(NULL);
    aw_jws_free(NULL);
    aw_claims_free(NULL);
    aw_buffer_free(NULL);
    aw_error_free(NULL);
}

static void lengths(struct fixture *f) {
    void *out;
    const size_t huge[] = {SIZE_MAX - 1, SIZE_MAX / 2 + 1, (size_t)PTRDIFF_MAX + 1};
    for (size_t index = 0; index < sizeof huge / sizeof *huge; index++) {
        size_t length = huge[index];
        REFUSED("json", out, aw_key_from_jwk("{}", length, (aw_key **)&out, &error));
        REFUSED("pem", out, aw_key_from_pem("{}", length, NULL, NULL, NULL, 0, (aw_key **)&out, &error));
        REFUSED("der", out, aw_key_from_der("{}", length, NULL, NULL, NULL, 0, (aw_key **)&out, &error));
        REFUSED("secret", out, aw_key_from_secret("{}", length, NULL, NULL, (aw_key **)&out, &error));
        REFUSED("json", out, aw_keyset_from_json("{}", length, (aw_keyset **)&out, &error));
        REFUSED("policy", out, aw_verifier_new(f->keys, "{}", length, (aw_verifier **)&out, &error));
        REFUSED("options", out, aw_signer_new(f->key, "{}", length, (aw_signer **)&out, &error));
        REFUSED("text", out, aw_verifier_verify(f->verifier, "a.b.c", length, (aw_token **)&out, &error));
        REFUSED("claims", out, aw_signer_sign(f->signer, "{}", length, (aw_buffer **)&out, &error));
        REFUSED("payload", out, aw_jws_sign("{}", length, f->key, NULL, NULL, 0, 0, (aw_buffer **)&out, &error));
        REFUSED("text", out, aw_dangerous_decode("a.b.c", length, (aw_unverified_token **)&out, &error));
        const aw_key *one[] = {f->key};
        REFUSED("keys", out, aw_keyset_new(one, length, (aw_keyset **)&out, &error));
        EXPECT(AW_ERR_INVALID_ARGUMENT, aw_claims_set_string(f->claims, "a", "b", length, NULL));
    }
    /* PTRDIFF_MAX is a length that a slice may have, but no memory reaches so far from here. */
    REFUSED("text", out, aw_verifier_verify(f->verifier, (const char *)UINTPTR_MAX, 2, (aw_token **)&out, &error));

    /* An empty text is text. */
    aw_token *token = NULL;
    EXPECT(AW_ERR_TOKEN_MALFORMED, aw_verifier_verify(f->verifier, "", 0, &token, NULL));
    EXPECT(AW_ERR_TOKEN_MALFORMED, aw_verifier_verify(f->verifier, NULL, 0, &token, NULL));
    EXPECT(AW_ERR_TOKEN_MALFORMED, aw_verifier_verify(f->verifier, "", AW_NUL, &token, NULL));
    aw_key *key = NULL;
    EXPECT(AW_ERR_KEY_TOO_WEAK, aw_key_from_secret(NULL, 0, NULL, NULL, &key, NULL));
    aw_keyset *set = NULL;
    EXPECT(AW_OK, aw_keyset_new(NULL, 0, &set, NULL));
    CHECK(aw_keyset_len(set) == 0);
    aw_keyset_free(set);
}

static void texts(struct fixture *f) {
    void *out;
    REFUSED("json", out, aw_key_from_jwk("\xff\xfe", 2, (aw_key **)&out, &error));
    REFUSED("policy", out, aw_verifier_new(f->keys, "{\"issuer\": \"\xc3\"}", AW_NUL, (aw_verifier **)&out, &error));
    REFUSED("options", out, aw_signer_new(f->key, "\x80", 1, (aw_signer **)&out, &error));
    REFUSED("claims", out, aw_signer_sign(f->signer, "{\"a\": \"\xed\xa0\x80\"}", AW_NUL, (aw_buffer **)&out, &error));
    REFUSED("algorithm", out, aw_key_generate("\xff", NULL, 0, (aw_key **)&out, &error));
    REFUSED("kid", out, aw_key_generate("HS256", "\xff", 0, (aw_key **)&out, &error));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_claims_set_string(f->claims, "\xff", "a", AW_NUL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_claims_set_string(f->claims, "a", "\xff", AW_NUL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_claims_set_json(f->claims, "a", "1,\"admin\":true", AW_NUL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_claims_set_json(f->claims, "a", "", AW_NUL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_claims_set_json(f->claims, "a", "1\0", 2, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_claims_set_double(f->claims, "a", INFINITY, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_claims_set_double(f->claims, "a", NAN, NULL));
    const char *hole[] = {"a", NULL};
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_claims_set_strings(f->claims, "a", hole, 2, NULL));
    EXPECT(AW_ERR_UNSUPPORTED_ALGORITHM, aw_key_generate("none", NULL, 0, (aw_key **)&out, NULL));
    EXPECT(AW_ERR_UNSUPPORTED_ALGORITHM, aw_key_generate("", NULL, 0, (aw_key **)&out, NULL));

    /* A NUL inside: of a token, nothing a token may hold; of a policy, not JSON. It never ends the text early. */
    char token[2048];
    size_t length = aw_buffer_length(f->text);
    memcpy(token, aw_buffer_data(f->text), length);
    memcpy(token + length, "\0x", 2);
    aw_token *verified = POISON;
    CHECK(aw_verifier_verify(f->verifier, token, length + 2, &verified, NULL) != AW_OK && verified == NULL);
    token[length / 2] = '\0';
    verified = POISON;
    CHECK(aw_verifier_verify(f->verifier, token, length, &verified, NULL) != AW_OK && verified == NULL);
    out = POISON;
    CHECK(aw_verifier_new(f->keys, "{}\0", 3, (aw_verifier **)&out, NULL) != AW_OK && out == NULL);

    /* A misspelt member is an error that names it. */
    aw_error *error = NULL;
    EXPECT(AW_ERR_UNKNOWN_OPTION,
           aw_verifier_new(f->keys, "{\"audiance\": \"api\"}", AW_NUL, (aw_verifier **)&out, &error));
    CHECK(strcmp(aw_error_field(error), "audiance") == 0);
    aw_error_free(error);
}

static void other_types(struct fixture *f) {
    void *out;
    REFUSED("verifier", out,
            aw_verifier_verify((const aw_verifier *)(const void *)f->key, "x", 1, (aw_token **)&out, &error));
    REFUSED("signer", out,
            aw_signer_sign((const aw_signer *)(const void *)f->verifier, "{}", 2, (aw_buffer **)&out, &error));
    REFUSED("keys", out,
            aw_verifier_new((const aw_keyset *)(const void *)f->key, policy, AW_NUL, (aw_verifier **)&out, &error));
    REFUSED("key", out, aw_key_public_key((const aw_key *)(const void *)f->token, (aw_key **)&out, &error));
    REFUSED("claims", out, aw_claims_to_json((const aw_claims *)(const void *)f->text, (aw_buffer **)&out, &error));
    CHECK(aw_token_claims_json((const aw_token *)(const void *)f->signer, NULL) == NULL);
    CHECK(aw_buffer_data((const aw_buffer *)(const void *)f->keys) == NULL);
    aw_unverified_token *unverified = NULL;
    MUST(aw_dangerous_decode(aw_buffer_data(f->text), AW_NUL, &unverified, NULL));
    CHECK(aw_token_claims_json((const aw_token *)(const void *)unverified, NULL) == NULL);
    /* Freed through the wrong function, an object stays what it was. */
    aw_key_free((aw_key *)(void *)unverified);
    CHECK(aw_unverified_token_claims_json(unverified, NULL) != NULL);
    aw_unverified_token_free(unverified);
}

static void getters(struct fixture *f) {
    const char *text = NULL;
    size_t length = 0;
    int64_t integer = 0;
    double number = 0;
    bool boolean = false;
    aw_error *error = NULL;

    EXPECT(AW_OK, aw_token_get_string(f->token, "sub", &text, NULL, NULL));
    CHECK(strcmp(text, "alice") == 0);
    const char *again = NULL;
    EXPECT(AW_OK, aw_token_get_string(f->token, "sub", &again, &length, NULL));
    CHECK(again == text && length == 5);
    EXPECT(AW_OK, aw_token_get_string(f->token, "", &text, NULL, NULL));
    CHECK(strcmp(text, "empty") == 0);

    EXPECT(AW_ERR_CLAIM_MISSING, aw_token_get_string(f->token, "nobody", &text, &length, &error));
    CHECK(text == NULL && length == 0 && strcmp(aw_error_field(error), "nobody") == 0);
    aw_error_free(error);
    EXPECT(AW_ERR_CLAIM_TYPE, aw_token_get_string(f->token, "n", &text, NULL, NULL));
    CHECK(text == NULL);
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_token_get_string(f->token, NULL, &text, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_token_get_string(f->token, "\xff", &text, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_token_get_string(f->token, "sub", NULL, &length, NULL));
    CHECK(length == 0);

    /* A text with a NUL inside is only given to those who ask for its length. */
    EXPECT(AW_ERR_CLAIM_TYPE, aw_token_get_string(f->token, "nul", &text, NULL, NULL));
    CHECK(text == NULL);
    EXPECT(AW_OK, aw_token_get_string(f->token, "nul", &text, &length, NULL));
    CHECK(length == 6 && memcmp(text, "ad\0min", 7) == 0);

    EXPECT(AW_OK, aw_token_get_int(f->token, "i", &integer, NULL));
    CHECK(integer == -7);
    EXPECT(AW_ERR_CLAIM_TYPE, aw_token_get_int(f->token, "n", &integer, NULL));
    CHECK(integer == 0);
    EXPECT(AW_ERR_CLAIM_TYPE, aw_token_get_int(f->token, "big", &integer, NULL));
    EXPECT(AW_ERR_CLAIM_TYPE, aw_token_get_int(f->token, "sub", &integer, NULL));
    EXPECT(AW_OK, aw_token_get_double(f->token, "n", &number, NULL));
    CHECK(number == 1.5);
    EXPECT(AW_OK, aw_token_get_double(f->token, "big", &number, NULL));
    CHECK(number == 9223372036854775808.0);
    EXPECT(AW_ERR_CLAIM_TYPE, aw_token_get_double(f->token, "yes", &number, NULL));
    EXPECT(AW_OK, aw_token_get_bool(f->token, "yes", &boolean, NULL));
    CHECK(boolean);
    EXPECT(AW_ERR_CLAIM_TYPE, aw_token_get_bool(f->token, "i", &boolean, NULL));
    CHECK(!boolean);

    EXPECT(AW_OK, aw_token_get_json(f->token, "object", &text, &length, NULL));
    CHECK(strcmp(text, "{\"a\": null}") == 0 && length == strlen(text));
    EXPECT(AW_OK, aw_token_get_json(f->token, "sub", &text, NULL, NULL));
    CHECK(strcmp(text, "\"alice\"") == 0);
    EXPECT(AW_OK, aw_token_get_json(f->token, "nul", &text, NULL, NULL));
    CHECK(strcmp(text, "\"ad\\u0000min\"") == 0);

    EXPECT(AW_OK, aw_token_get_string_at(f->token, "list", 1, &text, NULL, NULL));
    CHECK(strcmp(text, "b") == 0);
    EXPECT(AW_ERR_CLAIM_TYPE, aw_token_get_string_at(f->token, "list", 2, &text, NULL, NULL));
    EXPECT(AW_ERR_CLAIM_MISSING, aw_token_get_string_at(f->token, "list", 3, &text, NULL, NULL));
    EXPECT(AW_ERR_CLAIM_MISSING, aw_token_get_string_at(f->token, "list", SIZE_MAX, &text, NULL, NULL));
    EXPECT(AW_OK, aw_token_get_string_at(f->token, "aud", 0, &text, NULL, NULL));
    CHECK(strcmp(text, "api") == 0);
    EXPECT(AW_ERR_CLAIM_MISSING, aw_token_get_string_at(f->token, "aud", 1, &text, NULL, NULL));
    EXPECT(AW_ERR_CLAIM_TYPE, aw_token_get_string_at(f->token, "i", 0, &text, NULL, NULL));

    const char *claims = aw_token_claims_json(f->token, &length);
    CHECK(strlen(claims) == length && claims[0] == '{' && claims == aw_token_claims_json(f->token, NULL));
    CHECK(strstr(aw_token_header_json(f->token, NULL), "\"HS256\"") != NULL);
}

static void builder(struct fixture *f) {
    aw_claims *claims = NULL;
    aw_buffer *json = NULL;
    MUST(aw_claims_new(&claims, NULL));
    MUST(aw_claims_to_json(claims, &json, NULL));
    CHECK(strcmp(aw_buffer_data(json), "{}") == 0);
    aw_buffer_free(json);

    const char *values[] = {"a\"b", "c\\d", "\xc3\xa9"};
    EXPECT(AW_OK, aw_claims_set_string(claims, "sub", "first", AW_NUL, NULL));
    EXPECT(AW_OK, aw_claims_set_string(claims, "quote\"", "a\0\n\"}", 5, NULL));
    EXPECT(AW_OK, aw_claims_set_strings(claims, "list", values, 3, NULL));
    EXPECT(AW_OK, aw_claims_set_strings(claims, "none", NULL, 0, NULL));
    EXPECT(AW_OK, aw_claims_set_int(claims, "int", INT64_MIN, NULL));
    EXPECT(AW_OK, aw_claims_set_double(claims, "double", 0.5, NULL));
    EXPECT(AW_OK, aw_claims_set_bool(claims, "bool", true, NULL));
    EXPECT(AW_OK, aw_claims_set_null(claims, "null", NULL));
    EXPECT(AW_OK, aw_claims_set_json(claims, "json", "{\"a\":[1]}", AW_NUL, NULL));
    EXPECT(AW_OK, aw_claims_set_string(claims, "sub", "alice", AW_NUL, NULL));
    MUST(aw_claims_to_json(claims, &json, NULL));
    const char *expected =
        "{\"sub\":\"alice\",\"quote\\\"\":\"a\\u0000\\n\\\"}\",\"list\":[\"a\\\"b\",\"c\\\\d\",\"\xc3\xa9\"],"
        "\"none\":[],\"int\":-9223372036854775808,\"double\":0.5,\"bool\":true,\"null\":null,"
        "\"json\":{\"a\":[1]}}";
    CHECK(strcmp(aw_buffer_data(json), expected) == 0);
    aw_buffer_free(json);

    aw_buffer *token = NULL;
    EXPECT(AW_OK, aw_signer_sign_claims(f->signer, claims, &token, NULL));
    aw_token *verified = NULL;
    EXPECT(AW_OK, aw_verifier_verify(f->verifier, aw_buffer_data(token), aw_buffer_length(token), &verified, NULL));
    aw_token_free(verified);
    aw_buffer_free(token);

    /* Valid JSON is not enough: a duplicate member inside is found when it is signed. */
    token = POISON;
    EXPECT(AW_OK, aw_claims_set_json(claims, "twice", "{\"a\":1,\"a\":2}", AW_NUL, NULL));
    CHECK(aw_signer_sign_claims(f->signer, claims, &token, NULL) != AW_OK && token == NULL);
    aw_claims_free(claims);
}

static void two_steps(void) {
    aw_key *key = NULL;
    aw_key *public_key = NULL;
    aw_signer *here = NULL;
    aw_prepared *prepared = NULL;
    aw_buffer *token = NULL;
    MUST(aw_key_generate("ES256", NULL, 0, &key, NULL));
    MUST(aw_key_public_key(key, &public_key, NULL));
    MUST(aw_signer_new(public_key, options, AW_NUL, &here, NULL));
    EXPECT(AW_ERR_KEY_NOT_PRIVATE, aw_signer_sign(here, "{}", 2, &token, NULL));
    CHECK(token == NULL);
    MUST(aw_signer_prepare_at(here, "{\"sub\": \"alice\"}", AW_NUL, 1700000000, &prepared, NULL));
    size_t length = 0;
    const char *input = aw_prepared_signing_input(prepared, &length);
    CHECK(length == strlen(input) && strcmp(aw_prepared_algorithm(prepared), "ES256") == 0);
    char wrong[64] = {1};
    EXPECT(AW_ERR_SIGNATURE_INVALID, aw_signer_finish(here, prepared, wrong, 64, AW_SIGNATURE_RAW, &token, NULL));
    EXPECT(AW_ERR_SIGNATURE_INVALID, aw_signer_finish(here, prepared, wrong, 63, AW_SIGNATURE_RAW, &token, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_signer_finish(here, prepared, wrong, 64, AW_SIGNATURE_DER, &token, NULL));
    EXPECT(AW_ERR_SIGNATURE_INVALID, aw_signer_finish(here, prepared, NULL, 0, AW_SIGNATURE_RAW, &token, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_signer_finish(here, prepared, wrong, 64, 7, &token, NULL));
    CHECK(token == NULL);
    aw_prepared_free(prepared);
    aw_signer_free(here);
    aw_key_free(public_key);
    aw_key_free(key);
}

static void sets_and_jws(void) {
    aw_keyset *set = NULL;
    aw_error *error = NULL;
    const char *json = "{\"keys\": [{\"kty\": \"XYZ\"}, 5,"
                       " {\"kty\": \"OKP\", \"crv\": \"Ed25519\", \"kid\": \"a\\u0000b\","
                       " \"x\": \"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}";
    MUST(aw_keyset_from_json(json, AW_NUL, &set, NULL));
    CHECK(aw_keyset_len(set) == 1 && aw_keyset_rejected_len(set) == 2);
    CHECK(aw_keyset_rejected(set, 0, &error) != AW_OK && aw_error_code(error) != AW_ERR_INTERNAL);
    CHECK(strlen(aw_error_message(error)) > 0);
    aw_error_free(error);
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_keyset_rejected(set, 2, NULL));
    aw_key *key = NULL;
    MUST(aw_keyset_get(set, 0, &key, NULL));
    aw_keyset_free(set);
    /* The key outlives the set. Its kid has a NUL inside: without a length it would look like "a". */
    size_t length = 0;
    const char *kid = aw_key_kid(key, &length);
    CHECK(kid != NULL && length == 3 && memcmp(kid, "a\0b", 4) == 0);
    CHECK(aw_key_kid(key, NULL) == NULL);
    CHECK(!aw_key_is_private(key));
    aw_key_free(key);

    aw_buffer *token = NULL;
    aw_jws *jws = NULL;
    MUST(aw_key_from_secret(secret, 32, NULL, NULL, &key, NULL));
    MUST(aw_jws_sign("a\0b.", 4, key, "HS256", "{\"typ\": \"x\"}", AW_NUL, AW_JWS_DETACHED | AW_JWS_UNENCODED, &token,
                     NULL));
    EXPECT(AW_ERR_SIGNATURE_INVALID,
           aw_jws_verify_with_key(aw_buffer_data(token), AW_NUL, "a\0c.", 4, key, NULL, 0, &jws, NULL));
    CHECK(jws == NULL);
    EXPECT(AW_OK, aw_jws_verify_with_key(aw_buffer_data(token), AW_NUL, "a\0b.", 4, key, NULL, 0, &jws, NULL));
    CHECK(aw_jws_payload(jws, &length) != NULL && length == 4 && memcmp(aw_jws_payload(jws, NULL), "a\0b.", 5) == 0);
    CHECK(strstr(aw_jws_header_json(jws, NULL), "\"b64\"") != NULL);
    aw_jws_free(jws);
    const char *others[] = {"HS512", "ES256"};
    EXPECT(AW_ERR_ALGORITHM_NOT_ALLOWED,
           aw_jws_verify_with_key(aw_buffer_data(token), AW_NUL, "a\0b.", 4, key, others, 2, &jws, NULL));
    EXPECT(AW_ERR_ALGORITHM_NOT_ALLOWED,
           aw_jws_verify_with_key(aw_buffer_data(token), AW_NUL, "a\0b.", 4, key, others, 0, &jws, NULL));
    aw_buffer_free(token);
    aw_key_free(key);
}

/* Objects may be freed in any order: each keeps what it needs. */
static void lifetimes(void) {
    struct fixture f = make();
    aw_key_free(f.key);
    aw_keyset_free(f.keys);
    aw_buffer *text = NULL;
    MUST(aw_signer_sign(f.signer, "{\"sub\": \"bob\"}", AW_NUL, &text, NULL));
    aw_signer_free(f.signer);
    aw_token *token = NULL;
    MUST(aw_verifier_verify(f.verifier, aw_buffer_data(text), AW_NUL, &token, NULL));
    aw_verifier_free(f.verifier);
    aw_buffer_free(text);
    const char *subject = NULL;
    EXPECT(AW_OK, aw_token_get_string(token, "sub", &subject, NULL, NULL));
    CHECK(strcmp(subject, "bob") == 0);
    aw_token_free(token);
    aw_token_free(f.token);
    aw_buffer_free(f.text);
    aw_claims_free(f.claims);
}

int main(void) {
    struct fixture f = make();
    nulls(&f);
    lengths(&f);
    texts(&f);
    other_types(&f);
    getters(&f);
    builder(&f);
    release(&f);
    two_steps();
    sets_and_jws();
    lifetimes();
    return report("misuse");
}
