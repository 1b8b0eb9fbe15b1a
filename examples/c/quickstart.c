/*
 * Sign a token, verify it, read its claims; then see an error.
 *
 *     cc quickstart.c $(pkg-config --cflags --libs authwright) -o quickstart && ./quickstart
 */
#include <authwright.h>
#include <inttypes.h>
#include <stdio.h>

static int fail(const char *what, aw_error *error) {
    fprintf(stderr, "%s: %s: %s\n", what, aw_status_name(aw_error_code(error)), aw_error_message(error));
    aw_error_free(error);
    return 1;
}

int main(void) {
    aw_error *error = NULL;

    /* The issuer: a key, and a signer made of it. Both are made once. */
    aw_key *key = NULL;
    if (aw_key_generate("ES256", "2026-11", 0, &key, &error) != AW_OK) {
        return fail("generate", error);
    }
    aw_signer *signer = NULL;
    const char *options = "{\"issuer\": \"https://id.example\", \"audience\": \"api\", \"lifetime\": 900}";
    if (aw_signer_new(key, options, AW_NUL, &signer, &error) != AW_OK) {
        return fail("signer", error);
    }

    aw_buffer *token = NULL;
    if (aw_signer_sign(signer, "{\"sub\": \"alice\", \"scope\": \"read\"}", AW_NUL, &token, &error) != AW_OK) {
        return fail("sign", error);
    }
    printf("token: %s\n", aw_buffer_data(token));

    /* The service: the issuer's public keys, and what it expects of a token. Made once too, used by every thread. */
    aw_key *public_key = NULL;
    if (aw_key_public_key(key, &public_key, &error) != AW_OK) {
        return fail("public key", error);
    }
    const aw_key *members[] = {public_key};
    aw_keyset *keys = NULL;
    if (aw_keyset_new(members, 1, &keys, &error) != AW_OK) {
        return fail("key set", error);
    }
    aw_verifier *verifier = NULL;
    const char *policy = "{\"issuer\": \"https://id.example\", \"audience\": \"api\"}";
    if (aw_verifier_new(keys, policy, AW_NUL, &verifier, &error) != AW_OK) {
        return fail("verifier", error);
    }

    aw_token *verified = NULL;
    if (aw_verifier_verify(verifier, aw_buffer_data(token), AW_NUL, &verified, &error) != AW_OK) {
        return fail("verify", error);
    }
    printf("claims: %s\n", aw_token_claims_json(verified, NULL));

    const char *subject = NULL;
    int64_t expires = 0;
    if (aw_token_get_string(verified, "sub", &subject, NULL, &error) != AW_OK ||
        aw_token_get_int(verified, "exp", &expires, &error) != AW_OK) {
        return fail("claims", error);
    }
    printf("%s may come in until %" PRId64 "\n", subject, expires);

    /* The same token an hour later: expired. The status is for the program, the message for people. */
    aw_token *late = NULL;
    aw_status status = aw_verifier_verify_at(verifier, aw_buffer_data(token), AW_NUL, expires + 3600, &late, &error);
    printf("an hour later: %s (%s, %s)\n", aw_status_name(status), aw_error_field(error), aw_error_message(error));

    aw_error_free(error);
    aw_token_free(verified);
    aw_verifier_free(verifier);
    aw_keyset_free(keys);
    aw_key_free(public_key);
    aw_buffer_free(token);
    aw_signer_free(signer);
    aw_key_free(key);
    return status == AW_ERR_TOKEN_EXPIRED ? 0 : 1;
}
