/* What the C tests share: a check that says where it failed, and goes on. */
#ifndef AW_TEST_CHECK_H
#define AW_TEST_CHECK_H

#include <authwright.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures = 0;

/* The condition holds. */
#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                            \
            failures++;                                                                                                \
        }                                                                                                              \
    } while (0)

/* A call returns this status. */
#define EXPECT(expected, call)                                                                                         \
    do {                                                                                                               \
        aw_status got_ = (call);                                                                                       \
        if (got_ != (expected)) {                                                                                      \
            fprintf(stderr, "%s:%d: %s: %s instead of %s\n", __FILE__, __LINE__, #call, aw_status_name(got_),          \
                    aw_status_name(expected));                                                                         \
            failures++;                                                                                                \
        }                                                                                                              \
    } while (0)

/* A call that the rest of the test cannot do without succeeds. */
#define MUST(call)                                                                                                     \
    do {                                                                                                               \
        aw_status got_ = (call);                                                                                       \
        if (got_ != AW_OK) {                                                                                           \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, aw_status_name(got_));                       \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

static inline int report(const char *name) {
    if (failures == 0) {
        printf("%s: ok\n", name);
        return 0;
    }
    fprintf(stderr, "%s: %d failed\n", name, failures);
    return 1;
}

#endif
