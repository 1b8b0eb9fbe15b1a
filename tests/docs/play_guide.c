/* The web server that a guide's C is written for, on stdin and stdout: guides.py plays the browser. A line is a route,
 * the Cookie header and what was brought, with tabs between. The answer are lines, and an empty one. */

#include <authwright.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
    const char *cookies, *brought;
};

/* The guide's. */
#ifdef APPLE
aw_status make_client(const char *options, const char *p8, const void *secret, size_t length, aw_oauth_client **client,
                      aw_error **error);
#else
aw_status make_client(const char *options, const void *secret, size_t length, aw_oauth_client **client,
                      aw_error **error);
#endif
void login(const aw_oauth_client *client, struct request *request);
void callback(const aw_oauth_client *client, struct request *request);

/* What the guide calls the program's own. */
const char *cookie_header(struct request *request);
const char *url(struct request *request);
const char *form(struct request *request);
void set_cookie(struct request *request, const char *value);
void redirect(struct request *request, const char *where);
void log_in_again(struct request *request, int status);
void start_session(struct request *request, const char *issuer, const char *subject);
int store(void *database, const char *json, size_t length);
void end_sessions(const char *sid, const char *sub);

const char *cookie_header(struct request *request) {
    return request->cookies;
}

const char *url(struct request *request) {
    return request->brought;
}

const char *form(struct request *request) {
    return request->brought;
}

void set_cookie(struct request *request, const char *value) {
    (void)request;
    printf("cookie\t%s\n", value);
}

void redirect(struct request *request, const char *where) {
    (void)request;
    printf("redirect\t%s\n", where);
}

void log_in_again(struct request *request, int status) {
    (void)request;
    printf("again\t%d\n", status);
}

void start_session(struct request *request, const char *issuer, const char *subject) {
    (void)request;
    printf("session\t%s\t%s\n", issuer, subject);
}

int store(void *database, const char *json, size_t length) {
    (void)database;
    return json == NULL || length == 0;
}

void end_sessions(const char *sid, const char *sub) {
    (void)sid;
    (void)sub;
}

int main(void) {
    static char line[65536];
    const char *secret = "32 bytes that only this site knows";
    aw_oauth_client *client = NULL;
    aw_error *error = NULL;
#ifdef APPLE
    aw_status status = make_client(getenv("OPTIONS"), getenv("P8"), secret, strlen(secret), &client, &error);
#else
    aw_status status = make_client(getenv("OPTIONS"), secret, strlen(secret), &client, &error);
#endif
    if (status != AW_OK) {
        fprintf(stderr, "make_client: %s\n", aw_error_message(error));
        aw_error_free(error);
        return 1;
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *cookies = strchr(line, '\t');
        char *brought = cookies != NULL ? strchr(cookies + 1, '\t') : NULL;
        if (brought == NULL) {
            return 1;
        }
        *cookies++ = *brought++ = '\0';
        struct request request = {cookies, brought};
        (strcmp(line, "login") == 0 ? login : callback)(client, &request);
        puts("");
        fflush(stdout);
    }
    aw_oauth_client_free(client);
    return 0;
}
