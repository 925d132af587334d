/* submit, answer, retry, cancel and forget: what people do to the runs of a work queue. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../cmd.h"
#include "../printable.h"
#include "tool.h"

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Of standard input. NULL after a line on standard error. */
static const char *read_input(Arena *arena) {
    char *text = NULL;
    size_t n = 0, cap = 0;
    for (;;) {
        char part[4096];
        size_t got = fread(part, 1, sizeof part, stdin);
        for (size_t i = 0; i < got; i++)
            ARENA_PUSH(arena, text, n, cap, part[i]);
        if (got == 0)
            break;
    }
    if (ferror(stdin)) {
        fprintf(stderr, "dflc: cannot read standard input: %s\n", strerror(errno));
        return NULL;
    }
    ARENA_PUSH(arena, text, n, cap, '\0');
    return text;
}

int queue_submit(QueueTool *tool) {
    const Options *options = tool->options;
    const char *json = tool->n_words > 1 ? tool->words[1] : NULL;
    dfl_submission run = {.name = tool->words[0],
                          .key = options->key,
                          .priority = options->priority,
                          .due_ns = options->after_ns ? now_ns() + options->after_ns : 0};
    int status;
    run.json = json && strcmp(json, "-") == 0 ? read_input(tool->arena) : json;
    if (json && !run.json)
        return BAD_USE;
    status = dfl_work_submit(tool->work, &run, 1);
    if (status != DFL_OK)
        return queue_failed(tool, NULL, status);
    if (options->json)
        printf("{\"run\": %" PRIu64 ", \"new\": %s}\n", run.id, run.is_new ? "true" : "false");
    else
        printf("run %" PRIu64 "%s\n", run.id, run.is_new ? "" : ", which had this key before");
    return DONE;
}

int queue_answer(QueueTool *tool) {
    const char *run = tool->words[0], *question = tool->n_words > 2 ? tool->words[2] : NULL;
    uint64_t id;
    int status = queue_run_of(tool, run, &id);
    if (status != DONE)
        return status;
    status = dfl_work_answer(tool->work, id, question, tool->words[1]);
    if (status == DFL_EINVAL && question)
        fprintf(stderr, "dflc: run '%s' does not ask '%s', or the answer is no UTF-8\n",
                printable(tool->arena, run), printable(tool->arena, question));
    else if (status == DFL_EINVAL)
        fprintf(stderr,
                "dflc: run '%s' does not ask just one question: say which, as 'dflc queue show' "
                "has it\n",
                printable(tool->arena, run));
    else if (status == DFL_EBUSY)
        fprintf(stderr, "dflc: run '%s' runs at the moment; see later what it asks\n",
                printable(tool->arena, run));
    if (status == DFL_EINVAL || status == DFL_EBUSY)
        return BAD_INPUT;
    return status == DFL_OK ? DONE : queue_failed(tool, run, status);
}

int queue_retry(QueueTool *tool) {
    uint64_t id;
    int status = queue_run_of(tool, tool->words[0], &id);
    if (status != DONE)
        return status;
    status = dfl_work_retry(tool->work, id);
    if (status == DFL_EINVAL) {
        fprintf(stderr, "dflc: run '%s' is not dead, and does not wait for its time\n",
                printable(tool->arena, tool->words[0]));
        return BAD_INPUT;
    }
    return status == DFL_OK ? DONE : queue_failed(tool, tool->words[0], status);
}

int queue_cancel(QueueTool *tool) {
    uint64_t id;
    int status = queue_run_of(tool, tool->words[0], &id);
    if (status != DONE)
        return status;
    status = dfl_work_cancel(tool->work, id);
    return status == DFL_OK ? DONE : queue_failed(tool, tool->words[0], status);
}

/* A piece at a time, so that nothing waits for long. */
int queue_forget(QueueTool *tool) {
    enum { AT_ONCE = 10000, DAY_S = 86400 };
    char *end;
    size_t n = AT_ONCE, all = 0;
    errno = 0;
    unsigned long days = strtoul(tool->words[0], &end, 10);
    int status = DFL_OK;
    if (*tool->words[0] < '0' || *tool->words[0] > '9' || *end || errno || days > 100000) {
        fprintf(stderr, "dflc: '%s' is no number of days\n", tool->words[0]);
        return BAD_USE;
    }
    int64_t before = now_ns() - (int64_t)days * DAY_S * 1000000000;
    while (status == DFL_OK && n == AT_ONCE) {
        status = dfl_work_forget(tool->work, before, AT_ONCE, &n);
        all += n;
    }
    if (status != DFL_OK)
        return queue_failed(tool, NULL, status);
    printf(tool->options->json ? "{\"runs\": %zu}\n" : "%zu runs\n", all);
    return DONE;
}
