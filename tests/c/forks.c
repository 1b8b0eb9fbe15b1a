/*
 * Children of a process whose threads are in the middle of checks: each has an answer, and none waits for a lock that a
 * thread held which it has not. Not under the sanitizers, whose own locks a child inherits the same way.
 *
 *     forks memory: | sqlite:FILE | redis
 *
 * "redis" is the server of AW_TEST_REDIS, which tests/servers/redis_server.py starts. AW_ROUNDS: how many children
 * (200).
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE 60000
#define THREADS 4

/* What a child ends with. */
enum { WORKS = 0, IS_WRONG = 1, IS_REFUSED = 2, ENDS };

static aw_api_keys *keys;
static char id[64], secret[256];
static atomic_bool is_over;
static atomic_int checks;

static aw_status issue(aw_api_key **key) {
    return aw_api_keys_issue(keys, "{\"owner\": \"o\"}", AW_NUL, PATIENCE, key, NULL);
}

static aw_status verify(const char *presented) {
    aw_api_key *key = NULL;
    aw_status status = aw_api_keys_verify(keys, presented, AW_NUL, NULL, 0, PATIENCE, &key, NULL);
    aw_api_key_free(key);
    return status;
}

static void *verify_again_and_again(void *unused) {
    (void)unused;
    while (!is_over) {
        EXPECT(AW_OK, verify(secret));
        checks++;
    }
    return NULL;
}

/* The parent's key is good, and so is one of the child's own, until it is revoked. */
static int child_works(void) {
    aw_api_key *own = NULL;
    EXPECT(AW_OK, verify(secret));
    MUST(issue(&own));
    EXPECT(AW_OK, verify(aw_api_key_secret(own, NULL)));
    EXPECT(AW_OK, aw_api_keys_revoke(keys, aw_api_key_id(own, NULL), AW_NUL, PATIENCE, NULL, NULL));
    EXPECT(AW_ERR_API_KEY_REVOKED, verify(aw_api_key_secret(own, NULL)));
    EXPECT(AW_OK, verify(secret));
    aw_api_key_free(own);
    return failures == 0 ? WORKS : IS_WRONG;
}

/* One refusal is followed by others, also for what the parent remembers. */
static int child_is_refused(void) {
    aw_api_key *own = NULL, *known = NULL;
    EXPECT(AW_ERR_STORE_FORKED, verify(secret));
    EXPECT(AW_ERR_STORE_FORKED, issue(&own));
    EXPECT(AW_ERR_STORE_FORKED, aw_api_keys_get(keys, id, AW_NUL, PATIENCE, &known, NULL));
    return failures == 0 ? IS_REFUSED : IS_WRONG;
}

/* How a child ends. */
static int forked(void) {
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        alarm(10); /* a lock that nobody releases is a failure, not a hang */
        failures = 0;
        _exit(verify(secret) == AW_ERR_STORE_FORKED ? child_is_refused() : child_works());
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) < ENDS);
    return WIFEXITED(status) && WEXITSTATUS(status) < ENDS ? WEXITSTATUS(status) : IS_WRONG;
}

/* Forks again and again while the threads check a key. */
static void run(const char *url, int cache_seconds, int count) {
    char options[128];
    aw_store *store = NULL;
    aw_key *pepper = NULL;
    aw_api_key *key = NULL;
    pthread_t threads[THREADS];
    int ends[ENDS] = {0};
    snprintf(options, sizeof options, "{\"prefix\": \"acme\", \"environment\": \"test\", \"cache_seconds\": %d}",
             cache_seconds);
    MUST(aw_store_open(url, AW_NUL, NULL, 0, &store, NULL));
    MUST(aw_key_from_secret("a pepper of 32 bytes, or of more", AW_NUL, NULL, NULL, &pepper, NULL));
    MUST(aw_api_keys_new(options, AW_NUL, (const aw_key *const[]){pepper}, 1, store, &keys, NULL));
    MUST(issue(&key));
    snprintf(id, sizeof id, "%s", aw_api_key_id(key, NULL));
    snprintf(secret, sizeof secret, "%s", aw_api_key_secret(key, NULL));
    aw_api_key_free(key);
    is_over = false;
    for (int index = 0; index < THREADS; index++) {
        CHECK(pthread_create(&threads[index], NULL, verify_again_and_again, NULL) == 0);
    }
    for (int index = 0; index < count; index++) {
        /* All are busy, and not where they were at the last fork. */
        for (int before = checks; checks - before < THREADS;) {
            sched_yield();
        }
        ends[forked()]++;
    }
    is_over = true;
    for (int index = 0; index < THREADS; index++) {
        CHECK(pthread_join(threads[index], NULL) == 0);
    }
    if (strncmp(url, "sqlite:", 7) == 0) {
        CHECK(ends[IS_REFUSED] == count);
    } else if (strcmp(url, "memory:") == 0) {
        /* Refused is who was forked while a thread had the store locked: the lock is never released in the child. */
        CHECK(ends[WORKS] > 0 && ends[WORKS] + ends[IS_REFUSED] == count);
    } else {
        CHECK(ends[WORKS] == count);
    }
    EXPECT(AW_OK, verify(secret)); /* the parent goes on */
    printf("%.7s with a cache of %d s: %d children work, %d are refused\n", url, cache_seconds, ends[WORKS],
           ends[IS_REFUSED]);
    aw_api_keys_free(keys);
    aw_key_free(pepper);
    aw_store_close(store);
    aw_store_free(store);
}

int main(int argc, char **argv) {
    const char *rounds = getenv("AW_ROUNDS"), *servers = getenv("AW_TEST_REDIS");
    char url[256] = "";
    if (argc == 2 && strcmp(argv[1], "redis") != 0) {
        snprintf(url, sizeof url, "%s", argv[1]);
    } else if (servers == NULL || sscanf(servers, "{\"single\": {\"url\": \"%255[^\"]", url) != 1) {
        fputs("usage: forks memory: | sqlite:FILE | redis\n", stderr);
        return 2;
    }
    run(url, 0, rounds == NULL ? 100 : atoi(rounds));
    run(url, 60, rounds == NULL ? 100 : atoi(rounds));
    return report("forks");
}
