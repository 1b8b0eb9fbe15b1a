/*
 * A token issuer and a token checker in one small program. Its twins in C++, Python, Node and Rust do the same, and
 * each reads what the others write.
 *
 *     interop sign <key file> <alg>     prints a token; the key file holds a private JWK or a secret
 *     interop verify <key file>         reads tokens, one a line; prints "ok <sub> <lang>" or the error's code
 */
#include <authwright.h>
#include <stdio.h>
#include <string.h>

#define ISSUER "https://id.example"
#define AUDIENCE "api"

static int fail(aw_error *error) {
    fprintf(stderr, "%s: %s\n", aw_status_name(aw_error_code(error)), aw_error_message(error));
    aw_error_free(error);
    return 1;
}

static aw_status read_key(const char *path, aw_key **key, aw_error **error) {
    static char json[64 * 1024];
    FILE *file = fopen(path, "rb");
    size_t length = 0;
    if (file != NULL) {
        length = fread(json, 1, sizeof json, file);
        fclose(file);
    }
    return aw_key_from_jwk(json, length, key, error);
}

/* The signer's options as JSON. The algorithm comes from the command line, so it is not pasted into a string but set
 * with the builder, which escapes. */
static aw_status write_options(const char *algorithm, aw_buffer **json, aw_error **error) {
    aw_claims *options = NULL;
    aw_status status = aw_claims_new(&options, error);
    if (status == AW_OK) {
        status = aw_claims_set_string(options, "algorithm", algorithm, AW_NUL, error);
    }
    if (status == AW_OK) {
        status = aw_claims_set_string(options, "issuer", ISSUER, AW_NUL, error);
    }
    if (status == AW_OK) {
        status = aw_claims_set_string(options, "audience", AUDIENCE, AW_NUL, error);
    }
    if (status == AW_OK) {
        status = aw_claims_set_int(options, "lifetime", 900, error);
    }
    if (status == AW_OK) {
        status = aw_claims_to_json(options, json, error);
    }
    aw_claims_free(options);
    return status;
}

static int sign(const aw_key *key, const char *algorithm) {
    aw_error *error = NULL;
    aw_buffer *options = NULL;
    aw_signer *signer = NULL;
    aw_buffer *token = NULL;
    aw_status status = write_options(algorithm, &options, &error);
    if (status == AW_OK) {
        status = aw_signer_new(key, aw_buffer_data(options), aw_buffer_length(options), &signer, &error);
    }
    if (status == AW_OK) {
        const char *claims = "{\"sub\": \"alice\", \"scope\": \"read\", \"lang\": \"c\"}";
        status = aw_signer_sign(signer, claims, AW_NUL, &token, &error);
    }
    if (status == AW_OK) {
        puts(aw_buffer_data(token));
    }
    aw_buffer_free(token);
    aw_signer_free(signer);
    aw_buffer_free(options);
    return status == AW_OK ? 0 : fail(error);
}

static void judge(const aw_verifier *verifier, const char *line, size_t length) {
    aw_token *token = NULL;
    const char *subject = NULL;
    const char *language = NULL;
    aw_status status = aw_verifier_verify(verifier, line, length, &token, NULL);
    if (status == AW_OK) {
        status = aw_token_get_string(token, "sub", &subject, NULL, NULL);
    }
    if (status == AW_OK) {
        status = aw_token_get_string(token, "lang", &language, NULL, NULL);
    }
    if (status == AW_OK) {
        printf("ok %s %s\n", subject, language);
    } else {
        puts(aw_status_name(status));
    }
    aw_token_free(token);
}

static int verify(const aw_key *key) {
    static char line[128 * 1024];
    aw_error *error = NULL;
    aw_verifier *verifier = NULL;
    const char *policy = "{\"issuer\": \"" ISSUER "\", \"audience\": \"" AUDIENCE "\"}";
    if (aw_verifier_new_with_key(key, policy, AW_NUL, &verifier, &error) != AW_OK) {
        return fail(error);
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        judge(verifier, line, strcspn(line, "\r\n"));
        fflush(stdout);
    }
    aw_verifier_free(verifier);
    return 0;
}

int main(int argc, char **argv) {
    aw_error *error = NULL;
    aw_key *key = NULL;
    int result = 2;
    if (argc < 3) {
        fprintf(stderr, "usage: interop sign <key file> <alg> | interop verify <key file>\n");
    } else if (read_key(argv[2], &key, &error) != AW_OK) {
        result = fail(error);
    } else if (argc == 4 && strcmp(argv[1], "sign") == 0) {
        result = sign(key, argv[3]);
    } else if (argc == 3 && strcmp(argv[1], "verify") == 0) {
        result = verify(key);
    }
    aw_key_free(key);
    return result;
}
