/* nodes.c: the steps of approval.dfl, and the program around them.
 *
 *     approval STORE                      what waits for somebody
 *     approval STORE ID SUM WHAT          a new request
 *     approval STORE ID                   goes on with it: answers come from standard input, a line each
 *
 * Exits with 0 when the request is decided, with 75 (EX_TEMPFAIL) while it waits. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "approval.h"

enum { WAITS = 75 };

int approval_ask(dfl_ctx *ctx, dfl_str by, dfl_str what, double sum, dfl_str *said, answer *verdict,
                 dfl_str_list *history) {
    dfl_str question = dfl_printf(ctx, "%s: %s for $%.2f? (yes, or no and why)", by.p, what.p, sum);
    int rc = dfl_interrupt(ctx, question, said);
    if (rc != DFL_OK)
        return rc; /* DFL_PAUSED: the run is saved, and ends here for now */
    *verdict = dfl_str_eq(*said, DFL_STR("yes")) ? answer_yes
               : strncmp(said->p, "no", 2) == 0  ? answer_no
                                                 : answer_unclear;
    return dfl_str_list_push(ctx, history, dfl_printf(ctx, "%s said: %s", by.p, said->p));
}

/* The number is made of the thread's id, so that a shop would know an order that it has already. */
int approval_buy(dfl_ctx *ctx, dfl_str what, double sum, dfl_str *order, dfl_str_list *history) {
    *order = dfl_printf(ctx, "order-%s", dfl_thread_id(ctx));
    return dfl_str_list_push(ctx, history, dfl_printf(ctx, "ordered: %s, $%.2f", what.p, sum));
}

int approval_refuse(dfl_ctx *ctx, dfl_str by, dfl_str said, dfl_str_list *history) {
    return dfl_str_list_push(ctx, history, dfl_printf(ctx, "%s refused: %s", by.p, said.p));
}

/* ---- the program ---- */

static int show_waiting(void *user, const char *thread) {
    approval_state s;
    const dfl_question *asked;
    dfl_run run = {.store = user, .thread_id = thread};
    approval_state_init(&s);
    if (approval_load(&s, NULL, &run) == DFL_OK)
        for (size_t i = 0, n = approval_questions(&s, &asked); i < n; i++)
            printf("%s waits for %s\n", thread, asked[i].text.p);
    approval_state_free(&s);
    return 0;
}

static void report(const approval_state *s, const char *id) {
    for (uint32_t i = 0; i < s->history.len; i++)
        printf("%s: %s\n", id, s->history.items[i].p);
    printf("%s: %s\n", id, s->order.n ? s->order.p : "not ordered");
}

/* One question after the other, as long as somebody answers. */
static int answer_all(approval_state *s, dfl_run *run, int status) {
    const dfl_question *asked;
    char line[512];
    while (status == DFL_PAUSED && approval_questions(s, &asked) == 1) {
        printf("%s\n", asked[0].text.p);
        fflush(stdout);
        if (!fgets(line, sizeof line, stdin))
            return status;
        line[strcspn(line, "\n")] = '\0';
        run->answer = (dfl_str){line, strlen(line)};
        status = approval_resume(s, run);
    }
    return status;
}

static int go_on(dfl_run *run, int argc, char **argv) {
    approval_state s;
    int status;
    approval_state_init(&s);
    if (argc > 4) {
        s.sum = strtod(argv[3], NULL);
        s.what = dfl_strdup(approval_state_ctx(&s), argv[4]);
        status = approval_run(&s, run);
    } else {
        status = approval_load(&s, NULL, run);
        if (status == DFL_OK)
            status = approval_resume(&s, run); /* with no answer: the question is asked again */
    }
    status = answer_all(&s, run, status);
    if (status == DFL_OK)
        report(&s, run->thread_id);
    else if (status < 0)
        fprintf(stderr, "approval: %s: %s\n", dfl_strerror(status), run->error->message);
    approval_state_free(&s);
    return status == DFL_OK ? 0 : status == DFL_PAUSED ? WAITS : 1;
}

int main(int argc, char **argv) {
    dfl_error error = {0};
    dfl_run run = {.error = &error, .thread_id = argc > 2 ? argv[2] : NULL};
    int rc = 0;
    if (argc < 2 || argc == 4 || argc > 5) {
        fprintf(stderr, "usage: approval STORE [ID [SUM WHAT]]\n");
        return 2;
    }
    if (dfl_store_open(argv[1], NULL, &run.store) != DFL_OK) {
        fprintf(stderr, "approval: %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    if (argc == 2)
        dfl_store_threads(run.store, show_waiting, run.store);
    else
        rc = go_on(&run, argc, argv);
    dfl_store_close(run.store);
    return rc;
}
