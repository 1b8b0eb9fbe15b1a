/*
 * Verifies the tokens of a live issuer, of which it knows nothing but the URL.
 *
 *     verify_issuer ISSUER AUDIENCE [COOLDOWN]
 *
 * Reads tokens from its input, a line each, and answers each with a line: "ok" and the subject, or the code of the
 * error. COOLDOWN is the number of seconds between two fetches that unknown keys cause, 30 unless it is given.
 *
 *     cc verify_issuer.c $(pkg-config --cflags --libs authwright) -o verify_issuer
 */
#include <authwright.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long one token may take, in milliseconds. */
#define PATIENCE 10000

/* What comes from outside is not pasted into JSON: the builder escapes it. */
static aw_status write_object(const char *name, const char *value, const char *cooldown, aw_buffer **json,
                              aw_error **error) {
    aw_claims *object = NULL;
    aw_status status = aw_claims_new(&object, error);
    if (status == AW_OK) {
        status = aw_claims_set_string(object, name, value, AW_NUL, error);
    }
    if (status == AW_OK && cooldown != NULL) {
        status = aw_claims_set_int(object, "cooldown", atoi(cooldown), error);
    }
    if (status == AW_OK) {
        status = aw_claims_to_json(object, json, error);
    }
    aw_claims_free(object);
    return status;
}

/* Nothing is fetched yet: an issuer that is down at this moment is no error. */
static aw_status make(const char *issuer, const char *audience, const char *cooldown, aw_verifier **verifier,
                      aw_error **error) {
    aw_buffer *policy = NULL;
    aw_status status = write_object("audience", audience, NULL, &policy, error);
    if (status == AW_OK && cooldown == NULL) {
        status = aw_verifier_discover(issuer, AW_NUL, aw_buffer_data(policy), AW_NUL, NULL, verifier, error);
    } else if (status == AW_OK) {
        aw_buffer *options = NULL;
        aw_remote_keyset *keys = NULL;
        status = write_object("issuer", issuer, cooldown, &options, error);
        if (status == AW_OK) {
            status = aw_remote_keyset_new(aw_buffer_data(options), AW_NUL, NULL, &keys, error);
        }
        if (status == AW_OK) {
            status = aw_verifier_new_remote(keys, aw_buffer_data(policy), AW_NUL, verifier, error);
        }
        aw_remote_keyset_free(keys); /* the verifier keeps what it needs */
        aw_buffer_free(options);
    }
    aw_buffer_free(policy);
    return status;
}

/* Fetches the keys where they are needed, once for all threads that wait for them, and keeps them up to date. */
static void judge(const aw_verifier *verifier, const char *line, size_t length) {
    aw_token *token = NULL;
    const char *subject = NULL;
    aw_status status = aw_verifier_verify_fetching(verifier, line, length, PATIENCE, &token, NULL);
    if (status == AW_OK) {
        status = aw_token_get_string(token, "sub", &subject, NULL, NULL);
    }
    if (status == AW_OK) {
        printf("ok %s\n", subject);
    } else {
        /* AW_ERR_KEYS_NEEDED says nothing about the token: a service answers 503 rather than 401. */
        puts(aw_status_name(status));
    }
    fflush(stdout);
    aw_token_free(token);
}

int main(int argc, char **argv) {
    static char line[128 * 1024];
    aw_error *error = NULL;
    aw_verifier *verifier = NULL;
    if (argc != 3 && argc != 4) {
        fprintf(stderr, "verify_issuer ISSUER AUDIENCE [COOLDOWN]\n");
        return 2;
    }
    if (make(argv[1], argv[2], argc == 4 ? argv[3] : NULL, &verifier, &error) != AW_OK) {
        fprintf(stderr, "%s: %s\n", aw_status_name(aw_error_code(error)), aw_error_message(error));
        aw_error_free(error);
        return 1;
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        judge(verifier, line, strcspn(line, "\n"));
    }
    aw_verifier_free(verifier);
    return 0;
}
