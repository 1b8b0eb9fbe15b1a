/*
 * Runs vectors as a C program would: reads requests, makes the calls, writes answers. tests/c/vectors.py turns the
 * corpus into requests and judges the answers, so no JSON is read here.
 *
 * A request, and an answer, is a list of fields and an empty line. A field is "<name> <length>\n<bytes>\n".
 */
#include <authwright.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FIELDS 24

struct field {
    char name[32];
    char *data;
    size_t length;
};

struct request {
    struct field fields[MAX_FIELDS];
    size_t count;
};

/* Everything that a chain of calls makes, freed together at its end. */
struct chain {
    aw_key *key;
    aw_key *public_key;
    aw_keyset *set;
    aw_verifier *verifier;
    aw_signer *signer;
    aw_buffer *made;
    aw_token *token;
    aw_unverified_token *decoded;
    aw_jws *jws;
    aw_error *error;
};

/* The first error of a chain is its answer. */
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        aw_status status_ = (call);                                                                                    \
        if (status_ != AW_OK) {                                                                                        \
            return status_;                                                                                            \
        }                                                                                                              \
    } while (0)

static const struct field *find(const struct request *request, const char *name) {
    for (size_t index = 0; index < request->count; index++) {
        if (strcmp(request->fields[index].name, name) == 0) {
            return &request->fields[index];
        }
    }
    return NULL;
}

/* A field's text, or NULL. Fields end in a NUL that their length does not count. */
static const char *text(const struct request *request, const char *name) {
    const struct field *field = find(request, name);
    return field == NULL ? NULL : field->data;
}

static size_t size(const struct request *request, const char *name) {
    const struct field *field = find(request, name);
    return field == NULL ? 0 : field->length;
}

static bool is(const struct request *request, const char *name, const char *value) {
    const char *actual = text(request, name);
    return actual != NULL && strcmp(actual, value) == 0;
}

static void answer(const char *name, const char *data, size_t length) {
    if (data != NULL) {
        printf("%s %zu\n", name, length);
        fwrite(data, 1, length, stdout);
        putchar('\n');
    }
}

static void answer_buffer(const char *name, aw_buffer *buffer) {
    answer(name, aw_buffer_data(buffer), aw_buffer_length(buffer));
    aw_buffer_free(buffer);
}

static aw_status load(const struct request *r, struct chain *c) {
    const char *data = text(r, "key");
    size_t length = size(r, "key");
    const char *alg = text(r, "alg");
    const char *kid = text(r, "kid");
    const char *password = text(r, "password");
    if (is(r, "form", "jwk")) {
        return aw_key_from_jwk(data, length, &c->key, &c->error);
    }
    if (is(r, "form", "jwks")) {
        return aw_keyset_from_json(data, length, &c->set, &c->error);
    }
    if (is(r, "form", "pem")) {
        return aw_key_from_pem(data, length, alg, kid, password, size(r, "password"), &c->key, &c->error);
    }
    if (is(r, "form", "der")) {
        return aw_key_from_der(data, length, alg, kid, password, size(r, "password"), &c->key, &c->error);
    }
    return aw_key_from_secret(data, length, alg, kid, &c->key, &c->error);
}

static aw_status build_verifier(const struct request *r, const aw_key *key, struct chain *c) {
    const char *policy = text(r, "policy");
    size_t length = size(r, "policy");
    if (c->set != NULL) {
        return aw_verifier_new(c->set, policy, length, &c->verifier, &c->error);
    }
    return aw_verifier_new_with_key(key, policy, length, &c->verifier, &c->error);
}

/* The key to check with what this key has signed: its public part, or a secret itself. */
static aw_status checking_key(struct chain *c, const aw_key **key) {
    aw_status status = aw_key_public_key(c->key, &c->public_key, &c->error);
    *key = status == AW_OK ? c->public_key : c->key;
    if (status == AW_ERR_KEY_MISMATCH) {
        aw_error_free(c->error);
        c->error = NULL;
        status = AW_OK;
    }
    return status;
}

static aw_status run_verify(const struct request *r, struct chain *c) {
    TRY(load(r, c));
    TRY(build_verifier(r, c->key, c));
    int64_t now = strtoll(text(r, "now"), NULL, 10);
    TRY(aw_verifier_verify_at(c->verifier, text(r, "input"), size(r, "input"), now, &c->token, &c->error));
    size_t length;
    const char *json = aw_token_claims_json(c->token, &length);
    answer("claims", json, length);
    json = aw_token_header_json(c->token, &length);
    answer("header", json, length);
    return AW_OK;
}

static aw_status run_decode(const char *input, size_t input_length, struct chain *c) {
    TRY(aw_dangerous_decode(input, input_length, &c->decoded, &c->error));
    size_t length;
    const char *json = aw_unverified_token_claims_json(c->decoded, &length);
    answer("claims", json, length);
    json = aw_unverified_token_header_json(c->decoded, &length);
    answer("header", json, length);
    return AW_OK;
}

static aw_status run_sign(const struct request *r, struct chain *c) {
    int64_t now = strtoll(text(r, "now"), NULL, 10);
    TRY(load(r, c));
    TRY(aw_signer_new(c->key, text(r, "options"), size(r, "options"), &c->signer, &c->error));
    TRY(aw_signer_sign_at(c->signer, text(r, "input"), size(r, "input"), now, &c->made, &c->error));
    const char *token = aw_buffer_data(c->made);
    size_t length = aw_buffer_length(c->made);
    if (find(r, "policy") != NULL) {
        const aw_key *key;
        TRY(checking_key(c, &key));
        TRY(build_verifier(r, key, c));
        TRY(aw_verifier_verify_at(c->verifier, token, length, now, &c->token, &c->error));
    }
    return run_decode(token, length, c);
}

static aw_status verify_jws(const struct request *r, const aw_key *key, const char *token, size_t length,
                            const char *payload, size_t payload_length, struct chain *c) {
    const char *algorithms[MAX_FIELDS];
    size_t count = 0;
    for (size_t index = 0; index < r->count; index++) {
        if (strcmp(r->fields[index].name, "algorithms") == 0) {
            algorithms[count++] = r->fields[index].data;
        }
    }
    const char *const *list = find(r, "algorithms_given") != NULL ? algorithms : NULL;
    if (c->set != NULL) {
        TRY(aw_jws_verify(token, length, payload, payload_length, c->set, list, count, &c->jws, &c->error));
    } else {
        TRY(aw_jws_verify_with_key(token, length, payload, payload_length, key, list, count, &c->jws, &c->error));
    }
    size_t part_length;
    const char *part = aw_jws_payload(c->jws, &part_length);
    answer("payload", part, part_length);
    part = aw_jws_header_json(c->jws, &part_length);
    answer("header", part, part_length);
    return AW_OK;
}

static aw_status run_jws_verify(const struct request *r, struct chain *c) {
    TRY(load(r, c));
    return verify_jws(r, c->key, text(r, "input"), size(r, "input"), text(r, "payload"), size(r, "payload"), c);
}

static aw_status run_jws_sign(const struct request *r, struct chain *c) {
    uint32_t flags = (is(r, "detached", "true") ? (uint32_t)AW_JWS_DETACHED : 0u) |
                     (is(r, "b64", "false") ? (uint32_t)AW_JWS_UNENCODED : 0u);
    const char *input = text(r, "input");
    size_t length = size(r, "input");
    TRY(load(r, c));
    TRY(aw_jws_sign(input, length, c->key, text(r, "algorithm"), text(r, "headers"), size(r, "headers"), flags,
                    &c->made, &c->error));
    answer("token", aw_buffer_data(c->made), aw_buffer_length(c->made));
    const aw_key *key;
    TRY(checking_key(c, &key));
    bool detached = (flags & AW_JWS_DETACHED) != 0;
    return verify_jws(r, key, aw_buffer_data(c->made), aw_buffer_length(c->made), detached ? input : NULL,
                      detached ? length : 0, c);
}

static aw_status run_import(const struct request *r, struct chain *c) {
    aw_buffer *exported = NULL;
    TRY(load(r, c));
    if (c->set != NULL) {
        char count[32];
        answer("length", count, (size_t)snprintf(count, sizeof count, "%zu", aw_keyset_len(c->set)));
        TRY(aw_keyset_to_json(c->set, &exported, &c->error));
        answer_buffer("jwks", exported);
        return AW_OK;
    }
    size_t length;
    const char *kid = aw_key_kid(c->key, &length);
    answer("kid", kid, length);
    const char *algorithm = aw_key_algorithm(c->key);
    answer("algorithm", algorithm, algorithm == NULL ? 0 : strlen(algorithm));
    const char *is_private = aw_key_is_private(c->key) ? "true" : "false";
    answer("is_private", is_private, strlen(is_private));
    TRY(aw_key_thumbprint(c->key, &exported, &c->error));
    answer_buffer("thumbprint", exported);
    /* A secret has no public part, a public key no private one. */
    if (aw_key_to_jwk(c->key, false, &exported, NULL) == AW_OK) {
        answer_buffer("jwk", exported);
    }
    if (aw_key_to_jwk(c->key, true, &exported, NULL) == AW_OK) {
        answer_buffer("private_jwk", exported);
    }
    return AW_OK;
}

static aw_status run(const struct request *r, struct chain *c) {
    if (is(r, "operation", "verify")) {
        return run_verify(r, c);
    }
    if (is(r, "operation", "sign")) {
        return run_sign(r, c);
    }
    if (is(r, "operation", "jws_verify")) {
        return run_jws_verify(r, c);
    }
    if (is(r, "operation", "jws_sign")) {
        return run_jws_sign(r, c);
    }
    if (is(r, "operation", "import")) {
        return run_import(r, c);
    }
    return run_decode(text(r, "input"), size(r, "input"), c);
}

static void release(struct chain *c) {
    aw_key_free(c->key);
    aw_key_free(c->public_key);
    aw_keyset_free(c->set);
    aw_verifier_free(c->verifier);
    aw_signer_free(c->signer);
    aw_buffer_free(c->made);
    aw_token_free(c->token);
    aw_unverified_token_free(c->decoded);
    aw_jws_free(c->jws);
    aw_error_free(c->error);
}

/* A failed call leaves nothing behind in its out parameter, and one error that tells the same status. */
static void answer_failure(aw_status status, const struct chain *c) {
    const char *name = aw_status_name(status);
    const char *field = aw_error_field(c->error);
    if (aw_error_code(c->error) != status || aw_error_message(c->error)[0] == '\0') {
        name = "the error does not tell the status";
    }
    answer("error", name, strlen(name));
    answer("field", field, field == NULL ? 0 : strlen(field));
}

/* One field, or false at the empty line and at the end of the input. */
static bool read_field(struct field *field) {
    char line[64];
    if (fgets(line, sizeof line, stdin) == NULL || sscanf(line, "%31s %zu", field->name, &field->length) != 2) {
        return false;
    }
    field->data = malloc(field->length + 1);
    if (field->data == NULL || fread(field->data, 1, field->length, stdin) != field->length || getchar() != '\n') {
        fprintf(stderr, "vectors: a request is cut short\n");
        exit(2);
    }
    field->data[field->length] = '\0';
    return true;
}

static bool read_request(struct request *request) {
    request->count = 0;
    while (request->count < MAX_FIELDS && read_field(&request->fields[request->count])) {
        request->count++;
    }
    return request->count > 0;
}

int main(void) {
    struct request request;
    while (read_request(&request)) {
        struct chain chain = {0};
        aw_status status = run(&request, &chain);
        if (status != AW_OK) {
            answer_failure(status, &chain);
        }
        putchar('\n');
        fflush(stdout);
        release(&chain);
        for (size_t index = 0; index < request.count; index++) {
            free(request.fields[index].data);
        }
    }
    return 0;
}
