/*
 * Many threads, one verifier, one signer, one token: every `const` object is used from all of them at once, and every
 * answer is right. With AW_ROUNDS in the environment each thread does so many rounds.
 */
#include "check.h"
#include <pthread.h>

#define THREADS 8

static const char *policy = "{\"issuer\": \"https://id.example\", \"audience\": \"api\"}";
static const char *options = "{\"issuer\": \"https://id.example\", \"audience\": \"api\", \"lifetime\": 900}";

static aw_signer *signers[2];
static aw_verifier *verifier;
static aw_token *shared;
static long rounds = 2000;

struct result {
    pthread_t thread;
    int index;
    long wrong;
};

/* Signs, verifies, spoils, verifies again. */
static long round_trip(const aw_signer *signer, int thread, long round) {
    char claims[64];
    char spoilt[2048];
    snprintf(claims, sizeof claims, "{\"sub\": \"%d-%ld\"}", thread, round);
    aw_buffer *text = NULL;
    aw_token *token = NULL;
    const char *subject = NULL;
    const char *json = NULL;
    long wrong = 0;
    if (aw_signer_sign(signer, claims, AW_NUL, &text, NULL) != AW_OK) {
        return 1;
    }
    size_t length = aw_buffer_length(text);
    wrong += aw_verifier_verify(verifier, aw_buffer_data(text), length, &token, NULL) != AW_OK;
    wrong += aw_token_get_string(token, "sub", &subject, NULL, NULL) != AW_OK;
    wrong += subject == NULL || strstr(claims, subject) == NULL;
    aw_token_free(token);

    if (length < sizeof spoilt) {
        memcpy(spoilt, aw_buffer_data(text), length);
        char *middle = strchr(spoilt, '.') + 5;
        *middle = *middle == 'A' ? 'B' : 'A';
        token = NULL;
        wrong +=
            aw_verifier_verify(verifier, spoilt, length, &token, NULL) != AW_ERR_SIGNATURE_INVALID || token != NULL;
    }
    aw_buffer_free(text);

    /* A token may be read from everywhere too; the strings that it makes on demand are made once. */
    wrong += aw_token_get_string(shared, "sub", &subject, NULL, NULL) != AW_OK || strcmp(subject, "shared") != 0;
    wrong += aw_token_get_json(shared, "aud", &json, NULL, NULL) != AW_OK || strcmp(json, "\"api\"") != 0;
    wrong += aw_token_claims_json(shared, NULL) == NULL;
    return wrong;
}

static void *work(void *argument) {
    struct result *result = argument;
    for (long round = 0; round < rounds; round++) {
        result->wrong += round_trip(signers[(round + result->index) % 2], result->index, round);
    }
    return NULL;
}

int main(void) {
    const char *given = getenv("AW_ROUNDS");
    rounds = given == NULL ? rounds : atol(given);
    aw_key *keys[2] = {NULL, NULL};
    MUST(aw_key_generate("HS256", "first", 0, &keys[0], NULL));
    MUST(aw_key_generate("EdDSA", "second", 0, &keys[1], NULL));
    const aw_key *members[] = {keys[0], keys[1]};
    aw_keyset *set = NULL;
    MUST(aw_keyset_new(members, 2, &set, NULL));
    MUST(aw_verifier_new(set, policy, AW_NUL, &verifier, NULL));
    for (int index = 0; index < 2; index++) {
        MUST(aw_signer_new(keys[index], options, AW_NUL, &signers[index], NULL));
    }
    aw_buffer *text = NULL;
    MUST(aw_signer_sign(signers[0], "{\"sub\": \"shared\"}", AW_NUL, &text, NULL));
    MUST(aw_verifier_verify(verifier, aw_buffer_data(text), AW_NUL, &shared, NULL));
    aw_buffer_free(text);

    struct result results[THREADS] = {0};
    for (int index = 0; index < THREADS; index++) {
        results[index].index = index;
        CHECK(pthread_create(&results[index].thread, NULL, work, &results[index]) == 0);
    }
    for (int index = 0; index < THREADS; index++) {
        CHECK(pthread_join(results[index].thread, NULL) == 0);
        CHECK(results[index].wrong == 0);
    }
    aw_token_free(shared);
    aw_signer_free(signers[0]);
    aw_signer_free(signers[1]);
    aw_verifier_free(verifier);
    aw_keyset_free(set);
    aw_key_free(keys[0]);
    aw_key_free(keys[1]);
    return report("threads");
}
