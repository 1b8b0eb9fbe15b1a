/* The agent's commands about logins, for agent.c: clients and token managers by name. */
#ifndef AW_TEST_LOGIN_AGENT_H
#define AW_TEST_LOGIN_AGENT_H

#include "answer.h"
#include <authwright.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATIENCE_OF_LOGINS 20000
#define MOST_NAMES 64
#define MOST_KEPT 256
#define MOST_CALLS 128

/* Whether operations are driven here, and how: agent.c says. */
static bool steps = false;
static void drive(aw_operation **operations, size_t count);

struct named_client {
    char name[64];
    aw_oauth_client *client;
};

struct named_manager {
    char name[64];
    aw_token_manager *manager;
    pthread_mutex_t lock;
    char hook[8];
    aw_buffer *kept[MOST_KEPT];
    size_t kept_count;
};

static struct named_client clients[MOST_NAMES];
static struct named_manager managers[MOST_NAMES];
/* Whose operations drive() has. */
static struct named_manager *manager_of_drive = NULL;

static struct named_client *find_client(const char *name) {
    for (struct named_client *one = clients; one < clients + MOST_NAMES; one++) {
        if (strcmp(one->name, name) == 0 || one->name[0] == '\0') {
            snprintf(one->name, sizeof one->name, "%s", name);
            return one;
        }
    }
    abort();
}

static struct named_manager *find_manager(const char *name) {
    for (struct named_manager *one = managers; one < managers + MOST_NAMES; one++) {
        if (strcmp(one->name, name) == 0 || one->name[0] == '\0') {
            snprintf(one->name, sizeof one->name, "%s", name);
            return one;
        }
    }
    abort();
}

/* The managers' function for new tokens. */
static int keep_tokens(const aw_tokens *tokens, void *user) {
    struct named_manager *named = user;
    const struct timespec moment = {0, 300 * 1000000};
    char hook[8];
    pthread_mutex_lock(&named->lock);
    memcpy(hook, named->hook, sizeof hook);
    if (named->kept_count == MOST_KEPT || aw_tokens_to_json(tokens, &named->kept[named->kept_count], NULL) != AW_OK) {
        abort();
    }
    named->kept_count++;
    pthread_mutex_unlock(&named->lock);
    if (strcmp(hook, "slow") == 0) {
        nanosleep(&moment, NULL);
    }
    return strcmp(hook, "fail") == 0 ? 28 : 0;
}

static void free_manager(struct named_manager *named) {
    aw_token_manager_free(named->manager);
    named->manager = NULL;
    while (named->kept_count > 0) {
        aw_buffer_free(named->kept[--named->kept_count]);
    }
}

static void free_logins(void) {
    for (size_t index = 0; index < MOST_NAMES; index++) {
        free_manager(&managers[index]);
        aw_oauth_client_free(clients[index].client);
        clients[index].client = NULL;
    }
}

static aw_status make_login_client(char **fields, struct outcome *outcome) {
    struct named_client *named = find_client(fields[1]);
    aw_key *seal_keys[8] = {NULL}, *client_key = NULL;
    aw_http_client *http = NULL;
    size_t count = 0;
    aw_status status = AW_OK;
    aw_oauth_client_free(named->client);
    named->client = NULL;
    for (char *secret = strtok(fields[3], ","); secret != NULL && status == AW_OK && count < 8;
         secret = strtok(NULL, ",")) {
        status = aw_key_from_secret(secret, strlen(secret), NULL, NULL, &seal_keys[count], &outcome->error);
        count += status == AW_OK;
    }
    if (status == AW_OK && fields[4][0] != '\0') {
        status = aw_key_from_jwk(fields[4], AW_NUL, &client_key, &outcome->error);
    }
    if (status == AW_OK && strcmp(fields[5], "{}") != 0) {
        outcome->unsupported = steps ? "the driver of the test has no options" : NULL;
        status = aw_http_client_new(fields[5], AW_NUL, &http, &outcome->error);
    }
    if (status == AW_OK && outcome->unsupported == NULL) {
        status = aw_oauth_client_new(fields[2], AW_NUL, (const aw_key *const *)seal_keys, count, client_key, http,
                                     &named->client, &outcome->error);
    }
    /* The client keeps what it needs. */
    while (count > 0) {
        aw_key_free(seal_keys[--count]);
    }
    aw_key_free(client_key);
    aw_http_client_free(http);
    return status;
}

/* The text, or NULL for an empty field: one that is not given. */
static const char *given(const char *field) {
    return field[0] == '\0' ? NULL : field;
}

static size_t length_of(const char *text) {
    return text == NULL ? 0 : AW_NUL;
}

static aw_status begin_one(char **fields, struct outcome *outcome) {
    const aw_oauth_client *client = find_client(fields[1])->client;
    const char *cookies = given(fields[3]);
    aw_login *login = NULL;
    aw_operation *operation = NULL;
    aw_status status;
    if (steps) {
        status = aw_oauth_client_begin_login_operation(client, fields[2], AW_NUL, cookies, length_of(cookies),
                                                       aw_now_ms(), PATIENCE_OF_LOGINS, &operation, &outcome->error);
        if (status == AW_OK) {
            drive(&operation, 1);
            status = aw_operation_login(operation, &login, &outcome->error);
        }
    } else {
        status = aw_oauth_client_begin_login(client, fields[2], AW_NUL, cookies, length_of(cookies), PATIENCE_OF_LOGINS,
                                             &login, &outcome->error);
    }
    if (status == AW_OK) {
        status = aw_login_to_json(login, &outcome->json, &outcome->error);
    }
    aw_operation_free(operation);
    aw_login_free(login);
    return status;
}

static aw_status finish_one(char **fields, struct outcome *outcome) {
    const aw_oauth_client *client = find_client(fields[1])->client;
    const char *transaction = given(fields[2]), *cookies = transaction == NULL ? fields[3] : given(fields[3]);
    aw_tokens *tokens = NULL;
    aw_operation *operation = NULL;
    aw_status status;
    if (steps) {
        status = aw_oauth_client_finish_login_operation(client, transaction, length_of(transaction), cookies,
                                                        length_of(cookies), fields[4], AW_NUL, aw_now_ms(),
                                                        PATIENCE_OF_LOGINS, &operation, &outcome->error);
        if (status == AW_OK) {
            drive(&operation, 1);
            status = aw_operation_tokens(operation, &tokens, &outcome->error);
        }
    } else {
        status = aw_oauth_client_finish_login(client, transaction, length_of(transaction), cookies, length_of(cookies),
                                              fields[4], AW_NUL, PATIENCE_OF_LOGINS, &tokens, &outcome->error);
    }
    if (status == AW_OK) {
        status = aw_tokens_to_json(tokens, &outcome->json, &outcome->error);
    }
    aw_operation_free(operation);
    aw_tokens_free(tokens);
    return status;
}

static aw_status refresh_one(char **fields, const aw_tokens *tokens, struct outcome *outcome) {
    const aw_oauth_client *client = find_client(fields[1])->client;
    aw_tokens *fresh = NULL;
    aw_operation *operation = NULL;
    aw_status status;
    if (steps) {
        status = aw_oauth_client_refresh_operation(client, tokens, fields[3], AW_NUL, aw_now_ms(), PATIENCE_OF_LOGINS,
                                                   &operation, &outcome->error);
        if (status == AW_OK) {
            drive(&operation, 1);
            status = aw_operation_tokens(operation, &fresh, &outcome->error);
        }
    } else {
        status =
            aw_oauth_client_refresh(client, tokens, fields[3], AW_NUL, PATIENCE_OF_LOGINS, &fresh, &outcome->error);
    }
    if (status == AW_OK) {
        status = aw_tokens_to_json(fresh, &outcome->json, &outcome->error);
    }
    aw_operation_free(operation);
    aw_tokens_free(fresh);
    return status;
}

static aw_status ask_for_user(char **fields, const aw_tokens *tokens, struct outcome *outcome) {
    const aw_oauth_client *client = find_client(fields[1])->client;
    aw_user *user = NULL;
    aw_operation *operation = NULL;
    aw_status status;
    if (steps) {
        status = aw_oauth_client_userinfo_operation(client, tokens, aw_now_ms(), PATIENCE_OF_LOGINS, &operation,
                                                    &outcome->error);
        if (status == AW_OK) {
            drive(&operation, 1);
            status = aw_operation_user(operation, &user, &outcome->error);
        }
    } else {
        status = aw_oauth_client_userinfo(client, tokens, PATIENCE_OF_LOGINS, &user, &outcome->error);
    }
    if (status == AW_OK) {
        status = aw_user_to_json(user, &outcome->json, &outcome->error);
    }
    aw_operation_free(operation);
    aw_user_free(user);
    return status;
}

static aw_status revoke_one(char **fields, const aw_tokens *tokens, struct outcome *outcome) {
    const aw_oauth_client *client = find_client(fields[1])->client;
    aw_operation *operation = NULL;
    if (!steps) {
        return aw_oauth_client_revoke(client, tokens, PATIENCE_OF_LOGINS, &outcome->error);
    }
    aw_status status =
        aw_oauth_client_revoke_operation(client, tokens, aw_now_ms(), PATIENCE_OF_LOGINS, &operation, &outcome->error);
    if (status == AW_OK) {
        drive(&operation, 1);
        status = aw_operation_result(operation, &outcome->error);
    }
    aw_operation_free(operation);
    return status;
}

static aw_status write_logout_url(char **fields, struct outcome *outcome) {
    const aw_oauth_client *client = find_client(fields[1])->client;
    aw_operation *operation = NULL;
    if (!steps) {
        return aw_oauth_client_logout_url(client, fields[2], AW_NUL, PATIENCE_OF_LOGINS, &outcome->text,
                                          &outcome->error);
    }
    aw_status status = aw_oauth_client_logout_url_operation(client, fields[2], AW_NUL, aw_now_ms(), PATIENCE_OF_LOGINS,
                                                            &operation, &outcome->error);
    if (status == AW_OK) {
        drive(&operation, 1);
        status = aw_operation_text(operation, &outcome->text, &outcome->error);
    }
    aw_operation_free(operation);
    return status;
}

static aw_status verify_logout(char **fields, struct outcome *outcome) {
    const aw_oauth_client *client = find_client(fields[1])->client;
    aw_operation *operation = NULL;
    if (!steps) {
        return aw_oauth_client_verify_logout_token(client, fields[2], AW_NUL, PATIENCE_OF_LOGINS, &outcome->token,
                                                   &outcome->error);
    }
    aw_status status = aw_oauth_client_verify_logout_token_operation(client, fields[2], AW_NUL, aw_now_ms(),
                                                                     PATIENCE_OF_LOGINS, &operation, &outcome->error);
    if (status == AW_OK) {
        drive(&operation, 1);
        status = aw_operation_token(operation, &outcome->token, &outcome->error);
    }
    aw_operation_free(operation);
    return status;
}

static aw_status make_manager(char **fields, struct outcome *outcome) {
    struct named_manager *named = find_manager(fields[1]);
    aw_tokens *tokens = NULL;
    free_manager(named);
    pthread_mutex_init(&named->lock, NULL);
    snprintf(named->hook, sizeof named->hook, "%s", fields[5]);
    aw_status status = aw_tokens_from_json(fields[3], AW_NUL, &tokens, &outcome->error);
    if (status == AW_OK) {
        status =
            aw_token_manager_new(find_client(fields[2])->client, tokens, fields[4], AW_NUL,
                                 fields[5][0] == '\0' ? NULL : keep_tokens, named, &named->manager, &outcome->error);
    }
    aw_tokens_free(tokens);
    return status;
}

struct managed_call {
    const aw_token_manager *manager;
    bool force;
    uint64_t timeout_ms;
    struct outcome outcome;
};

static void write_managed(struct outcome *outcome, aw_tokens *tokens) {
    if (outcome->status == AW_OK) {
        outcome->status = aw_tokens_to_json(tokens, &outcome->json, &outcome->error);
    }
    aw_tokens_free(tokens);
}

static void *ask_manager(void *argument) {
    struct managed_call *call = argument;
    aw_tokens *tokens = NULL;
    call->outcome.status =
        aw_token_manager_tokens(call->manager, call->force, call->timeout_ms, &tokens, &call->outcome.error);
    write_managed(&call->outcome, tokens);
    return NULL;
}

static void ask_manager_often(char **fields) {
    static struct managed_call calls[MOST_CALLS];
    size_t count = strtoul(fields[4], NULL, 10);
    count = count > MOST_CALLS ? MOST_CALLS : count;
    memset(calls, 0, sizeof calls);
    for (size_t index = 0; index < count; index++) {
        calls[index].manager = find_manager(fields[1])->manager;
        calls[index].force = strcmp(fields[2], "1") == 0;
        calls[index].timeout_ms = strtoull(fields[3], NULL, 10);
    }
    if (steps) {
        aw_operation *operations[MOST_CALLS] = {NULL};
        manager_of_drive = find_manager(fields[1]);
        for (size_t index = 0; index < count; index++) {
            struct managed_call *call = &calls[index];
            call->outcome.status = aw_token_manager_tokens_operation(
                call->manager, call->force, aw_now_ms(), call->timeout_ms, &operations[index], &call->outcome.error);
        }
        drive(operations, count);
        for (size_t index = 0; index < count; index++) {
            struct outcome *outcome = &calls[index].outcome;
            aw_tokens *tokens = NULL;
            if (outcome->status == AW_OK) {
                outcome->status = aw_operation_tokens(operations[index], &tokens, &outcome->error);
            }
            write_managed(outcome, tokens);
            aw_operation_free(operations[index]);
        }
    } else {
        pthread_t threads[MOST_CALLS];
        for (size_t index = 0; index < count; index++) {
            pthread_create(&threads[index], NULL, ask_manager, &calls[index]);
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

static aw_status current_tokens(char **fields, struct outcome *outcome) {
    aw_tokens *tokens = NULL;
    aw_status status = aw_token_manager_current(find_manager(fields[1])->manager, &tokens, &outcome->error);
    if (status == AW_OK) {
        status = aw_tokens_to_json(tokens, &outcome->json, &outcome->error);
    }
    aw_tokens_free(tokens);
    return status;
}

static void tell_kept(char **fields) {
    struct named_manager *named = find_manager(fields[1]);
    pthread_mutex_lock(&named->lock);
    fputs("{\"ok\":[", stdout);
    for (size_t index = 0; index < named->kept_count; index++) {
        printf("%s%s", index > 0 ? "," : "", aw_buffer_data(named->kept[index]));
    }
    fputs("]}", stdout);
    pthread_mutex_unlock(&named->lock);
}

/* The commands that have tokens as their third field. */
static aw_status with_tokens(char **fields, struct outcome *outcome) {
    aw_tokens *tokens = NULL;
    aw_status status = aw_tokens_from_json(fields[2], AW_NUL, &tokens, &outcome->error);
    if (status == AW_OK && strcmp(fields[0], "refresh_tokens") == 0) {
        status = refresh_one(fields, tokens, outcome);
    } else if (status == AW_OK && strcmp(fields[0], "userinfo") == 0) {
        status = ask_for_user(fields, tokens, outcome);
    } else if (status == AW_OK && strcmp(fields[0], "revoke") == 0) {
        status = revoke_one(fields, tokens, outcome);
    } else if (status == AW_OK) {
        status = aw_token_manager_replace(find_manager(fields[1])->manager, tokens, &outcome->error);
    }
    aw_tokens_free(tokens);
    return status;
}

/* Whether the command is one about logins; then it was answered. */
static bool do_login_command(char **fields) {
    static const char *const tokens[] = {"refresh_tokens", "userinfo", "revoke", "manager_replace"};
    struct outcome outcome = {0};
    const char *command = fields[0];
    for (size_t index = 0; index < sizeof tokens / sizeof *tokens; index++) {
        if (strcmp(command, tokens[index]) == 0) {
            outcome.status = with_tokens(fields, &outcome);
            answer(&outcome);
            return true;
        }
    }
    if (strcmp(command, "client") == 0) {
        outcome.status = make_login_client(fields, &outcome);
    } else if (strcmp(command, "begin") == 0) {
        outcome.status = begin_one(fields, &outcome);
    } else if (strcmp(command, "finish") == 0) {
        outcome.status = finish_one(fields, &outcome);
    } else if (strcmp(command, "logout_url") == 0) {
        outcome.status = write_logout_url(fields, &outcome);
    } else if (strcmp(command, "verify_logout_token") == 0) {
        outcome.status = verify_logout(fields, &outcome);
    } else if (strcmp(command, "manager") == 0) {
        outcome.status = make_manager(fields, &outcome);
    } else if (strcmp(command, "hook") == 0) {
        struct named_manager *named = find_manager(fields[1]);
        snprintf(named->hook, sizeof named->hook, "%s", fields[2]);
    } else if (strcmp(command, "manager_current") == 0) {
        outcome.status = current_tokens(fields, &outcome);
    } else if (strcmp(command, "cancelled") == 0) {
        outcome.unsupported = "a call that blocks cannot be cancelled";
    } else if (strcmp(command, "forget_login") == 0) {
        outcome.status = aw_oauth_client_forget_login(find_client(fields[1])->client, fields[2], AW_NUL, fields[3],
                                                      AW_NUL, &outcome.text, &outcome.error);
        outcome.is_nothing = outcome.text == NULL;
    } else if (strcmp(command, "manager_tokens") == 0) {
        ask_manager_often(fields);
        return true;
    } else if (strcmp(command, "persisted") == 0) {
        tell_kept(fields);
        return true;
    } else {
        return false;
    }
    answer(&outcome);
    return true;
}

#endif
