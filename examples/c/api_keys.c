/*
 * Issue an API key, check it, rotate it, revoke it. The keys are where the argument says: the same program works on a
 * file, on Redis, and with those that another language has issued.
 *
 *     cc api_keys.c $(pkg-config --cflags --libs authwright) -o api_keys && ./api_keys sqlite:keys.db
 */
#include <authwright.h>
#include <stdio.h>

#define TIMEOUT_MS 5000

/* What a server answers a request with that has presented this key. */
static int answer(const aw_api_keys *keys, const char *presented, const char *scope) {
    aw_api_key *caller = NULL;
    aw_error *error = NULL;
    int code = 200;
    /* A header that was not sent is NULL: no bytes are no key. */
    size_t length = presented == NULL ? 0 : AW_NUL;
    switch (aw_api_keys_verify(keys, presented, length, &scope, 1, TIMEOUT_MS, &caller, &error)) {
    case AW_OK:
        printf("200: %s may %s\n", aw_api_key_owner(caller, NULL), scope);
        break;
    case AW_ERR_API_KEY_INVALID:
    case AW_ERR_API_KEY_EXPIRED:
    case AW_ERR_API_KEY_REVOKED:
        code = 401;
        break;
    case AW_ERR_API_KEY_SCOPE:
        code = 403;
        break;
    case AW_ERR_INVALID_ARGUMENT: /* a mistake of this program */
        code = 500;
        break;
    default: /* the store: it says nothing about the key */
        code = 503;
    }
    if (code != 200) {
        printf("%d: %s (%s)\n", code, aw_status_name(aw_error_code(error)), aw_error_message(error));
    }
    aw_error_free(error);
    aw_api_key_free(caller);
    return code;
}

int main(int argc, char **argv) {
    const char *url = argc > 1 ? argv[1] : "memory:";
    const char *options = "{\"owner\": \"billing-service\", \"scopes\": [\"invoices:read\"], \"expires_in\": 7776000}";
    aw_store *store = NULL;
    aw_key *pepper = NULL;
    aw_api_keys *keys = NULL;
    aw_api_key *issued = NULL, *rotated = NULL;
    aw_error *error = NULL;
    int done = 1;

    /* Made once, at start-up. The pepper is one secret for all processes, kept where secrets are, and not in the store.
     */
    if (aw_store_open(url, AW_NUL, NULL, 0, &store, &error) != AW_OK ||
        aw_key_from_secret("an example pepper of 32 bytes...", AW_NUL, NULL, NULL, &pepper, &error) != AW_OK ||
        aw_api_keys_new("{\"prefix\": \"acme\", \"environment\": \"test\"}", AW_NUL, (const aw_key *const[]){pepper}, 1,
                        store, &keys, &error) != AW_OK) {
        goto end;
    }

    /* The secret is shown once: the store has only a hash of it. */
    if (aw_api_keys_issue(keys, options, AW_NUL, TIMEOUT_MS, &issued, &error) != AW_OK) {
        goto end;
    }
    const char *secret = aw_api_key_secret(issued, NULL), *id = aw_api_key_id(issued, NULL);
    printf("issued %s, which ends in %s\n", id, aw_api_key_last4(issued, NULL));
    done = answer(keys, secret, "invoices:read") != 200 || answer(keys, secret, "invoices:write") != 403 ||
           answer(keys, "acme_test_nonsense", "invoices:read") != 401;

    /* Another secret. The old one is good for an hour, until it is replaced everywhere. */
    if (aw_api_keys_rotate(keys, id, AW_NUL, "{\"overlap\": 3600}", AW_NUL, TIMEOUT_MS, &rotated, &error) != AW_OK) {
        done = 1;
        goto end;
    }
    const char *fresh = aw_api_key_secret(rotated, NULL);
    printf("rotated: it ends in %s\n", aw_api_key_last4(rotated, NULL));
    done |= answer(keys, secret, "invoices:read") != 200 || answer(keys, fresh, "invoices:read") != 200;

    if (aw_api_keys_revoke(keys, id, AW_NUL, TIMEOUT_MS, NULL, &error) != AW_OK) {
        done = 1;
        goto end;
    }
    printf("revoked\n");
    done |= answer(keys, fresh, "invoices:read") != 401;

end:
    if (error != NULL) {
        fprintf(stderr, "%s: %s\n", aw_status_name(aw_error_code(error)), aw_error_message(error));
    }
    aw_error_free(error);
    aw_api_key_free(rotated); /* overwrites the secret first */
    aw_api_key_free(issued);
    aw_api_keys_free(keys);
    aw_key_free(pepper);
    aw_store_close(store);
    aw_store_free(store);
    return done;
}
