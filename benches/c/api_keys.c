/*
 * What a check of an API key costs in C on each store, one after another: wall time.
 *
 *     api_keys STORE...
 *
 * Prints the nanoseconds as a JSON list.
 */
#include <authwright.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KEYS 100
#define CALLS 50
#define SAMPLES 100000
#define TIMEOUT_MS 10000
/* How long each figure is measured, in nanoseconds. */
#define DURATION 1.5e9

static double samples[SAMPLES];

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void need(aw_status status, const aw_error *error) {
    if (status != AW_OK) {
        fprintf(stderr, "api_keys: %s\n", aw_error_message(error));
        exit(1);
    }
}

static void verify(const aw_api_keys *keys, const aw_api_key *issued) {
    aw_error *error = NULL;
    aw_api_key *key = NULL;
    size_t length = 0;
    const char *secret = aw_api_key_secret(issued, &length);
    need(aw_api_keys_verify(keys, secret, length, NULL, 0, TIMEOUT_MS, &key, &error), error);
    aw_api_key_free(key);
}

/* The median of samples of some calls. The first check of a key writes down its use, and is not measured. */
static double check(const char *url) {
    const char *options = "{\"prefix\": \"acme\", \"environment\": \"live\"}";
    const char *wanted = "{\"owner\": \"many\", \"scopes\": [\"invoices:read\", \"invoices:write\"]}";
    aw_error *error = NULL;
    aw_store *store = NULL;
    aw_key *pepper = NULL;
    aw_api_keys *keys = NULL;
    aw_api_key *issued[KEYS] = {NULL};
    need(aw_store_open(url, AW_NUL, NULL, 0, &store, &error), error);
    need(aw_key_from_secret("77777777777777777777777777777777", 32, NULL, NULL, &pepper, &error), error);
    need(aw_api_keys_new(options, AW_NUL, (const aw_key *const[]){pepper}, 1, store, &keys, &error), error);
    for (size_t i = 0; i < KEYS; i++) {
        need(aw_api_keys_issue(keys, wanted, AW_NUL, TIMEOUT_MS, &issued[i], &error), error);
        verify(keys, issued[i]);
    }
    size_t count = 0;
    for (double until = now() + DURATION; now() < until && count < SAMPLES; count++) {
        double begun = now();
        for (size_t i = 0; i < CALLS; i++) {
            verify(keys, issued[(count % 2) * CALLS + i]);
        }
        samples[count] = (now() - begun) / CALLS;
    }
    qsort(samples, count, sizeof *samples, ascending);
    for (size_t i = 0; i < KEYS; i++) {
        aw_api_key_free(issued[i]);
    }
    aw_api_keys_free(keys);
    aw_key_free(pepper);
    aw_store_close(store);
    aw_store_free(store);
    return samples[count / 2];
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        printf("%s%.1f", i == 1 ? "[" : ", ", check(argv[i]));
    }
    puts("]");
    return 0;
}
