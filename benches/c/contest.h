/* One contest: several ways to do the same work, measured in turns. See benches/rust/src/contest.rs, which does the
 * same: thread CPU time, every contestant once a round, another one first each time, every round kept. */
#ifndef AUTHWRIGHT_BENCHES_CONTEST_H
#define AUTHWRIGHT_BENCHES_CONTEST_H

#include <stdbool.h>
#include <stddef.h>

/* Does the work once; false is a failure, and ends the benchmark. */
typedef bool contest_work(void *context);

typedef struct contestant {
    const char *name;
    bool ours;
    contest_work *work;
    void *context;
    unsigned long calls;
    double *ns;
} contestant;

typedef struct contest {
    const char *name;
    contestant contestants[8];
    size_t count;
} contest;

void contest_add(contest *contest, const char *name, bool ours, contest_work *work, void *context);

/* Measures, and prints the contest as one JSON object. */
void contest_run(contest *contest);

/* Makes very many calls and prints {"calls": N, "grown_kib": N}: how the resident memory changed. */
void soak(const char *name, unsigned long calls, contest_work *work, void *context);

#endif
