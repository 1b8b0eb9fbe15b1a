/* Tokens from and to Debian's libjwt, for every algorithm that it shares with us.
 *
 * libjwt 1.10 checks signatures and leaves all claims to the program, so what it must refuse is a token that was
 * tampered with or made with another key; what we must refuse is that, and a wrong expiry, audience or issuer too. */
#include <jwt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "authwright.h"

static int passed, failed;

static void check(bool good, const char *algorithm, const char *what) {
    if (good) {
        passed++;
    } else {
        failed++;
        printf("FAILED: %s: %s\n", algorithm, what);
    }
}

/* One algorithm's key: ours, and as libjwt takes it. */
typedef struct shared_key {
    const char *algorithm;
    aw_key *key;
    aw_signer *signer;
    aw_verifier *verifier;
    aw_buffer *private_bytes, *public_bytes;
} shared_key;

static unsigned char secrets[2][64];

static shared_key shared_key_new(const char *algorithm, size_t which) {
    shared_key made = {.algorithm = algorithm};
    aw_key *public_key = NULL;
    aw_status status;
    if (strncmp(algorithm, "HS", 2) == 0) {
        status = aw_key_from_secret(secrets[which], sizeof secrets[which], algorithm, NULL, &made.key, NULL);
    } else {
        status = aw_key_generate(algorithm, NULL, 0, &made.key, NULL);
        if (status == AW_OK) {
            status = aw_key_public_key(made.key, &public_key, NULL);
        }
        if (status == AW_OK) {
            status = aw_key_to_pem(made.key, true, &made.private_bytes, NULL);
        }
        if (status == AW_OK) {
            status = aw_key_to_pem(public_key, false, &made.public_bytes, NULL);
        }
    }
    check(status == AW_OK, algorithm, "a key");
    char options[64];
    snprintf(options, sizeof options, "{\"algorithm\":\"%s\"}", algorithm);
    status = aw_signer_new(made.key, options, AW_NUL, &made.signer, NULL);
    check(status == AW_OK, algorithm, "a signer");
    const char *policy = "{\"issuer\":\"https://id.example\",\"audience\":\"api\"}";
    status = aw_verifier_new_with_key(public_key != NULL ? public_key : made.key, policy, AW_NUL, &made.verifier, NULL);
    check(status == AW_OK, algorithm, "a verifier");
    aw_key_free(public_key);
    return made;
}

static void shared_key_free(shared_key *key) {
    aw_verifier_free(key->verifier);
    aw_signer_free(key->signer);
    aw_buffer_free(key->private_bytes);
    aw_buffer_free(key->public_bytes);
    aw_key_free(key->key);
}

static const unsigned char *peer_key(const shared_key *key, size_t which, bool private_part, int *length) {
    const aw_buffer *pem = private_part ? key->private_bytes : key->public_bytes;
    *length = pem != NULL ? (int)aw_buffer_length(pem) : (int)sizeof secrets[which];
    return pem != NULL ? (const unsigned char *)aw_buffer_data(pem) : secrets[which];
}

static void claims_for(char *json, size_t size, long expires_in, const char *audience, const char *issuer) {
    long now = (long)time(NULL);
    snprintf(json, size,
             "{\"iss\":\"%s\",\"aud\":\"%s\",\"sub\":\"alice\",\"iat\":%ld,\"exp\":%ld,\"roles\":[\"a\",\"b\"]}",
             issuer, audience, now - 7200, now + expires_in);
}

static char *sign_ours(const shared_key *key, const char *claims) {
    aw_buffer *token = NULL;
    char *copy = NULL;
    if (aw_signer_sign(key->signer, claims, AW_NUL, &token, NULL) == AW_OK) {
        copy = strdup(aw_buffer_data(token));
    }
    aw_buffer_free(token);
    check(copy != NULL, key->algorithm, "we sign");
    return copy != NULL ? copy : strdup("");
}

static char *sign_theirs(const shared_key *key, const char *claims) {
    int length = 0;
    const unsigned char *secret = peer_key(key, 0, true, &length);
    jwt_t *jwt = NULL;
    bool good = jwt_new(&jwt) == 0 && jwt_add_grants_json(jwt, claims) == 0 &&
                jwt_set_alg(jwt, jwt_str_alg(key->algorithm), secret, length) == 0;
    char *token = good ? jwt_encode_str(jwt) : NULL;
    jwt_free(jwt);
    check(token != NULL, key->algorithm, "libjwt signs");
    return token != NULL ? token : strdup("");
}

/* Swaps two characters in the middle of the payload: still base64url, no longer what was signed. */
static void tamper(char *token) {
    char *dot = strchr(token, '.');
    char *at = dot != NULL ? dot + 10 : NULL;
    while (at != NULL && at[1] != '.' && at[0] == at[1]) {
        at++;
    }
    if (at != NULL) {
        char kept = at[0];
        at[0] = at[1];
        at[1] = kept;
    }
}

static aw_status our_verdict(const shared_key *key, const char *token) {
    aw_token *verified = NULL;
    aw_status status = aw_verifier_verify(key->verifier, token, AW_NUL, &verified, NULL);
    if (status == AW_OK) {
        const char *subject = NULL;
        check(aw_token_get_string(verified, "sub", &subject, NULL, NULL) == AW_OK && strcmp(subject, "alice") == 0,
              key->algorithm, "we read the subject");
    }
    aw_token_free(verified);
    return status;
}

static bool their_verdict(const shared_key *key, size_t which, const char *token) {
    int length = 0;
    const unsigned char *public_part = peer_key(key, which, false, &length);
    jwt_t *jwt = NULL;
    bool good = jwt_decode(&jwt, token, public_part, length) == 0;
    const char *subject = good ? jwt_get_grant(jwt, "sub") : NULL;
    good = good && jwt_get_alg(jwt) == jwt_str_alg(key->algorithm) && subject != NULL && strcmp(subject, "alice") == 0;
    jwt_free(jwt);
    return good;
}

static void both_ways(const char *algorithm) {
    shared_key key = shared_key_new(algorithm, 0);
    shared_key other = shared_key_new(algorithm, 1);
    char claims[512];

    claims_for(claims, sizeof claims, 900, "api", "https://id.example");
    char *ours = sign_ours(&key, claims);
    check(their_verdict(&key, 0, ours), algorithm, "libjwt accepts our token");
    check(!their_verdict(&other, 1, ours), algorithm, "libjwt refuses our token under another key");
    tamper(ours);
    check(!their_verdict(&key, 0, ours), algorithm, "libjwt refuses our token, tampered with");
    free(ours);

    char *theirs = sign_theirs(&key, claims);
    check(our_verdict(&key, theirs) == AW_OK, algorithm, "we accept libjwt's token");
    check(our_verdict(&other, theirs) == AW_ERR_SIGNATURE_INVALID, algorithm, "we refuse it under another key");
    tamper(theirs);
    check(our_verdict(&key, theirs) == AW_ERR_SIGNATURE_INVALID, algorithm, "we refuse it, tampered with");
    free(theirs);

    claims_for(claims, sizeof claims, -3600, "api", "https://id.example");
    theirs = sign_theirs(&key, claims);
    check(our_verdict(&key, theirs) == AW_ERR_TOKEN_EXPIRED, algorithm, "we refuse libjwt's expired token");
    free(theirs);

    claims_for(claims, sizeof claims, 900, "billing", "https://id.example");
    theirs = sign_theirs(&key, claims);
    check(our_verdict(&key, theirs) == AW_ERR_AUDIENCE_MISMATCH, algorithm, "we refuse libjwt's token for others");
    free(theirs);

    claims_for(claims, sizeof claims, 900, "api", "https://id.example.evil");
    theirs = sign_theirs(&key, claims);
    check(our_verdict(&key, theirs) == AW_ERR_ISSUER_MISMATCH, algorithm, "we refuse libjwt's token from others");
    free(theirs);

    shared_key_free(&other);
    shared_key_free(&key);
}

int main(void) {
    static const char *const algorithms[] = {"HS256", "HS384", "HS512", "RS256", "RS384",
                                             "RS512", "ES256", "ES384", "ES512"};
    for (size_t i = 0; i < sizeof secrets; i++) {
        secrets[i / sizeof secrets[0]][i % sizeof secrets[0]] = (unsigned char)(i * 37 + 11);
    }
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        both_ways(algorithms[i]);
    }
    printf("libjwt: %d passed, %d failed\n", passed, failed);
    return failed != 0;
}
