/*
 * A verification allocates the token and nothing else. Memory stays flat: after a warm-up, a great many calls, good
 * ones and failing ones, leave the process as large as it was. The number of calls is the argument.
 */
#include "check.h"
#include <unistd.h>

static long allocations = 0;

#ifdef __GLIBC__
/* The library's allocations come through here, because a program's own functions go before those of its libraries. */
void *__libc_malloc(size_t size);
void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size) {
    allocations++;
    return __libc_malloc(size);
}

void *realloc(void *memory, size_t size) {
    allocations++;
    return __libc_realloc(memory, size);
}
#endif

static long resident_pages(void) {
    long size = 0;
    long resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file != NULL) {
        if (fscanf(file, "%ld %ld", &size, &resident) != 2) {
            resident = 0;
        }
        fclose(file);
    }
    return resident;
}

struct objects {
    aw_key *key;
    aw_signer *signer;
    aw_verifier *verifier;
    aw_buffer *text;
};

/* One of everything that a server does per request, and now and then what it does at its start. */
static void calls(const struct objects *o, long count) {
    for (long call = 0; call < count; call++) {
        aw_token *token = NULL;
        aw_error *error = NULL;
        const char *subject = NULL;
        MUST(aw_verifier_verify(o->verifier, aw_buffer_data(o->text), AW_NUL, &token, &error));
        MUST(aw_token_get_string(token, "sub", &subject, NULL, NULL));
        CHECK(aw_token_claims_json(token, NULL) != NULL);
        aw_token_free(token);
        EXPECT(AW_ERR_TOKEN_MALFORMED, aw_verifier_verify(o->verifier, "rubbish", AW_NUL, &token, &error));
        aw_error_free(error);
        if (call % 16 == 0) {
            aw_buffer *made = NULL;
            aw_key *key = NULL;
            aw_verifier *verifier = NULL;
            aw_buffer *jwk = NULL;
            MUST(aw_signer_sign(o->signer, "{\"sub\": \"alice\"}", AW_NUL, &made, NULL));
            MUST(aw_key_to_jwk(o->key, true, &jwk, NULL));
            MUST(aw_key_from_jwk(aw_buffer_data(jwk), AW_NUL, &key, NULL));
            MUST(aw_verifier_new_with_key(key, "{}", AW_NUL, &verifier, NULL));
            EXPECT(AW_ERR_AUDIENCE_MISMATCH, aw_verifier_verify(verifier, aw_buffer_data(made), AW_NUL, &token, NULL));
            aw_verifier_free(verifier);
            aw_key_free(key);
            aw_buffer_free(jwk);
            aw_buffer_free(made);
        }
    }
}

/* The token's text, the index of its values, and the handle. */
static void allocates_the_token_only(const struct objects *o) {
    for (int call = 0; call < 3; call++) {
        aw_token *token = NULL;
        long before = allocations;
        MUST(aw_verifier_verify(o->verifier, aw_buffer_data(o->text), aw_buffer_length(o->text), &token, NULL));
        long verifying = allocations - before;
        CHECK(aw_token_claims_json(token, NULL) != NULL && aw_token_header_json(token, NULL) != NULL);
        long reading = allocations - before - verifying;
        aw_token_free(token);
        /* The first verification also remembers the header. */
        if (call > 0 && (verifying > 3 || reading > 0)) {
            fprintf(stderr, "memory: %ld allocations to verify, %ld to read the JSON\n", verifying, reading);
            failures++;
        }
    }
}

int main(int argc, char **argv) {
    const char *options = "{\"issuer\": \"https://id.example\", \"audience\": \"api\", \"lifetime\": 86400}";
    const char *policy = "{\"issuer\": \"https://id.example\", \"audience\": \"api\"}";
    long count = argc > 1 ? atol(argv[1]) : 200000;
    struct objects o = {0};
    MUST(aw_key_generate("HS256", NULL, 0, &o.key, NULL));
    MUST(aw_signer_new(o.key, options, AW_NUL, &o.signer, NULL));
    MUST(aw_verifier_new_with_key(o.key, policy, AW_NUL, &o.verifier, NULL));
    MUST(aw_signer_sign(o.signer, "{\"sub\": \"alice\"}", AW_NUL, &o.text, NULL));
    allocates_the_token_only(&o);
    calls(&o, count / 10);
    long before = resident_pages();
    calls(&o, count);
    long grown = (resident_pages() - before) * (sysconf(_SC_PAGESIZE) / 1024);
    if (grown > 256) {
        fprintf(stderr, "memory: grew by %ld KiB over %ld calls\n", grown, count);
        failures++;
    }
    aw_buffer_free(o.text);
    aw_verifier_free(o.verifier);
    aw_signer_free(o.signer);
    aw_key_free(o.key);
    return report("memory");
}
