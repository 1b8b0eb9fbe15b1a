/*
 * The agent of C for tests/scenarios/run.py: does what it is told and judges nothing. tests/scenarios/README.md has the
 * commands. With `--steps` the verifications are operations that it drives itself, on one thread, with libcurl.
 */
#ifdef WITH_CURL
/* The driver of the example is what is tested. */
#define main example_main
#include "../../examples/c/verify_issuer_curl.c"
#undef main
#else
#define _POSIX_C_SOURCE 200809L
#endif
#include "answer.h"
#include "api_key_agent.h"
#include "login_agent.h"
#include <authwright.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 128

static aw_verifier *verifier = NULL;

#ifdef WITH_CURL
/* Tokens that are to be kept are the program's turn, as an end is. */
static bool keeps(struct job *job) {
    const aw_tokens *tokens = aw_operation_persist_tokens(job->operation);
    uint64_t id = 0;
    /* The same step again, for its number. */
    if (tokens == NULL || aw_operation_step(job->operation, aw_now_ms(), &id, NULL) != AW_STEP_PERSIST) {
        return false;
    }
    must(aw_operation_persisted(job->operation, id, aw_now_ms(), keep_tokens(tokens, manager_of_drive) == 0,
                                "the disk is full", NULL));
    job->over = false;
    job->step_now = true;
    return true;
}

static void drive(aw_operation **operations, size_t count) {
    struct job *jobs[MOST];
    for (size_t index = 0; index < count; index++) {
        jobs[index] = operations[index] == NULL ? NULL : new_job(operations[index], false);
    }
    for (size_t index = 0; index < count;) {
        bool again = false;
        for (size_t other = 0; other < count; other++) {
            again |= jobs[other] != NULL && jobs[other]->over && keeps(jobs[other]);
        }
        if (jobs[index] == NULL || jobs[index]->over) {
            index++;
        } else if (!again) {
            turn(false);
        }
    }
    for (size_t index = 0; index < count; index++) {
        if (jobs[index] != NULL) {
            jobs[index]->operation = NULL;
            free_job(jobs[index]);
        }
    }
}
#else
static void drive(aw_operation **operations, size_t count) {
    (void)operations, (void)count;
    abort(); /* this program has no client to drive with */
}
#endif

struct call {
    const char *token;
    uint64_t timeout_ms;
    struct outcome outcome;
};

static void *verify(void *argument) {
    struct call *call = argument;
    struct outcome *outcome = &call->outcome;
    outcome->status =
        aw_verifier_verify_fetching(verifier, call->token, AW_NUL, call->timeout_ms, &outcome->token, &outcome->error);
    return NULL;
}

static void verify_many(const char *token, uint64_t timeout_ms, size_t count) {
    static struct call calls[MOST];
    memset(calls, 0, sizeof calls);
    count = count > MOST ? MOST : count;
    if (steps) {
#ifdef WITH_CURL
        aw_operation *operations[MOST] = {NULL};
        for (size_t index = 0; index < count; index++) {
            struct outcome *outcome = &calls[index].outcome;
            outcome->status = aw_verifier_begin(verifier, token, AW_NUL, aw_now_ms(), timeout_ms, &operations[index],
                                                &outcome->error);
        }
        drive(operations, count);
        for (size_t index = 0; index < count; index++) {
            struct outcome *outcome = &calls[index].outcome;
            if (outcome->status == AW_OK) {
                outcome->status = aw_operation_token(operations[index], &outcome->token, &outcome->error);
            }
            aw_operation_free(operations[index]);
        }
#endif
    } else {
        pthread_t threads[MOST];
        for (size_t index = 0; index < count; index++) {
            calls[index].token = token;
            calls[index].timeout_ms = timeout_ms;
            pthread_create(&threads[index], NULL, verify, &calls[index]);
        }
        for (size_t index = 0; index < count; index++) {
            pthread_join(threads[index], NULL);
        }
    }
    fputs(count > 1 ? "{\"all\":[" : "", stdout);
    for (size_t index = 0; index < count; index++) {
        fputs(index > 0 ? "," : "", stdout);
        answer(&calls[index].outcome);
    }
    fputs(count > 1 ? "]}" : "", stdout);
}

/* Makes the verifier; a text that is not NULL is the issuer of aw_verifier_discover(). */
static void make(const char *issuer, const char *options, const char *http, const char *policy) {
    struct outcome outcome = {0};
    aw_http_client *client = NULL;
    aw_remote_keyset *set = NULL;
    aw_verifier_free(verifier);
    verifier = NULL;
    if (steps) {
        outcome.unsupported = strcmp(http, "{}") == 0 ? NULL : "the driver of the test has no options";
    } else if (strcmp(http, "{}") != 0) {
        outcome.status = aw_http_client_new(http, AW_NUL, &client, &outcome.error);
    }
    if (outcome.status == AW_OK && outcome.unsupported == NULL && issuer != NULL) {
        outcome.status = aw_verifier_discover(issuer, AW_NUL, policy, AW_NUL, client, &verifier, &outcome.error);
    } else if (outcome.status == AW_OK && outcome.unsupported == NULL) {
        outcome.status = aw_remote_keyset_new(options, AW_NUL, client, &set, &outcome.error);
        if (outcome.status == AW_OK) {
            outcome.status = aw_verifier_new_remote(set, policy, AW_NUL, &verifier, &outcome.error);
        }
    }
    /* The verifier keeps what it needs. */
    aw_remote_keyset_free(set);
    aw_http_client_free(client);
    answer(&outcome);
}

static aw_status import(aw_remote_keyset *set, char *secrets, const char *state, aw_error **error) {
    aw_key *keys[8] = {NULL};
    size_t count = 0;
    aw_status status = AW_OK;
    for (char *secret = strtok(secrets, ","); secret != NULL && count < 8; secret = strtok(NULL, ",")) {
        status = aw_key_from_secret(secret, strlen(secret), NULL, NULL, &keys[count], error);
        if (status != AW_OK) {
            break;
        }
        count++;
    }
    if (status == AW_OK) {
        status = aw_remote_keyset_import_state(set, state, AW_NUL, (const aw_key *const *)keys, count, error);
    }
    while (count > 0) {
        aw_key_free(keys[--count]);
    }
    return status;
}

static aw_status refresh(const aw_remote_keyset *set, aw_error **error) {
#ifdef WITH_CURL
    if (steps) {
        aw_operation *operation = NULL;
        aw_status status = aw_remote_keyset_begin_refresh(set, aw_now_ms(), &operation, error);
        if (status == AW_OK) {
            drive(&operation, 1);
            status = aw_operation_result(operation, error);
        }
        aw_operation_free(operation);
        return status;
    }
#endif
    return aw_remote_keyset_refresh(set, 20000, error);
}

/* The commands about the verifier's key set. */
static void keys(const char *command, char *first, const char *second) {
    struct outcome outcome = {0};
    aw_remote_keyset *set = NULL;
    outcome.status = aw_verifier_remote_keys(verifier, &set, &outcome.error);
    if (outcome.status != AW_OK) {
        answer(&outcome);
        return;
    }
    if (strcmp(command, "refresh") == 0) {
        outcome.status = refresh(set, &outcome.error);
    } else if (strcmp(command, "export") == 0) {
        aw_key *key = NULL;
        outcome.status = aw_key_from_secret(first, strlen(first), NULL, NULL, &key, &outcome.error);
        if (outcome.status == AW_OK) {
            outcome.status = aw_remote_keyset_export_state(set, key, &outcome.text, &outcome.error);
        }
        aw_key_free(key);
    } else if (strcmp(command, "import") == 0) {
        outcome.status = import(set, first, second, &outcome.error);
    } else if (strcmp(command, "close") == 0) {
        aw_remote_keyset_close(set);
    }
    aw_remote_keyset_free(set);
    answer(&outcome);
}

int main(int argc, char **argv) {
    steps = argc > 1 && strcmp(argv[1], "--steps") == 0;
#ifdef WITH_CURL
    if (!open_loop()) {
        return 2;
    }
#endif
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    while ((length = getline(&line, &size, stdin)) > 0) {
        char *fields[6] = {"", "", "", "", "", ""};
        size_t count = 0;
        line[strcspn(line, "\n")] = '\0';
        for (char *rest = line; rest != NULL && count < 6; count++) {
            fields[count] = rest;
            rest = strchr(rest, '\t');
            if (rest != NULL) {
                *rest++ = '\0';
            }
        }
        if (do_login_command(fields) || do_api_key_command(fields)) {
            /* answered */
        } else if (strcmp(fields[0], "remote") == 0) {
            make(NULL, fields[1], fields[2], fields[3]);
        } else if (strcmp(fields[0], "discover") == 0) {
            make(fields[1], NULL, fields[2], fields[3]);
        } else if (strcmp(fields[0], "verify") == 0) {
            verify_many(fields[3], strtoull(fields[1], NULL, 10), strtoul(fields[2], NULL, 10));
        } else if (strcmp(fields[0], "verify_cached") == 0) {
            struct outcome outcome = {0};
            outcome.status = aw_verifier_verify(verifier, fields[1], AW_NUL, &outcome.token, &outcome.error);
            answer(&outcome);
        } else {
            keys(fields[0], fields[1], fields[2]);
        }
        putchar('\n');
        fflush(stdout);
    }
    free(line);
    free_logins();
    free_api_keys();
    aw_verifier_free(verifier);
#ifdef WITH_CURL
    close_loop();
#endif
    return 0;
}
