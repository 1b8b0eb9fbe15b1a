/* The agent's commands about API keys, for agent.c: stores and keys by name. */
#ifndef AW_TEST_API_KEY_AGENT_H
#define AW_TEST_API_KEY_AGENT_H

#include "answer.h"
#include "host_store.h"
#include <authwright.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_OF_KEYS 20000
#define PATIENCE_OF_STORES 60000
#define MOST_TEXTS 1024

struct named_store {
    char *name;
    aw_store *store;
    struct named_store *next;
};

struct named_keys {
    char *name;
    aw_api_keys *keys;
    struct named_keys *next;
};

static struct named_store *named_stores = NULL;
static struct named_keys *named_keys = NULL;

static struct named_store *find_store(const char *name) {
    struct named_store **place = &named_stores;
    while (*place != NULL && strcmp((*place)->name, name) != 0) {
        place = &(*place)->next;
    }
    if (*place == NULL) {
        *place = calloc(1, sizeof **place);
        if (*place == NULL) {
            abort();
        }
        (*place)->name = copied(name, strlen(name));
    }
    return *place;
}

static struct named_keys *find_keys(const char *name) {
    struct named_keys **place = &named_keys;
    while (*place != NULL && strcmp((*place)->name, name) != 0) {
        place = &(*place)->next;
    }
    if (*place == NULL) {
        *place = calloc(1, sizeof **place);
        if (*place == NULL) {
            abort();
        }
        (*place)->name = copied(name, strlen(name));
    }
    return *place;
}

static void free_api_keys(void) {
    while (named_keys != NULL) {
        struct named_keys *next = named_keys->next;
        aw_api_keys_free(named_keys->keys);
        free(named_keys->name);
        free(named_keys);
        named_keys = next;
    }
    while (named_stores != NULL) {
        struct named_store *next = named_stores->next;
        aw_store_free(named_stores->store);
        free(named_stores->name);
        free(named_stores);
        named_stores = next;
    }
}

static char *put_utf8(char *out, unsigned long code) {
    if (code < 0x80) {
        *out++ = (char)code;
    } else if (code < 0x800) {
        *out++ = (char)(0xc0 | code >> 6);
        *out++ = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        *out++ = (char)(0xe0 | code >> 12);
        *out++ = (char)(0x80 | (code >> 6 & 0x3f));
        *out++ = (char)(0x80 | (code & 0x3f));
    } else {
        *out++ = (char)(0xf0 | code >> 18);
        *out++ = (char)(0x80 | (code >> 12 & 0x3f));
        *out++ = (char)(0x80 | (code >> 6 & 0x3f));
        *out++ = (char)(0x80 | (code & 0x3f));
    }
    return out;
}

static unsigned long hex4(const char *digits) {
    char four[5] = "";
    strncat(four, digits, 4);
    return strtoul(four, NULL, 16);
}

/*
 * Resolves the escapes of the JSON string that begins at `json`, in its own place, and puts a NUL behind it. Half a
 * pair of surrogates becomes what is no UTF-8. Returns where the rest begins.
 */
static char *json_text(char *json, char **text, size_t *length) {
    char *in = json, *out = json;
    *text = json;
    if (*in++ != '"') {
        abort();
    }
    while (*in != '"') {
        unsigned long code;
        if (*in == '\0') {
            abort();
        }
        if (*in != '\\') {
            *out++ = *in++;
            continue;
        }
        const char *escaped = strchr("b\bf\fn\nr\rt\t", in[1]);
        if (in[1] != 'u') {
            *out++ = escaped == NULL ? in[1] : escaped[1];
            in += 2;
            continue;
        }
        code = hex4(in + 2);
        in += 6;
        if (code >= 0xd800 && code < 0xdc00 && in[0] == '\\' && in[1] == 'u' && hex4(in + 2) >= 0xdc00 &&
            hex4(in + 2) < 0xe000) {
            code = 0x10000 + ((code - 0xd800) << 10) + (hex4(in + 2) - 0xdc00);
            in += 6;
        }
        out = put_utf8(out, code);
    }
    *length = (size_t)(out - *text);
    in++;
    *out = '\0';
    return in;
}

/* The strings of a list, or a lone one. None has a NUL inside, or else it is not for C: the number is SIZE_MAX then. */
static size_t json_texts(char *json, const char **texts) {
    size_t count = 0, length;
    bool whole = true;
    while (*json != '\0' && *json != ']' && count < MOST_TEXTS) {
        if (*json == '"') {
            char *text;
            json = json_text(json, &text, &length);
            whole = whole && strlen(text) == length;
            texts[count++] = text;
        } else {
            json++;
        }
    }
    return whole ? count : SIZE_MAX;
}

static aw_status make_store(char **fields, struct outcome *outcome) {
    struct named_store *named = find_store(fields[1]);
    aw_store_free(named->store);
    named->store = NULL;
    if (strcmp(fields[0], "host_store") == 0) {
        return aw_store_new(&shelf_functions, new_shelf(100000), &named->store, &outcome->error);
    }
    return aw_store_open(fields[2], AW_NUL, fields[3][0] == '\0' ? "{}" : fields[3], AW_NUL, &named->store,
                         &outcome->error);
}

static aw_status make_keys(char **fields, struct outcome *outcome) {
    static const char *secrets[MOST_TEXTS];
    aw_key *peppers[MOST_TEXTS];
    struct named_keys *named = find_keys(fields[1]);
    size_t count = json_texts(fields[4], secrets), made = 0;
    aw_status status = AW_OK;
    aw_api_keys_free(named->keys);
    named->keys = NULL;
    while (made < count && status == AW_OK) {
        static char jwk[8192];
        snprintf(jwk, sizeof jwk, "{\"kty\": \"oct\", \"k\": \"%s\"}", secrets[made]);
        status = aw_key_from_jwk(jwk, AW_NUL, &peppers[made], &outcome->error);
        made += status == AW_OK;
    }
    if (status == AW_OK) {
        status = aw_api_keys_new(fields[3], AW_NUL, (const aw_key *const *)peppers, made, find_store(fields[2])->store,
                                 &named->keys, &outcome->error);
    }
    while (made > 0) {
        aw_key_free(peppers[--made]);
    }
    return status;
}

static aw_status verify_key(char **fields, struct outcome *outcome, aw_api_key **key) {
    static const char *scopes[MOST_TEXTS];
    const aw_api_keys *keys = find_keys(fields[1])->keys;
    char *presented;
    size_t length, count = json_texts(fields[3], scopes);
    json_text(fields[2], &presented, &length);
    if (count == SIZE_MAX) {
        outcome->unsupported = "a scope is a string of C, which has no NUL inside";
        return AW_OK;
    }
    if (fields[4][0] == '\0') {
        return aw_api_keys_verify(keys, presented, length, scopes, count, PATIENCE_OF_KEYS, key, &outcome->error);
    }
    return aw_api_keys_verify_at(keys, presented, length, scopes, count, strtoll(fields[4], NULL, 10), PATIENCE_OF_KEYS,
                                 key, &outcome->error);
}

static aw_status list_keys(char **fields, struct outcome *outcome) {
    const char *after = fields[3][0] == '\0' ? NULL : fields[3];
    aw_api_key_page *page = NULL;
    aw_status status =
        aw_api_keys_list(find_keys(fields[1])->keys, fields[2], AW_NUL, after, after == NULL ? 0 : AW_NUL,
                         (size_t)strtoull(fields[4], NULL, 10), PATIENCE_OF_KEYS, &page, &outcome->error);
    if (status == AW_OK) {
        status = aw_api_key_page_to_json(page, &outcome->json, &outcome->error);
    }
    aw_api_key_page_free(page);
    return status;
}

/* Those whose answer is a number, a boolean or a text; whether it was one of them, and was answered. */
static bool do_plain_key_command(char **fields) {
    struct outcome outcome = {0};
    size_t count = 0;
    const char *command = fields[0];
    if (strcmp(command, "store_sweep") == 0) {
        outcome.status = aw_store_sweep(find_store(fields[1])->store, PATIENCE_OF_STORES, &count, &outcome.error);
    } else if (strcmp(command, "keys_revoke_all") == 0) {
        outcome.status = aw_api_keys_revoke_all(find_keys(fields[1])->keys, fields[2], AW_NUL, PATIENCE_OF_KEYS, &count,
                                                &outcome.error);
    } else if (strcmp(command, "keys_well_formed") == 0) {
        char *text;
        size_t length;
        json_text(fields[2], &text, &length);
        bool well = aw_api_keys_is_well_formed(find_keys(fields[1])->keys, text, length);
        printf("{\"ok\":%s}", well ? "true" : "false");
        return true;
    } else if (strcmp(command, "keys_pattern") == 0) {
        printf("{\"ok\":");
        json_string(aw_api_keys_pattern(find_keys(fields[1])->keys));
        putchar('}');
        return true;
    } else {
        return false;
    }
    if (outcome.status == AW_OK) {
        printf("{\"ok\":%zu}", count);
    } else {
        answer(&outcome);
    }
    return true;
}

/* Whether the command is one about stores or API keys; then it was answered. */
static bool do_api_key_command(char **fields) {
    struct outcome outcome = {0};
    aw_api_key *key = NULL;
    const char *command = fields[0];
    if (do_plain_key_command(fields)) {
        return true;
    }
    if (strcmp(command, "store") == 0 || strcmp(command, "host_store") == 0) {
        outcome.status = make_store(fields, &outcome);
    } else if (strcmp(command, "store_close") == 0) {
        aw_store_close(find_store(fields[1])->store);
    } else if (strcmp(command, "store_check") == 0) {
        bool passed = false;
        outcome.status = aw_store_check(find_store(fields[1])->store, NULL, 0, PATIENCE_OF_STORES, &passed,
                                        &outcome.json, &outcome.error);
    } else if (strcmp(command, "keys") == 0) {
        outcome.status = make_keys(fields, &outcome);
    } else if (strcmp(command, "keys_list") == 0) {
        outcome.status = list_keys(fields, &outcome);
    } else if (strcmp(command, "keys_issue") == 0) {
        outcome.status =
            aw_api_keys_issue(find_keys(fields[1])->keys, fields[2], AW_NUL, PATIENCE_OF_KEYS, &key, &outcome.error);
    } else if (strcmp(command, "keys_import") == 0) {
        outcome.status = aw_api_keys_import_hash(find_keys(fields[1])->keys, fields[2], AW_NUL, PATIENCE_OF_KEYS, &key,
                                                 &outcome.error);
    } else if (strcmp(command, "keys_verify") == 0) {
        outcome.status = verify_key(fields, &outcome, &key);
    } else if (strcmp(command, "keys_get") == 0) {
        outcome.status =
            aw_api_keys_get(find_keys(fields[1])->keys, fields[2], AW_NUL, PATIENCE_OF_KEYS, &key, &outcome.error);
    } else if (strcmp(command, "keys_rotate") == 0) {
        outcome.status = aw_api_keys_rotate(find_keys(fields[1])->keys, fields[2], AW_NUL, fields[3], AW_NUL,
                                            PATIENCE_OF_KEYS, &key, &outcome.error);
    } else if (strcmp(command, "keys_revoke") == 0) {
        outcome.status =
            aw_api_keys_revoke(find_keys(fields[1])->keys, fields[2], AW_NUL, PATIENCE_OF_KEYS, &key, &outcome.error);
    } else {
        return false;
    }
    if (outcome.status == AW_OK && key != NULL) {
        outcome.status = aw_api_key_to_json(key, &outcome.json, &outcome.error);
    }
    aw_api_key_free(key);
    answer(&outcome);
    return true;
}

#endif
