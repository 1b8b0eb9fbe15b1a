/*
 * The built-in client against a server that live.py has started: threads, forks, fetches in the background.
 *
 *     live threads ISSUER TOKEN [ROUNDS]   a hundred threads verify first at once; then eight do so many rounds
 *     live fork ISSUER TOKEN               a verifier that was used before the fork is used in eight children
 *     live fork-fetching ISSUER TOKEN      the same, while a thread of the parent is in the middle of a fetch
 *     live ahead ISSUER TOKEN              keys that are due are fetched in the background
 *     live ahead-closed ISSUER TOKEN       and are not when the client was closed
 *     live handed-over ISSUER TOKEN        who is cancelled, or has little time, does not fail the others
 *
 * live.py counts what the issuer was asked.
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHILDREN 8
#define CROWD 100
#define WORKERS 8

static aw_verifier *verifier;
static aw_remote_keyset *set;
static const char *token;
static pthread_barrier_t barrier;
static atomic_int wrong, refreshed, others;
static pthread_t main_thread;
static atomic_bool elsewhere;

static void pause_ms(long milliseconds) {
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static aw_status verify(uint64_t timeout_ms) {
    aw_token *verified = NULL;
    aw_error *error = NULL;
    aw_status status = aw_verifier_verify_fetching(verifier, token, AW_NUL, timeout_ms, &verified, &error);
    if (status != AW_OK) {
        fprintf(stderr, "%s: %s\n", aw_status_name(status), aw_error_message(error));
    }
    aw_error_free(error);
    aw_token_free(verified);
    return status;
}

static void hear(const char *json, size_t length, void *user) {
    (void)length, (void)user;
    if (strstr(json, "\"keys_refreshed\"") != NULL) {
        elsewhere = !pthread_equal(pthread_self(), main_thread);
        refreshed++;
    } else {
        others++;
    }
}

static void *verify_first(void *unused) {
    pthread_barrier_wait(&barrier);
    wrong += verify(10000) != AW_OK;
    return unused;
}

static void *verify_on(void *rounds) {
    for (long round = *(long *)rounds; round > 0; round--) {
        wrong += verify(10000) != AW_OK;
    }
    return NULL;
}

static void threads(long rounds) {
    pthread_t crowd[CROWD];
    pthread_barrier_init(&barrier, NULL, CROWD);
    for (int index = 0; index < CROWD; index++) {
        CHECK(pthread_create(&crowd[index], NULL, verify_first, NULL) == 0);
    }
    for (int index = 0; index < CROWD; index++) {
        CHECK(pthread_join(crowd[index], NULL) == 0);
    }
    for (int index = 0; index < WORKERS; index++) {
        CHECK(pthread_create(&crowd[index], NULL, verify_on, &rounds) == 0);
    }
    for (int index = 0; index < WORKERS; index++) {
        CHECK(pthread_join(crowd[index], NULL) == 0);
    }
    pthread_barrier_destroy(&barrier);
    CHECK(wrong == 0 && refreshed == 1 && others == 0);
}

/* What a child of a server does: it verifies, fetches for itself, verifies again, and frees everything. */
static void child(void) {
    aw_status status = verify(10000);
    if (status == AW_OK) {
        aw_error *error = NULL;
        status = aw_remote_keyset_refresh(set, 10000, &error);
        if (status != AW_OK) {
            fprintf(stderr, "refresh: %s: %s\n", aw_status_name(status), aw_error_message(error));
            aw_error_free(error);
        }
    }
    status = status == AW_OK ? verify(10000) : status;
    aw_verifier_free(verifier);
    aw_remote_keyset_free(set);
    /* Not exit(): it would run what the parent has registered. */
    _exit(status == AW_OK ? 0 : 1);
}

static void fork_children(void) {
    pid_t children[CHILDREN];
    for (int index = 0; index < CHILDREN; index++) {
        fflush(NULL);
        children[index] = fork();
        CHECK(children[index] >= 0);
        if (children[index] == 0) {
            alarm(30); /* a lock that nobody releases is a failure, not a hang */
            child();
        }
    }
    for (int index = 0; index < CHILDREN; index++) {
        int status = -1;
        CHECK(waitpid(children[index], &status, 0) == children[index]);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
}

/* The first fetch opens a connection, which the server keeps open: no child may use it. */
static void fork_idle(void) {
    CHECK(verify(10000) == AW_OK);
    pause_ms(1400); /* past the cooldown, so that each child may fetch */
    fork_children();
    CHECK(verify(10000) == AW_OK);
    CHECK(aw_remote_keyset_refresh(set, 10000, NULL) == AW_OK);
}

static void fork_fetching(void) {
    long once = 1;
    pthread_t fetching;
    CHECK(pthread_create(&fetching, NULL, verify_on, &once) == 0);
    pause_ms(150); /* its request is on the way, and the server takes its time */
    pid_t children[CHILDREN];
    for (int index = 0; index < CHILDREN; index++) {
        fflush(NULL);
        children[index] = fork();
        if (children[index] == 0) {
            alarm(30);
            _exit(verify(10000) == AW_OK ? 0 : 1);
        }
    }
    for (int index = 0; index < CHILDREN; index++) {
        int status = -1;
        CHECK(waitpid(children[index], &status, 0) == children[index]);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    CHECK(pthread_join(fetching, NULL) == 0);
    CHECK(wrong == 0);
}

/* Has the keys as they were so many milliseconds ago, good for 60 s since: the server's own are taken along. */
static void age(const char *jwks_path, uint64_t milliseconds) {
    char url[1024], json[4096];
    aw_operation *operation = NULL;
    uint64_t id = 0, then = aw_now_ms() - milliseconds;
    const aw_header headers[] = {{"Content-Type", "application/json"}, {"Cache-Control", "max-age=60"}};
    snprintf(url, sizeof url, "%s", aw_remote_keyset_issuer(set));
    MUST(aw_remote_keyset_begin_refresh(set, then, &operation, NULL));
    CHECK(aw_operation_step(operation, then, &id, NULL) == AW_STEP_SEND);
    snprintf(json, sizeof json, "{\"issuer\": \"%s\", \"jwks_uri\": \"%s/jwks\"}", url, url);
    MUST(aw_operation_resume(operation, id, then, 200, headers, 2, json, strlen(json), NULL));
    CHECK(aw_operation_step(operation, then, &id, NULL) == AW_STEP_SEND);
    FILE *file = fopen(jwks_path, "rb");
    CHECK(file != NULL);
    size_t length = file == NULL ? 0 : fread(json, 1, sizeof json, file);
    if (file != NULL) {
        fclose(file);
    }
    MUST(aw_operation_resume(operation, id, then, 200, headers, 2, json, length, NULL));
    CHECK(aw_operation_step(operation, then, &id, NULL) == AW_STEP_DONE);
    aw_operation_free(operation);
    refreshed = 0;
}

static void ahead(const char *jwks_path, aw_http_client *client) {
    age(jwks_path, 56000); /* due after at most 54 s */
    if (client != NULL) {
        aw_http_client_close(client);
    }
    for (int round = 0; round < 50; round++) {
        CHECK(verify(10000) == AW_OK);
    }
    for (int round = 0; round < 100 && refreshed == 0 && client == NULL; round++) {
        pause_ms(50);
    }
    if (client == NULL) {
        CHECK(refreshed == 1 && elsewhere);
    } else {
        pause_ms(300);
        CHECK(refreshed == 0 && others == 0);
    }
    CHECK(verify(10000) == AW_OK);
}

/* The first was about to fetch, the second has no time to wait for that; neither keeps the third from its keys. */
static void handed_over(void) {
    long once = 1;
    pthread_t waiting;
    aw_error *error = NULL;
    aw_operation *first = NULL;
    MUST(aw_remote_keyset_begin_refresh(set, aw_now_ms(), &first, NULL));
    CHECK(aw_operation_step(first, aw_now_ms(), NULL, NULL) == AW_STEP_SEND);
    CHECK(pthread_create(&waiting, NULL, verify_on, &once) == 0);
    pause_ms(100);
    EXPECT(AW_ERR_DEADLINE, aw_remote_keyset_refresh(set, 100, &error));
    aw_error_free(error);
    aw_operation_free(first); /* who waits takes over */
    CHECK(pthread_join(waiting, NULL) == 0);
    CHECK(wrong == 0);
}

int main(int argc, char **argv) {
    char options[1024];
    aw_http_client *client = NULL;
    if (argc < 4) {
        return 2;
    }
    const char *mode = argv[1];
    token = argv[3];
    main_thread = pthread_self();
    aw_set_event_hook(hear, NULL);
    if (strcmp(mode, "ahead-closed") == 0) {
        MUST(aw_http_client_new("{}", AW_NUL, &client, NULL));
    }
    snprintf(options, sizeof options, "{\"issuer\": \"%s\", \"cooldown\": 1}", argv[2]);
    MUST(aw_remote_keyset_new(options, AW_NUL, client, &set, NULL));
    MUST(aw_verifier_new_remote(set, "{\"audience\": \"api\"}", AW_NUL, &verifier, NULL));
    if (strcmp(mode, "threads") == 0) {
        threads(argc > 4 ? atol(argv[4]) : 1000);
    } else if (strcmp(mode, "fork") == 0) {
        fork_idle();
    } else if (strcmp(mode, "fork-fetching") == 0) {
        fork_fetching();
    } else if (strcmp(mode, "handed-over") == 0) {
        handed_over();
    } else if (strncmp(mode, "ahead", 5) == 0 && argc > 4) {
        ahead(argv[4], client);
    } else {
        return 2;
    }
    aw_verifier_free(verifier);
    aw_remote_keyset_free(set);
    aw_http_client_free(client);
    return report(mode);
}
