/* What came of a call, as the JSON that tests/scenarios/run.py reads. */
#ifndef AW_TEST_ANSWER_H
#define AW_TEST_ANSWER_H

#include <authwright.h>
#include <stdbool.h>
#include <stdio.h>

struct outcome {
    aw_status status;
    /* What there is of these four is freed by answer(). */
    aw_error *error;
    aw_token *token;
    aw_buffer *text;
    aw_buffer *json;
    const char *unsupported;
    /* The call answered that there is nothing. */
    bool is_nothing;
};

static void json_string(const char *text) {
    putchar('"');
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte < 0x20 || byte == '"' || byte == '\\') {
            printf("\\u%04x", byte);
        } else {
            putchar(byte);
        }
    }
    putchar('"');
}

static void json_member(const char *name, const char *text) {
    if (text != NULL) {
        printf(",\"%s\":", name);
        json_string(text);
    }
}

static void json_error(const aw_error *error) {
    printf("{\"code\":\"%s\"", aw_status_name(aw_error_code(error)));
    json_member("message", aw_error_message(error));
    json_member("field", aw_error_field(error));
    json_member("provider_error", aw_error_provider_error(error));
    json_member("provider_error_description", aw_error_provider_error_description(error));
    if (aw_error_http_status(error) != 0) {
        printf(",\"http_status\":%u", (unsigned)aw_error_http_status(error));
    }
    if (aw_error_cause(error) != NULL) {
        printf(",\"cause\":");
        json_error(aw_error_cause(error));
    }
    putchar('}');
}

static void answer(struct outcome *outcome) {
    if (outcome->unsupported != NULL) {
        printf("{\"unsupported\":");
        json_string(outcome->unsupported);
    } else if (outcome->status != AW_OK) {
        printf("{\"error\":");
        json_error(outcome->error);
    } else if (outcome->is_nothing) {
        printf("{\"ok\":null");
    } else if (outcome->token != NULL) {
        printf("{\"ok\":%s", aw_token_claims_json(outcome->token, NULL));
    } else if (outcome->json != NULL) {
        printf("{\"ok\":%s", aw_buffer_data(outcome->json));
    } else if (outcome->text != NULL) {
        printf("{\"ok\":");
        json_string(aw_buffer_data(outcome->text));
    } else {
        printf("{\"ok\":true");
    }
    putchar('}');
    aw_error_free(outcome->error);
    aw_token_free(outcome->token);
    aw_buffer_free(outcome->text);
    aw_buffer_free(outcome->json);
}

#endif
