/* Pauses: questions of nodes, `pause before`, and what a run that paused leaves with its state. */
#include "internal.h"
#include "mem.h"

/* ---- asking ---- */

/* The answer to this call, if the run was given one. While there are answers every place is noted
 * before its node is called (DFL__ASKS), so the node is known. */
static const dfl__ask *answer_here(dfl_ctx *ctx, uint32_t number) {
    dfl__run *run = ctx->run;
    dfl__ask *ask = NULL;
    if (!run || !(ctx->flags & DFL__ASKS))
        return NULL;
    dfl__lock(&run->lock);
    if (run->asks)
        ask = dfl__asks_find(run->asks, ctx, ctx->place, number);
    dfl__unlock(&run->lock);
    /* Nobody else frees it: it is over when this node, or what is around it, is. */
    return ask && ask->answered ? ask : NULL;
}

int dfl_interrupt(dfl_ctx *ctx, dfl_str question, dfl_str *answer) {
    const dfl__ask *given;
    dfl__ask *ask;
    uint32_t number;
    if (!(ctx->flags & DFL__ASKED))
        ctx->asked = 0;
    ctx->flags |= DFL__ASKED;
    number = ctx->asked++;
    given = answer_here(ctx, number);
    if (given) {
        *answer = dfl_copy(ctx, given->text.p, given->text.n);
        return ctx->flags & DFL__NOMEM ? DFL_ENOMEM : DFL_OK;
    }
    *answer = (dfl_str){"", 0};
    if (!ctx->run)
        return DFL_PAUSED;
    ask = dfl__ask_here(ctx, number, question);
    if (!ask) {
        ctx->flags |= DFL__NOMEM;
        return DFL_PAUSED;
    }
    ask->next = ctx->pending;
    ctx->pending = ask;
    return DFL_PAUSED;
}

void dfl__withdraw_all(dfl_ctx *ctx) {
    while (ctx->pending) {
        dfl__ask *ask = ctx->pending;
        ctx->pending = ask->next;
        dfl__ask_free(ask);
    }
}

/* Lock held. */
static dfl__asks *asks_of(dfl__run *run) {
    if (!run->asks) /* who saves looks without the lock whether there are any */
        __atomic_store_n(&run->asks, dfl__asks_new(run->ctx.mem->heap), __ATOMIC_RELAXED);
    return run->asks;
}

static bool put_pending(dfl_ctx *ctx, uint32_t place) {
    dfl__asks *asks = asks_of(ctx->run);
    while (asks && ctx->pending) {
        dfl__ask *ask = ctx->pending, *next = ask->next;
        ask->place = place;
        if (!dfl__asks_put(asks, ask))
            return false;
        ctx->pending = next;
    }
    return ctx->pending == NULL;
}

int dfl__asked(dfl_ctx *ctx, uint32_t place) {
    bool kept;
    dfl__lock(&ctx->run->lock);
    kept = put_pending(ctx, place);
    dfl__unlock(&ctx->run->lock);
    if (kept)
        return DFL_PAUSED;
    dfl__withdraw(ctx);
    return dfl__failed(ctx, DFL_ENOMEM, 0, place, "no memory to keep what it asked");
}

/* ---- pause before ---- */

bool dfl__pause_before(dfl_ctx *ctx, uint32_t place) {
    bool passed = ctx->passed == place;
    ctx->passed = DFL__NOWHERE;
    if (!passed && (ctx->flags & DFL__WATCH))
        dfl__event_paused(ctx, place);
    return !passed;
}

/* ---- where a run stands ---- */

dfl__stand *dfl__stand_new(dfl__heap *heap, const dfl_graph *graph, uint32_t n_counts) {
    dfl__stand *stand =
        dfl__heap_alloc(heap, sizeof *stand + n_counts * sizeof *stand->counts);
    if (!stand)
        return NULL;
    memset(stand, 0, sizeof *stand);
    stand->heap = heap;
    stand->graph = graph;
    stand->n_counts = n_counts;
    return stand;
}

static void free_questions(dfl__stand *stand) {
    for (size_t i = 0; i < stand->n_questions; i++)
        dfl__heap_free(stand->heap, (void *)(uintptr_t)stand->questions[i].id);
    dfl__heap_free(stand->heap, stand->questions);
    stand->questions = NULL;
    stand->n_questions = 0;
}

void dfl__stand_free(dfl__stand *stand) {
    if (!stand)
        return;
    dfl__block_free((void *)(uintptr_t)stand->inner.p);
    dfl__asks_free(stand->asks);
    free_questions(stand);
    dfl__heap_free(stand->heap, stand);
}

static bool add_question(dfl__stand *stand, const dfl__ask *ask) {
    dfl_question *question = &stand->questions[stand->n_questions];
    question->id = dfl__ask_id(stand->heap, stand->graph, ask);
    if (!question->id)
        return false;
    question->node = stand->graph->places[ask->place].name;
    question->index = ask->depth ? ask->path[ask->depth - 1] : -1;
    question->text = ask->text;
    stand->n_questions++;
    return true;
}

int dfl__stand_list(dfl__stand *stand) {
    const dfl__asks *asks = stand->asks;
    free_questions(stand);
    if (!asks || asks->n == 0)
        return DFL_OK;
    stand->questions = dfl__heap_alloc(stand->heap, asks->n * sizeof *stand->questions);
    if (!stand->questions)
        return DFL_ENOMEM;
    for (size_t i = 0; i < asks->n; i++)
        if (!asks->all[i]->answered && !add_question(stand, asks->all[i]))
            return DFL_ENOMEM;
    return DFL_OK;
}

size_t dfl__questions(const dfl__mem *mem, const dfl_question **questions) {
    const dfl__stand *stand = mem->stand;
    if (questions)
        *questions = stand ? stand->questions : NULL;
    return stand ? stand->n_questions : 0;
}

/* ---- answers ---- */

static int refuse(dfl_ctx *ctx, const char *why, const char *id) {
    return dfl__failed(ctx, DFL_EINVAL, 0, DFL__NOWHERE, why, id ? id : "");
}

/* The asks that wait, in the order of stand->questions. */
static dfl__ask **waiting(const dfl__stand *stand) {
    dfl__ask **list =
        dfl__heap_alloc(stand->heap, (stand->n_questions + 1) * sizeof *list);
    size_t n = 0;
    for (size_t i = 0; list && stand->asks && i < stand->asks->n; i++)
        if (!stand->asks->all[i]->answered)
            list[n++] = stand->asks->all[i];
    return list;
}

/* The question with this id; looked for from `from` on, since answers mostly come in order. */
static size_t find_question(const dfl__stand *stand, const char *id, size_t from) {
    for (size_t i = 0; i < stand->n_questions; i++) {
        size_t at = (from + i) % stand->n_questions;
        if (strcmp(stand->questions[at].id, id) == 0)
            return at;
    }
    return SIZE_MAX;
}

/* An answer to be, with the key of its question. */
static dfl__ask *answer_to(const dfl__ask *question, dfl_str text) {
    dfl__ask *ask = dfl__ask_new(question->heap, question->place, question->number, question->path,
                                 question->depth, text);
    if (ask)
        ask->answered = true;
    return ask;
}

/* The new answers by question; made whole before any of them is given. */
typedef struct Giving {
    dfl__stand *stand;
    dfl__ask **questions, **answers;
} Giving;

static int no_memory(dfl_ctx *ctx) {
    return dfl__failed(ctx, DFL_ENOMEM, 0, DFL__NOWHERE, "no memory for the answers");
}

static int prepare(dfl_ctx *ctx, Giving *giving, size_t i, dfl_str text) {
    giving->answers[i] = answer_to(giving->questions[i], text);
    return giving->answers[i] ? DFL_OK : no_memory(ctx);
}

static int prepare_all(dfl_ctx *ctx, Giving *giving, const dfl_run *options) {
    const dfl__stand *stand = giving->stand;
    size_t at = 0;
    int rc = DFL_OK;
    if (options->answer.p)
        return prepare(ctx, giving, 0, options->answer);
    for (size_t i = 0; rc == DFL_OK && i < options->n_answers; i++) {
        const dfl_answer *answer = &options->answers[i];
        if (!answer->id)
            return refuse(ctx, "an answer has no id%s", NULL);
        at = find_question(stand, answer->id, at);
        if (at == SIZE_MAX)
            return refuse(ctx, "no question '%s' waits for an answer", answer->id);
        if (giving->answers[at])
            return refuse(ctx, "question '%s' is answered twice", answer->id);
        rc = prepare(ctx, giving, at, answer->text);
    }
    return rc;
}

/* Replacing takes no memory. */
static void give(Giving *giving) {
    for (size_t i = 0; i < giving->stand->n_questions; i++)
        if (giving->answers[i])
            (void)dfl__asks_put(giving->stand->asks, giving->answers[i]);
    free_questions(giving->stand);
}

static int give_all(dfl_ctx *ctx, Giving *giving, const dfl_run *options) {
    size_t n = giving->stand->n_questions;
    int rc = DFL_OK;
    if (!giving->questions || !giving->answers)
        return no_memory(ctx);
    memset(giving->answers, 0, n * sizeof *giving->answers);
    rc = prepare_all(ctx, giving, options);
    if (rc == DFL_OK) {
        give(giving);
        return DFL_OK;
    }
    for (size_t i = 0; i < n; i++)
        dfl__ask_free(giving->answers[i]);
    return rc;
}

static int check_answers(dfl_ctx *ctx, size_t n_questions, const dfl_run *options) {
    if (options->answer.p && options->n_answers)
        return refuse(ctx, "give `answer` or `answers`, not both%s", NULL);
    if (options->n_answers && !options->answers)
        return refuse(ctx, "n_answers without answers%s", NULL);
    if (options->answer.p && n_questions == 0)
        return refuse(ctx, "there is an answer, but no question waits%s", NULL);
    if (options->answer.p && n_questions > 1)
        return refuse(ctx, "several questions wait: answer them by their ids%s", NULL);
    if (n_questions == 0)
        return refuse(ctx, "no question '%s' waits for an answer", options->answers[0].id);
    return DFL_OK;
}

int dfl__give_answers(dfl_ctx *ctx, dfl__stand *stand, const dfl_run *options) {
    Giving giving = {.stand = stand};
    int rc;
    if (!options->answer.p && options->n_answers == 0)
        return DFL_OK;
    rc = check_answers(ctx, stand ? stand->n_questions : 0, options);
    if (rc != DFL_OK)
        return rc;
    giving.questions = waiting(stand);
    giving.answers =
        dfl__heap_alloc(stand->heap, stand->n_questions * sizeof *giving.answers);
    rc = give_all(ctx, &giving, options);
    dfl__heap_free(stand->heap, giving.questions);
    dfl__heap_free(stand->heap, giving.answers);
    return rc;
}
