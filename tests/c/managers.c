/*
 * Token managers on threads and across forks, against a provider that managers.py has started and works.
 *
 *     managers MODE OPTIONS
 *
 * Logs in first, for hook-overtaken twice: writes the URL as a line, and reads the callback as a line. managers.py
 * counts what the provider was asked. The modes:
 *
 *     threads        fifty threads ask at once for tokens that are over: one refreshes, one keeps
 *     hook-overtaken tokens are replaced while the hook is busy, and it is called for others when it is done
 *     hook-fails     new tokens that are not kept are handed over again, before anything else
 *     fork           children have the tokens that were there
 *     fork-asking    the same, while a thread of the parent is in the middle of a refresh
 *     fork-keeping   the same, while a thread of the parent keeps new tokens
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHILDREN 4
#define CROWD 50
#define PATIENCE 10000

static aw_oauth_client *client;
static aw_token_manager *manager;
static char old_access_token[2048];
static pthread_barrier_t barrier;
static atomic_int wrong, kept, keeping, failing;
static atomic_bool slow;
static int mark; /* what the hook is handed */

static void pause_ms(long milliseconds) {
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&time, NULL);
}

/* May call authwright; what it is given lives as long as it runs. Never on two threads at once. */
static int keep(const aw_tokens *tokens, void *user) {
    aw_tokens *current = NULL;
    aw_buffer *json = NULL;
    wrong += user != &mark || keeping++ != 0;
    wrong += strcmp(aw_tokens_access_token(tokens, NULL), old_access_token) == 0;
    wrong += aw_tokens_to_json(tokens, &json, NULL) != AW_OK;
    /* They are not used before they are kept. */
    wrong += aw_token_manager_current(manager, &current, NULL) != AW_OK;
    wrong += strcmp(aw_tokens_access_token(current, NULL), old_access_token) != 0;
    aw_tokens_free(current);
    aw_buffer_free(json);
    if (slow) {
        pause_ms(600);
    }
    keeping--;
    if (failing > 0) {
        failing--;
        return 28;
    }
    kept++;
    return 0;
}

static aw_status ask(bool force, bool expect_new) {
    aw_tokens *tokens = NULL;
    aw_error *error = NULL;
    aw_status status = aw_token_manager_tokens(manager, force, PATIENCE, &tokens, &error);
    if (status == AW_OK) {
        wrong += (strcmp(aw_tokens_access_token(tokens, NULL), old_access_token) != 0) != expect_new;
    }
    aw_error_free(error);
    aw_tokens_free(tokens);
    return status;
}

/* The tokens of the login, over for a minute, or good for another hour. */
static aw_tokens *log_in(bool are_over) {
    static char callback[16384], json[16384];
    aw_login *login = NULL;
    aw_tokens *tokens = NULL, *changed = NULL;
    MUST(aw_oauth_client_begin_login(client, NULL, 0, NULL, 0, PATIENCE, &login, NULL));
    printf("%s\n", aw_login_url(login, NULL));
    fflush(stdout);
    if (fgets(callback, sizeof callback, stdin) == NULL) {
        exit(2);
    }
    MUST(aw_oauth_client_finish_login(client, aw_login_transaction(login, NULL), AW_NUL, NULL, 0, callback, AW_NUL,
                                      PATIENCE, &tokens, NULL));
    snprintf(old_access_token, sizeof old_access_token, "%s", aw_tokens_access_token(tokens, NULL));
    snprintf(json, sizeof json, "{\"access_token\": \"%s\", \"refresh_token\": \"%s\", \"expires_at\": %lld}",
             old_access_token, aw_tokens_refresh_token(tokens, NULL),
             (long long)(aw_now_ms() / 1000) + (are_over ? -60 : 3600));
    MUST(aw_tokens_from_json(json, AW_NUL, &changed, NULL));
    aw_tokens_free(tokens);
    aw_login_free(login);
    return changed;
}

static void *ask_on_thread(void *unused) {
    pthread_barrier_wait(&barrier);
    wrong += ask(false, true) != AW_OK;
    return unused;
}

static void threads(void) {
    pthread_t crowd[CROWD];
    pthread_barrier_init(&barrier, NULL, CROWD);
    for (int index = 0; index < CROWD; index++) {
        CHECK(pthread_create(&crowd[index], NULL, ask_on_thread, NULL) == 0);
    }
    for (int index = 0; index < CROWD; index++) {
        CHECK(pthread_join(crowd[index], NULL) == 0);
    }
    pthread_barrier_destroy(&barrier);
    CHECK(kept == 1);
}

static void hook_fails(void) {
    failing = 1;
    EXPECT(AW_ERR_PERSIST_FAILED, ask(false, true));
    EXPECT(AW_ERR_PERSIST_FAILED, ask(false, true)); /* not again at once */
    CHECK(kept == 0);
    pause_ms(5300);
    EXPECT(AW_OK, ask(false, true));
    CHECK(kept == 1);
    EXPECT(AW_OK, ask(false, true));
    CHECK(kept == 1);
}

static void children(aw_status expected, bool expect_new) {
    pid_t started[CHILDREN];
    for (int index = 0; index < CHILDREN; index++) {
        fflush(NULL);
        started[index] = fork();
        CHECK(started[index] >= 0);
        if (started[index] == 0) {
            alarm(30); /* a lock that nobody releases is a failure, not a hang */
            wrong = keeping = 0;
            aw_status status = ask(false, expect_new);
            aw_tokens *current = NULL;
            wrong += aw_token_manager_current(manager, &current, NULL) != AW_OK;
            aw_tokens_free(current);
            aw_token_manager_free(manager);
            aw_oauth_client_free(client);
            if (status != expected || wrong != 0) {
                fprintf(stderr, "child: %s, %d wrong\n", aw_status_name(status), wrong);
            }
            _exit(status == expected && wrong == 0 ? 0 : 1);
        }
    }
    for (int index = 0; index < CHILDREN; index++) {
        int status = -1;
        CHECK(waitpid(started[index], &status, 0) == started[index]);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
}

static void *ask_once(void *unused) {
    wrong += ask(false, true) != AW_OK;
    return unused;
}

/* The hook is still busy with what came of the first tokens. */
static void hook_overtaken(const aw_tokens *second) {
    pthread_t asking;
    slow = true;
    CHECK(pthread_create(&asking, NULL, ask_once, NULL) == 0);
    pause_ms(300);
    CHECK(keeping == 1 && kept == 0);
    snprintf(old_access_token, sizeof old_access_token, "%s", aw_tokens_access_token(second, NULL));
    MUST(aw_token_manager_replace(manager, second, NULL));
    EXPECT(AW_OK, ask(false, true));
    CHECK(pthread_join(asking, NULL) == 0);
    CHECK(kept == 2);
}

/* Forks while another thread is at it. */
static void fork_amid(aw_status expected, bool expect_new) {
    pthread_t asking;
    CHECK(pthread_create(&asking, NULL, ask_once, NULL) == 0);
    pause_ms(300); /* the provider, or the hook, takes its time */
    children(expected, expect_new);
    CHECK(pthread_join(asking, NULL) == 0);
    CHECK(kept == 1);
    EXPECT(AW_OK, ask(false, true));
}

int main(int argc, char **argv) {
    aw_key *seal_key = NULL;
    if (argc < 3) {
        return 2;
    }
    const char *mode = argv[1];
    MUST(aw_key_generate("HS256", NULL, 0, &seal_key, NULL));
    const aw_key *seal_keys[] = {seal_key};
    MUST(aw_oauth_client_new(argv[2], AW_NUL, seal_keys, 1, NULL, NULL, &client, NULL));
    aw_key_free(seal_key);
    aw_tokens *second = strcmp(mode, "hook-overtaken") == 0 ? log_in(true) : NULL;
    aw_tokens *tokens = log_in(strcmp(mode, "fork") != 0);
    MUST(aw_token_manager_new(client, tokens, NULL, 0, keep, &mark, &manager, NULL));
    aw_tokens_free(tokens);
    if (strcmp(mode, "threads") == 0) {
        threads();
    } else if (strcmp(mode, "hook-overtaken") == 0) {
        hook_overtaken(second);
    } else if (strcmp(mode, "hook-fails") == 0) {
        hook_fails();
    } else if (strcmp(mode, "fork") == 0) {
        children(AW_OK, false);
        EXPECT(AW_OK, ask(true, true));
        EXPECT(AW_OK, ask(false, true));
    } else if (strcmp(mode, "fork-asking") == 0) {
        /* What becomes of the refresh token, only the parent will know. */
        fork_amid(AW_ERR_REFRESH_UNCERTAIN, false);
    } else if (strcmp(mode, "fork-keeping") == 0) {
        /* The new tokens are there: each child keeps them, too, and uses them. */
        slow = true;
        fork_amid(AW_OK, true);
    } else {
        return 2;
    }
    CHECK(wrong == 0);
    aw_tokens_free(second);
    aw_token_manager_free(manager);
    aw_oauth_client_free(client);
    return report(mode);
}
