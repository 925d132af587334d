/* What it takes to claim a chunk that others could claim too, and what a branch takes besides. */
#include <string.h>

#include "calibrate.h"

/* ---- claiming ---- */

enum { CLAIMS = 64, WORK_NS = 200 };

/* Two threads take numbers: from one line, or each from its own. The work in between gives the line
 * time to be elsewhere, as it would be; both do it in both cases, so that only claiming is left when
 * one is subtracted from the other, also where two CPUs share a core. */
typedef struct Claimant {
    _Atomic uint32_t *next;
    Work work;
    int64_t took_ns;
    char gap[LINE_BYTES];
} Claimant;

static void claim(void *arg) {
    Claimant *claimant = arg;
    int64_t begin = clock_ns();
    for (int i = 0; i < CLAIMS; i++) {
        atomic_fetch_add_explicit(claimant->next, 1, memory_order_acq_rel);
        work_ns(claimant->work, WORK_NS);
    }
    claimant->took_ns = clock_ns() - begin;
}

static void count(void *arg) {
    Claimant *claimant = arg;
    volatile uint32_t next = 0;
    int64_t begin = clock_ns();
    for (int i = 0; i < CLAIMS; i++) {
        next = next + 1;
        work_ns(claimant->work, WORK_NS);
    }
    claimant->took_ns = clock_ns() - begin;
}

static int64_t together(Bench *bench, Mate *mate, void (*call)(void *)) {
    _Atomic uint32_t next = 0;
    Claimant mine = {.next = &next, .work = bench->work}, its = mine;
    mate_ask_to(mate, call, &its);
    call(&mine);
    mate_wait(mate);
    return (mine.took_ns + its.took_ns) / 2;
}

bool measure_claim(Bench *bench, int64_t until_ns) {
    enum { MOST_SAMPLES = 1000 };
    Mate *mate = mate_new(bench->arena, false);
    if (!mate)
        return false;
    for (int i = 0; i < MOST_SAMPLES && (i == 0 || clock_ns() < until_ns); i++) {
        int64_t with = together(bench, mate, claim), without = together(bench, mate, count);
        samples_add(&bench->figures[FIG_CLAIM], (with - without) / CLAIMS);
    }
    mate_free(mate);
    return true;
}

/* ---- a branch ---- */

/* What a generated branch has: a frame with what it reads, a status, a list that is merged. */
typedef struct Frame {
    uint64_t fields[12];
    int status;
} Frame;

static int branch(Frame *frame) {
    frame->fields[11] = frame->fields[0] + 1;
    return 0;
}

static int64_t branches(int n) {
    int (*volatile call)(Frame *) = branch;
    volatile uint64_t merged = 0;
    uint64_t state[12] = {1};
    int64_t begin = clock_ns();
    for (int i = 0; i < n; i++) {
        Frame frame;
        memcpy(frame.fields, state, sizeof state);
        frame.status = call(&frame);
        if (frame.status == 0)
            merged = merged + frame.fields[11];
    }
    return clock_ns() - begin;
}

bool measure_branch(Bench *bench, int64_t until_ns) {
    enum { BRANCHES = 1000, MOST_SAMPLES = 500 };
    for (int i = 0; i < MOST_SAMPLES && (i == 0 || clock_ns() < until_ns); i++)
        samples_add(&bench->figures[FIG_BRANCH], branches(BRANCHES) / BRANCHES);
    return true;
}
