/*
 * What must never change once released: the numbers of the statuses, the sizes of what crosses the border. Compiled as
 * C and as C++; a program that runs only says that it was compiled.
 */
#include <authwright.h>
#include <stdio.h>
#include <string.h>

#ifdef __cplusplus
#define PINNED(condition) static_assert(condition, #condition)
#else
#define PINNED(condition) _Static_assert(condition, #condition)
#endif

PINNED(sizeof(aw_status) == 4);
PINNED(sizeof(bool) == 1);
PINNED(AW_NUL == SIZE_MAX);
PINNED(AW_SIGNATURE_RAW == 0 && AW_SIGNATURE_DER == 1);
PINNED(AW_JWS_DETACHED == 1 && AW_JWS_UNENCODED == 2);

PINNED(sizeof(aw_step) == 4 && sizeof(aw_reach) == 4);
PINNED(sizeof(aw_header) == 2 * sizeof(void *));
PINNED(offsetof(aw_header, name) == 0 && offsetof(aw_header, value) == sizeof(void *));
PINNED(AW_STEP_SEND == 1 && AW_STEP_WAIT == 2 && AW_STEP_DONE == 3 && AW_STEP_FAILED == 4);
PINNED(AW_REACH_ANYWHERE == 1 && AW_REACH_PUBLIC == 2);
PINNED(AW_SENT_MAYBE == 0 && AW_SENT_NOT == 1);
PINNED(AW_FAILURE_TRANSPORT == 1 && AW_FAILURE_TLS == 2 && AW_FAILURE_DEADLINE == 3);
PINNED(AW_FAILURE_TOO_LARGE == 4 && AW_FAILURE_ADDRESS == 5 && AW_FAILURE_UNSUPPORTED == 6);

PINNED(AW_OK == 0);
PINNED(AW_ERR_INVALID_ARGUMENT == 1);
PINNED(AW_ERR_UNKNOWN_OPTION == 2);
PINNED(AW_ERR_POLICY_VERSION == 3);
PINNED(AW_ERR_INTERNAL == 4);
PINNED(AW_ERR_KEY_FORMAT == 101);
PINNED(AW_ERR_KEY_INCONSISTENT == 102);
PINNED(AW_ERR_KEY_TOO_WEAK == 103);
PINNED(AW_ERR_KEY_PASSWORD == 104);
PINNED(AW_ERR_KEY_NOT_PRIVATE == 105);
PINNED(AW_ERR_KEY_MISMATCH == 106);
PINNED(AW_ERR_UNSUPPORTED_ALGORITHM == 107);
PINNED(AW_ERR_TOKEN_MALFORMED == 201);
PINNED(AW_ERR_TOKEN_TOO_LARGE == 202);
PINNED(AW_ERR_TOKEN_ENCODING == 203);
PINNED(AW_ERR_TOKEN_JSON == 204);
PINNED(AW_ERR_TOKEN_CRITICAL == 205);
PINNED(AW_ERR_TOKEN_TYPE == 206);
PINNED(AW_ERR_ALGORITHM_NOT_ALLOWED == 301);
PINNED(AW_ERR_KEY_NOT_FOUND == 302);
PINNED(AW_ERR_SIGNATURE_INVALID == 303);
PINNED(AW_ERR_TOKEN_EXPIRED == 401);
PINNED(AW_ERR_TOKEN_NOT_YET_VALID == 402);
PINNED(AW_ERR_TOKEN_ISSUED_IN_FUTURE == 403);
PINNED(AW_ERR_TOKEN_TOO_OLD == 404);
PINNED(AW_ERR_ISSUER_MISMATCH == 405);
PINNED(AW_ERR_AUDIENCE_MISMATCH == 406);
PINNED(AW_ERR_SUBJECT_MISMATCH == 407);
PINNED(AW_ERR_CLAIM_MISSING == 408);
PINNED(AW_ERR_CLAIM_TYPE == 409);
PINNED(AW_ERR_CLAIM_MISMATCH == 410);
PINNED(AW_ERR_KEYS_NEEDED == 1001);
PINNED(AW_ERR_TRANSPORT == 1002);
PINNED(AW_ERR_TRANSPORT_TLS == 1003);
PINNED(AW_ERR_TRANSPORT_UNSUPPORTED == 1004);
PINNED(AW_ERR_DEADLINE == 1005);
PINNED(AW_ERR_ADDRESS_REFUSED == 1006);
PINNED(AW_ERR_URL_REFUSED == 1007);
PINNED(AW_ERR_RESPONSE_TOO_LARGE == 1008);
PINNED(AW_ERR_RESPONSE_STATUS == 1009);
PINNED(AW_ERR_RESPONSE_INVALID == 1010);
PINNED(AW_ERR_METADATA_INVALID == 1011);
PINNED(AW_ERR_STATE_INVALID == 1012);
PINNED(AW_ERR_CLOSED == 1013);

int main(void) {
    /* The header that was compiled and the library that runs are of one version. */
    if (strcmp(AW_VERSION, aw_version()) != 0) {
        fprintf(stderr, "header %s, library %s\n", AW_VERSION, aw_version());
        return 1;
    }
    char version[32];
    snprintf(version, sizeof version, "%d.%d.%d", AW_VERSION_MAJOR, AW_VERSION_MINOR, AW_VERSION_PATCH);
    if (strcmp(version, aw_version()) != 0) {
        fprintf(stderr, "header %s, library %s\n", version, aw_version());
        return 1;
    }
    puts("pinned: ok");
    return 0;
}
