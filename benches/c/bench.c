/* authwright against Debian's libjwt and cjose in one process; raw results as JSON on standard output.
 *
 *     bench CLAIMS-FILE
 *
 * Every verification checks signature, issuer, audience, expiry and not-before, and then reads `sub`; every signature
 * is over the same claims, given as JSON text. libjwt takes an RSA or EC key as PEM text at every call: it has no other
 * way.
 */
#include <cjose/cjose.h>
#include <jansson.h>
#include <jwt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "authwright.h"
#include "contest.h"

#define ISSUER "https://id.example/realms/main"
#define AUDIENCE "https://api.example/v1"
#define SUBJECT "248289761001-4f3a9c1e"

static char claims[1024];
static unsigned char secret[32];

/* One algorithm's key in everyone's form, and a token. */
typedef struct bench {
    const char *algorithm;
    char token[2048];
    aw_signer *signer;
    aw_verifier *verifier;
    jwt_alg_t libjwt_algorithm;
    const unsigned char *libjwt_private, *libjwt_public;
    int libjwt_private_length, libjwt_public_length;
    cjose_jwk_t *cjose_key;
} bench;

static void must(bool fine, const char *what) {
    if (!fine) {
        fprintf(stderr, "bench: %s failed\n", what);
        exit(1);
    }
}

static bool authwright_verify(void *context) {
    const bench *bench = context;
    aw_token *token = NULL;
    const char *subject = NULL;
    bool good = aw_verifier_verify(bench->verifier, bench->token, AW_NUL, &token, NULL) == AW_OK &&
                aw_token_get_string(token, "sub", &subject, NULL, NULL) == AW_OK && strcmp(subject, SUBJECT) == 0;
    aw_token_free(token);
    return good;
}

static bool authwright_verify_json(void *context) {
    const bench *bench = context;
    aw_token *token = NULL;
    size_t length = 0;
    bool good = aw_verifier_verify(bench->verifier, bench->token, AW_NUL, &token, NULL) == AW_OK &&
                aw_token_claims_json(token, &length) != NULL && length == strlen(claims);
    aw_token_free(token);
    return good;
}

static bool authwright_sign(void *context) {
    const bench *bench = context;
    aw_buffer *token = NULL;
    bool good = aw_signer_sign(bench->signer, claims, AW_NUL, &token, NULL) == AW_OK;
    aw_buffer_free(token);
    return good;
}

static bool libjwt_verify(void *context) {
    const bench *bench = context;
    jwt_t *jwt = NULL;
    if (jwt_decode(&jwt, bench->token, bench->libjwt_public, bench->libjwt_public_length) != 0) {
        return false;
    }
    time_t now = time(NULL);
    const char *issuer = jwt_get_grant(jwt, "iss");
    const char *audience = jwt_get_grant(jwt, "aud");
    const char *subject = jwt_get_grant(jwt, "sub");
    bool good = jwt_get_alg(jwt) == bench->libjwt_algorithm && jwt_get_grant_int(jwt, "exp") > now &&
                jwt_get_grant_int(jwt, "nbf") <= now && issuer != NULL && strcmp(issuer, ISSUER) == 0 &&
                audience != NULL && strcmp(audience, AUDIENCE) == 0 && subject != NULL && strcmp(subject, SUBJECT) == 0;
    jwt_free(jwt);
    return good;
}

static bool libjwt_sign(void *context) {
    const bench *bench = context;
    jwt_t *jwt = NULL;
    bool good = jwt_new(&jwt) == 0 && jwt_add_grants_json(jwt, claims) == 0 &&
                jwt_set_alg(jwt, bench->libjwt_algorithm, bench->libjwt_private, bench->libjwt_private_length) == 0;
    char *token = good ? jwt_encode_str(jwt) : NULL;
    good = token != NULL;
    free(token);
    jwt_free(jwt);
    return good;
}

static bool is_text(const json_t *object, const char *name, const char *expected) {
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL && strcmp(text, expected) == 0;
}

static bool cjose_verify(void *context) {
    const bench *bench = context;
    uint8_t *plaintext = NULL;
    size_t length = 0;
    cjose_jws_t *jws = cjose_jws_import(bench->token, strlen(bench->token), NULL);
    const char *algorithm = jws != NULL ? cjose_header_get(cjose_jws_get_protected(jws), "alg", NULL) : NULL;
    bool good = algorithm != NULL && strcmp(algorithm, bench->algorithm) == 0 &&
                cjose_jws_verify(jws, bench->cjose_key, NULL) &&
                cjose_jws_get_plaintext(jws, &plaintext, &length, NULL);
    json_t *object = good ? json_loadb((const char *)plaintext, length, JSON_REJECT_DUPLICATES, NULL) : NULL;
    time_t now = time(NULL);
    good = object != NULL && json_integer_value(json_object_get(object, "exp")) > now &&
           json_integer_value(json_object_get(object, "nbf")) <= now && is_text(object, "iss", ISSUER) &&
           is_text(object, "aud", AUDIENCE) && is_text(object, "sub", SUBJECT);
    json_decref(object);
    cjose_jws_release(jws);
    return good;
}

static bool cjose_sign(void *context) {
    const bench *bench = context;
    const char *token = NULL;
    cjose_header_t *header = cjose_header_new(NULL);
    bool good = header != NULL && cjose_header_set(header, "alg", bench->algorithm, NULL) &&
                cjose_header_set(header, "typ", "JWT", NULL);
    /* cjose signs any bytes: that they are a JSON object is for the program to see to. */
    json_t *object = json_loads(claims, JSON_REJECT_DUPLICATES, NULL);
    good = good && json_is_object(object);
    json_decref(object);
    cjose_jws_t *jws =
        good ? cjose_jws_sign(bench->cjose_key, header, (const uint8_t *)claims, strlen(claims), NULL) : NULL;
    good = jws != NULL && cjose_jws_export(jws, &token, NULL);
    cjose_jws_release(jws);
    cjose_header_release(header);
    return good;
}

static bench *bench_new(const char *algorithm) {
    bench *bench = calloc(1, sizeof *bench);
    aw_key *key = NULL, *public_key = NULL;
    aw_buffer *jwk = NULL, *private_pem = NULL, *public_pem = NULL;
    bench->algorithm = algorithm;
    bench->libjwt_algorithm = jwt_str_alg(algorithm);
    if (strcmp(algorithm, "HS256") == 0) {
        must(aw_key_from_secret(secret, sizeof secret, algorithm, NULL, &key, NULL) == AW_OK, "a secret");
        bench->libjwt_private = bench->libjwt_public = secret;
        bench->libjwt_private_length = bench->libjwt_public_length = sizeof secret;
    } else {
        /* Imported rather than generated: no `kid`, so that the header is as long as the peers'. */
        aw_key *made = NULL;
        must(aw_key_generate(algorithm, NULL, 0, &made, NULL) == AW_OK, "a key");
        must(aw_key_to_pem(made, true, &private_pem, NULL) == AW_OK, "a private PEM");
        must(aw_key_to_pem(made, false, &public_pem, NULL) == AW_OK, "a public PEM");
        must(aw_key_from_pem(aw_buffer_data(private_pem), AW_NUL, algorithm, NULL, NULL, 0, &key, NULL) == AW_OK,
             "a key");
        must(aw_key_public_key(key, &public_key, NULL) == AW_OK, "a public key");
        bench->libjwt_private = (const unsigned char *)aw_buffer_data(private_pem);
        bench->libjwt_private_length = (int)aw_buffer_length(private_pem);
        bench->libjwt_public = (const unsigned char *)aw_buffer_data(public_pem);
        bench->libjwt_public_length = (int)aw_buffer_length(public_pem);
        aw_key_free(made);
    }
    must(aw_key_to_jwk(key, true, &jwk, NULL) == AW_OK, "a JWK");
    bench->cjose_key = cjose_jwk_import(aw_buffer_data(jwk), aw_buffer_length(jwk), NULL);
    must(aw_signer_new(key, NULL, 0, &bench->signer, NULL) == AW_OK, "a signer");
    must(aw_verifier_new_with_key(public_key != NULL ? public_key : key,
                                  "{\"issuer\":\"" ISSUER "\",\"audience\":\"" AUDIENCE "\"}", AW_NUL, &bench->verifier,
                                  NULL) == AW_OK,
         "a verifier");
    aw_buffer *token = NULL;
    must(aw_signer_sign(bench->signer, claims, AW_NUL, &token, NULL) == AW_OK, "a token");
    snprintf(bench->token, sizeof bench->token, "%s", aw_buffer_data(token));
    aw_buffer_free(token);
    aw_buffer_free(jwk);
    aw_key_free(public_key);
    aw_key_free(key);
    return bench;
}

static void compare(const char *algorithm, bool peers, const char *separator) {
    bench *bench = bench_new(algorithm);
    char name[32];
    snprintf(name, sizeof name, "%s verify", algorithm);
    contest verify = {.name = name};
    contest_add(&verify, "authwright", true, authwright_verify, bench);
    contest_add(&verify, "authwright, claims as checked JSON bytes", true, authwright_verify_json, bench);
    if (peers) {
        contest_add(&verify, "libjwt", false, libjwt_verify, bench);
        contest_add(&verify, "cjose", false, cjose_verify, bench);
    }
    contest_run(&verify);
    printf(",");
    snprintf(name, sizeof name, "%s sign", algorithm);
    contest sign = {.name = name};
    contest_add(&sign, "authwright", true, authwright_sign, bench);
    if (peers) {
        contest_add(&sign, "libjwt", false, libjwt_sign, bench);
        contest_add(&sign, "cjose", false, cjose_sign, bench);
    }
    contest_run(&sign);
    printf("%s", separator);
}

int main(int count, char **arguments) {
    FILE *file = count == 2 ? fopen(arguments[1], "r") : NULL;
    must(file != NULL && fgets(claims, sizeof claims, file) != NULL, "reading the claims");
    fclose(file);
    claims[strcspn(claims, "\n")] = '\0';
    for (size_t i = 0; i < sizeof secret; i++) {
        secret[i] = (unsigned char)(i * 37 + 11);
    }

    printf("{\"language\":\"C\",\"clock\":\"thread CPU time\",\"groups\":[");
    compare("HS256", true, ",");
    compare("RS256", true, ",");
    compare("ES256", true, ",");
    compare("EdDSA", false, "");
    printf("]");

    const char *wanted = getenv("AW_SOAK");
    unsigned long calls = wanted != NULL ? strtoul(wanted, NULL, 10) : 0;
    if (calls > 0) {
        calls = calls == 1 ? 10000000 : calls;
        bench *bench = bench_new("HS256");
        printf(",\"soak\":{\"verify\":");
        soak("verify", calls, authwright_verify, bench);
        printf(",\"sign\":");
        soak("sign", calls, authwright_sign, bench);
        printf("}");
    }
    printf("}\n");
    return 0;
}
