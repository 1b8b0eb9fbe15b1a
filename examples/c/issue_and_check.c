/*
 * Issues API keys, checks them, rotates and revokes them, on a store of which it knows nothing but the URL.
 *
 *     PEPPER=... issue_and_check STORE
 *
 * Reads commands from its input, a line each, and answers each with a line: `ok` and what there is, or the code of the
 * error.
 *
 *     issue OWNER SCOPE SECONDS    a key for so long: ok ID KEY
 *     check KEY SCOPE              whose it is: ok OWNER
 *     rotate ID SECONDS            the key before it is good for so long: ok ID KEY
 *     revoke ID                    ok
 *
 * PEPPER is the base64 of 32 random bytes (`openssl rand -base64 32`), the same in every process that uses the store.
 */
#include <authwright.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS 5000

/* Room for a line, and for the options that are made of its words: a program that has other words than these would have
 * a JSON library write them. */
#define ROOM 1024

/* A key of its base64. A JWK has it in base64url, without the padding and with other letters for two. */
static aw_status read_pepper(const char *base64, aw_key **pepper) {
    char jwk[ROOM];
    size_t length = strlen(base64);
    while (length > 0 && base64[length - 1] == '=') {
        length--;
    }
    snprintf(jwk, sizeof jwk, "{\"kty\": \"oct\", \"k\": \"%.*s\"}", (int)length, base64);
    for (char *letter = jwk; *letter != '\0'; letter++) {
        *letter = *letter == '+' ? '-' : *letter == '/' ? '_' : *letter;
    }
    return aw_key_from_jwk(jwk, AW_NUL, pepper, NULL);
}

static aw_status issue(const aw_api_keys *keys, char *const *words, aw_error **error) {
    char options[ROOM + 64];
    snprintf(options, sizeof options, "{\"owner\": \"%s\", \"scopes\": [\"%s\"], \"expires_in\": %s}", words[1],
             words[2], words[3]);
    aw_api_key *key = NULL;
    aw_status status = aw_api_keys_issue(keys, options, AW_NUL, TIMEOUT_MS, &key, error);
    if (status == AW_OK) {
        /* The only time that it is shown: the store has a hash. */
        printf("ok %s %s\n", aw_api_key_id(key, NULL), aw_api_key_secret(key, NULL));
    }
    aw_api_key_free(key); /* overwrites the secret first */
    return status;
}

static aw_status check(const aw_api_keys *keys, char *const *words, aw_error **error) {
    const char *scope = words[2];
    aw_api_key *caller = NULL;
    aw_status status = aw_api_keys_verify(keys, words[1], AW_NUL, &scope, 1, TIMEOUT_MS, &caller, error);
    if (status == AW_OK) {
        printf("ok %s\n", aw_api_key_owner(caller, NULL));
    }
    aw_api_key_free(caller);
    return status;
}

static aw_status rotate(const aw_api_keys *keys, char *const *words, aw_error **error) {
    char options[ROOM + 64];
    snprintf(options, sizeof options, "{\"overlap\": %s}", words[2]);
    aw_api_key *key = NULL;
    aw_status status = aw_api_keys_rotate(keys, words[1], AW_NUL, options, AW_NUL, TIMEOUT_MS, &key, error);
    if (status == AW_OK) {
        printf("ok %s %s\n", aw_api_key_id(key, NULL), aw_api_key_secret(key, NULL));
    }
    aw_api_key_free(key);
    return status;
}

static aw_status revoke(const aw_api_keys *keys, char *const *words, aw_error **error) {
    aw_status status = aw_api_keys_revoke(keys, words[1], AW_NUL, TIMEOUT_MS, NULL, error);
    if (status == AW_OK) {
        puts("ok");
    }
    return status;
}

static const struct {
    const char *name;
    int words;
    aw_status (*run)(const aw_api_keys *keys, char *const *words, aw_error **error);
} COMMANDS[] = {{"issue", 4, issue}, {"check", 3, check}, {"rotate", 3, rotate}, {"revoke", 2, revoke}};

static int answer(const aw_api_keys *keys, char *line) {
    char *words[5] = {NULL};
    int count = 0;
    for (char *word = strtok(line, " \n"); word != NULL && count < 5; word = strtok(NULL, " \n")) {
        words[count++] = word;
    }
    for (size_t place = 0; place < sizeof COMMANDS / sizeof *COMMANDS; place++) {
        if (count == COMMANDS[place].words && strcmp(words[0], COMMANDS[place].name) == 0) {
            aw_error *error = NULL;
            if (COMMANDS[place].run(keys, words, &error) != AW_OK) {
                /* ERR_STORE_... says nothing about a key: a service answers 503 rather than 401. */
                puts(aw_status_name(aw_error_code(error)));
            }
            aw_error_free(error);
            fflush(stdout);
            return 0;
        }
    }
    fputs("no such command\n", stderr);
    return 1;
}

int main(int argc, char **argv) {
    const char *base64 = getenv("PEPPER");
    aw_key *pepper = NULL;
    if (argc != 2 || base64 == NULL || read_pepper(base64, &pepper) != AW_OK) {
        fputs("usage: PEPPER=... issue_and_check STORE, with PEPPER in base64: openssl rand -base64 32\n", stderr);
        aw_key_free(pepper);
        return 2;
    }
    const char *options = "{\"prefix\": \"acme\", \"environment\": \"live\"}";
    aw_store *store = NULL;
    aw_api_keys *keys = NULL;
    aw_error *error = NULL;
    int failed = 0;

    /* Nothing is opened yet: a server that is down at this moment is no error. */
    if (aw_store_open(argv[1], AW_NUL, NULL, 0, &store, &error) != AW_OK ||
        aw_api_keys_new(options, AW_NUL, (const aw_key *const[]){pepper}, 1, store, &keys, &error) != AW_OK) {
        fprintf(stderr, "issue_and_check: %s\n", aw_error_message(error));
        failed = 1;
    }
    char line[ROOM];
    while (!failed && fgets(line, sizeof line, stdin) != NULL) {
        failed = answer(keys, line);
    }
    aw_error_free(error);
    aw_api_keys_free(keys);
    aw_key_free(pepper);
    aw_store_close(store);
    aw_store_free(store);
    return failed;
}
