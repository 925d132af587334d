#include "interpret.h"

#include <stdlib.h>

enum { OK = 0, ENODE = -1, ELIMIT = -3, ETIMEOUT = -4, EGUARD = -6 };

/* ---- a run, and its lines of execution ---- */

typedef struct Failure {
    int status, code;
    unsigned attempt;
    int64_t index;
    const char *node;
    const char *message;    /* NULL: any, of a guard */
    bool fatal, late;
} Failure;

/* Where the run pauses first. */
typedef struct Pause {
    bool any;
    bool outside;           /* at a node that is in no section and no subgraph; then what is counted there is: */
    uint64_t steps;
    unsigned *counters;
} Pause;

typedef struct Run {
    FILE *trace;
    Pause first;
} Run;

/* One update of a field that merges, or that the field was written. */
typedef struct Update {
    const Field *field;
    const Value *value;
} Update;

/* The run itself, or a branch. */
typedef struct Line {
    Run *run;
    const Graph *graph;
    const char *path;       /* of the nodes that run it: "research/", or "" */
    const Region *region;
    const Value **state;
    const Bound *bound;
    uint64_t steps;
    unsigned *counters;
    Update *updates;        /* for the join, in order */
    unsigned n_updates;
    int branch;             /* -1: of none */
    int64_t index;          /* of the innermost element, or -1 */
    unsigned attempt;
    bool at_router;
    Failure failure;
    Failure caught;         /* what the last error edge was taken for */
    const char *given;      /* by the node that succeeded last */
    const char *answers[2]; /* to what the node has asked in this visit */
} Line;

static View view_of(const Line *line) {
    return (View){line->state, line->bound};
}

static const Value **copy_state(const Graph *graph, const Value **state) {
    const Value **copy = room((graph->n_fields + 1) * sizeof *copy);
    for (unsigned i = 0; i < graph->n_fields; i++)
        copy[i] = state[i];
    return copy;
}

static int fail(Line *line, int status, int code, const char *node, const char *message) {
    const char *path = text("%s%s", line->path, node);
    line->failure = (Failure){status, code, line->attempt, line->index, path, message, false, false};
    return status;
}

/* ---- what is seen ---- */

static void tell(const Line *line, const char *what, const char *path, const char *more) {
    FILE *out = line->run->trace;
    fprintf(out, "%s %s%s%s", what, line->path, path, more);
    if (line->branch >= 0)
        fprintf(out, " branch %d", line->branch);
    if (line->index >= 0)
        fprintf(out, " element %lld", (long long)line->index);
    fputc('\n', out);
}

static const char *name_of(const Place *place) {
    if (place->kind == P_START)
        return "start";
    return place->kind == P_SECTION ? place->section->name : place->node->name;
}

static void tell_node(const Line *line, const char *what, const Node *node) {
    tell(line, what, node->name, text(" attempt %u", line->attempt));
}

static void tell_status(const Line *line, const char *what, const char *path, int status) {
    tell(line, what, path, status ? text(" status %d", status) : "");
}

/* Where a branch or a graph that a node runs begins and ends, no edge is told of. */
static void tell_edge(const Line *line, const Place *from, const Place *to) {
    bool inside = line->branch >= 0 || *line->path;
    if (inside && (!to || from->kind == P_START))
        return;
    tell(line, "edge", name_of(from), text(" -> %s%s", line->path, to ? name_of(to) : "end"));
}

static int limit_reached(Line *line, const char *name) {
    tell_status(line, "limit", name, ELIMIT);
    return fail(line, ELIMIT, 0, name,
                text("limit of %llu steps reached", (unsigned long long)line->graph->limit));
}

/* ---- pauses ---- */

static unsigned *copy_counters(const Line *line) {
    unsigned n = line->graph->region->n_counters;
    unsigned *copy = room((n + 1) * sizeof *copy);
    memcpy(copy, line->counters, n * sizeof *copy);
    return copy;
}

/* It goes on as if it did not. */
static void note_pause(const Line *line) {
    Pause *first = &line->run->first;
    if (first->any)
        return;
    *first = (Pause){.any = true, .outside = !*line->path && !line->region->parent, .steps = line->steps};
    if (first->outside)
        first->counters = copy_counters(line);
}

/* ---- nodes ---- */

typedef struct Call {
    const Value **made;      /* by parameter: what an out or inout became */
    uint64_t hash;
    Dice dice;
} Call;

static uint64_t hash_error(uint64_t hash, const Failure *failure) {
    hash = mix_bytes(hash, failure->node, strlen(failure->node));
    hash = mix_bytes(hash, failure->message, strlen(failure->message));
    hash = mix(hash, (uint64_t)failure->code);
    hash = mix(hash, failure->attempt);
    return mix(hash, (uint64_t)failure->index);
}

/* What nodes that read the whole state do not look at (print_nodes.c). */
static bool is_left_out(const Field *field) {
    return field->transient || field->local || field->added;
}

static uint64_t hash_state(uint64_t hash, const Line *line) {
    for (unsigned i = 0; i < line->graph->n_fields; i++)
        if (!is_left_out(line->graph->fields[i]))
            hash = value_hash(hash, line->state[i]);
    return hash;
}

static uint64_t hash_of(const Line *line, const Node *node, unsigned attempt) {
    View view = view_of(line);
    uint64_t hash = hash_reads(mix(node->script.seed, attempt), node, &view);
    if (node->script.reads_state)
        hash = hash_state(hash, line);
    return node->script.reads_error ? hash_error(hash, &line->caught) : hash;
}

/* An answer is for the first, or second, question of a visit, and stays for its further attempts. */
static void ask(Line *line, Dice *dice, unsigned n) {
    for (unsigned i = 0; i < n; i++) {
        if (!line->answers[i])
            line->answers[i] = text("yes go on, %016llx?", (unsigned long long)dice->state);
        dice->state = mix_bytes(dice->state, line->answers[i], strlen(line->answers[i]));
    }
}

static const Value *made_out(const Param *param, Dice *dice) {
    const Field *field = param->field;
    return param->left ? value_identity(field->type, field->reducer) : value_made(field->type, dice);
}

/* What the C of the node does (print_nodes.c). */
static Call call_node(Line *line, const Node *node) {
    Call call = {.made = room((node->n_params + 1) * sizeof *call.made)};
    call.hash = hash_of(line, node, line->attempt);
    call.dice.state = call.hash;
    ask(line, &call.dice, node->script.asks);
    for (unsigned i = 0; i < node->n_params; i++) {
        const Param *param = &node->params[i];
        if (param->mode == M_OUT)
            call.made[i] = made_out(param, &call.dice);
        else if (param->mode == M_INOUT)
            call.made[i] = value_changed(line->state[param->field->index], &call.dice);
    }
    return call;
}

/* Whether it fails of its own accord. */
static int script_fails(Line *line, const Node *node, Dice *dice) {
    const Script *script = &node->script;
    if (!script->fails_one_in || dice_below(dice, script->fails_one_in) != 0)
        return OK;
    unsigned number = dice_below(dice, 1000);
    const char *message = script->fatal  ? text("never %u", number)
                          : script->says ? text("no %u", number)
                                         : "";
    fail(line, ENODE, script->code, node->name, message);
    line->failure.fatal = script->fatal;
    return ENODE;
}

/* What the node gave to the fields that it may write; told when it has ended. */
static const char *given_by(const Node *node, const Call *call) {
    char *shown = "";
    for (unsigned i = 0; i < node->n_params; i++)
        if (node->params[i].mode != M_IN)
            shown = text("%s %s = %s", shown, node->params[i].field->name, value_json(call->made[i]));
    return shown;
}

static void note_update(Line *line, const Field *field, const Value *value) {
    Update update = {field, value};
    PUSH(line->updates, line->n_updates, update);
}

/* Why an update was not merged. */
static const char *refusal(const Field *field, const Value *total, const Value *update) {
    if (field->reducer == R_WITH)
        return "cannot reduce";
    return is_signed(field->type)
               ? text("'%s' would overflow: %lld and %lld", field->name, (long long)total->n,
                      (long long)update->n)
               : text("'%s' would overflow: %llu and %llu", field->name,
                      (unsigned long long)total->n, (unsigned long long)update->n);
}

/* All updates or none. */
static int commit(Line *line, const Node *node, const Call *call) {
    const Value **state = copy_state(line->graph, line->state);
    for (unsigned i = 0; i < node->n_params; i++) {
        const Param *param = &node->params[i];
        const Field *field = param->field;
        if (param->mode == M_IN)
            continue;
        bool merges = field->reducer != R_NONE && param->mode == M_OUT;
        const Value *old = state[field->index];
        state[field->index] = merges ? value_merged(field->reducer, field->index, old, call->made[i])
                                     : call->made[i];
        if (!state[field->index])
            return fail(line, ENODE, 1, node->name, refusal(field, old, call->made[i]));
    }
    line->state = state;
    for (unsigned i = 0; i < node->n_params; i++)
        if (node->params[i].mode != M_IN)
            note_update(line, node->params[i].field, call->made[i]);
    line->given = given_by(node, call);
    return OK;
}

static void tell_did(const Line *line, const Node *node, uint64_t hash) {
    tell(line, "custom", node->name, text(" -> did data %016llx", (unsigned long long)hash));
}

/* What it returned is its failure still; where that was nothing, that it was late is. */
static int be_late(Line *line, const Node *node, int status) {
    if (status == OK)
        status = fail(line, ENODE, ETIMEOUT, node->name,
                      node->runs ? "it ended after its timeout" : "it returned after its timeout");
    line->failure.late = true;
    tell_status(line, "timeout", node->name, ETIMEOUT);
    return status;
}

static int call(Line *line, const Node *node) {
    if (line->attempt <= node->script.fails_first) {
        tell_did(line, node, hash_of(line, node, line->attempt));
        return fail(line, ENODE, 9, node->name, "not yet");
    }
    if (node->script.asks)
        note_pause(line);
    Call call = call_node(line, node);
    tell_did(line, node, call.hash);
    int status = script_fails(line, node, &call.dice);
    if (node->late == ALWAYS_LATE)
        status = be_late(line, node, status);
    return status == OK ? commit(line, node, &call) : status;
}

/* ---- graphs that nodes run ---- */

static int run_region(Line *line);

static const Value *initial_value(const Field *field) {
    return field->initial ? field->initial : value_identity(field->type, field->reducer);
}

static void begin_graph(Line *line, const Graph *graph) {
    line->graph = graph;
    line->region = graph->region;
    line->attempt = 1;
    line->steps = 0;
    line->counters = room((graph->region->n_counters + 1) * sizeof *line->counters);
    line->state = room((graph->n_fields + 1) * sizeof *line->state);
    for (unsigned i = 0; i < graph->n_fields; i++)
        line->state[i] = initial_value(graph->fields[i]);
}

static const Value *bound_in(const Line *line, const Binding *binding, int *status) {
    View view = view_of(line);
    bool failed = false;
    if (binding->value->kind == E_FIELD || binding->value->kind == E_VAR)
        return looked_at(binding->value, &view);
    Result result = eval(binding->value, &view, &failed);
    if (failed)
        *status = EGUARD;
    return value_int(binding->child->type, (uint64_t)result.n);
}

/* Its outs become updates of the node. */
static int take_outs(Line *line, const Node *node, const Line *inner) {
    Param *params = room((node->n_outs + 1) * sizeof *params);
    Node outs = {.name = node->name, .params = params, .n_params = node->n_outs};
    Call call = {.made = room((node->n_outs + 1) * sizeof *call.made)};
    for (unsigned i = 0; i < node->n_outs; i++) {
        params[i] = (Param){.mode = M_OUT, .field = node->outs[i].parent};
        call.made[i] = inner->state[node->outs[i].child->index];
    }
    return commit(line, &outs, &call);
}

static int run_node(Line *line, const Node *node);

/* The time is over before the first node begins, or in it; then no other one begins, unless the run was stopped there
 * and goes on with the whole time. */
static int wait_in(Line *inner) {
    Place **places = inner->region->places;
    fprintf(inner->run->trace, "?(\n");
    tell_status(inner, "timeout", name_of(places[0]), ETIMEOUT);
    fprintf(inner->run->trace, "?)\n?(\n");
    run_node(inner, places[0]->node);
    tell_status(inner, "timeout", name_of(places[1]), ETIMEOUT);
    fprintf(inner->run->trace, "?)\n?(\n");
    run_node(inner, places[1]->node);
    fprintf(inner->run->trace, "?)\n");
    return OK;
}

static int run_graph(Line *line, const Node *node) {
    Line inner = *line;
    int status = OK;
    begin_graph(&inner, node->runs);
    inner.path = text("%s%s/", line->path, node->name);
    inner.bound = NULL;
    inner.updates = NULL;
    inner.n_updates = 0;
    for (unsigned i = 0; i < node->n_ins && status == OK; i++)
        inner.state[node->ins[i].child->index] = bound_in(line, &node->ins[i], &status);
    if (status != OK)
        return fail(line, status, 0, node->name, NULL);
    inner.branch = -1;
    status = node->runs->waits ? wait_in(&inner) : run_region(&inner);
    if (status != OK)
        line->failure = inner.failure;
    line->failure.late = false; /* that one in there was late */
    if (node->late == ALWAYS_LATE && (status == OK || status == ENODE))
        status = be_late(line, node, status);
    return status == OK ? take_outs(line, node, &inner) : status;
}

/* ---- a step ---- */

static int attempt(Line *line, const Node *node) {
    tell_node(line, "node_start", node);
    int status = node->runs ? run_graph(line, node) : call(line, node);
    tell_node(line, status == OK ? "node_end" : "node_error", node);
    if (status == OK && *line->given)
        tell(line, "updates", node->name, line->given);
    return status;
}

/* A step is counted when it is done, or when its failure is caught. */
static int run_node(Line *line, const Node *node) {
    const Graph *graph = line->graph;
    if (graph->limit && line->steps >= graph->limit)
        return limit_reached(line, node->name);
    line->answers[0] = line->answers[1] = NULL;
    if (node->pause_before)
        note_pause(line);
    for (line->attempt = 1;; line->attempt++) {
        int status = attempt(line, node);
        if (status != ENODE || line->failure.fatal || line->attempt > node->retries) {
            line->attempt = 1;
            line->steps += status == OK;
            if (node->pause_after && status == OK)
                note_pause(line);
            return status;
        }
        tell(line, "retry", node->name, text(" attempt %u", line->attempt + 1));
    }
}

/* ---- sections ---- */

/* The elements of an each, with their indices or keys. */
typedef struct Branch {
    Line line;
    Bound element, index;
    int status;
} Branch;

static void begin_branch(Branch *branch, const Line *line, const Region *region) {
    branch->line = *line;
    branch->line.region = region;
    branch->line.updates = NULL;
    branch->line.n_updates = 0;
    branch->line.attempt = 1;
    branch->line.branch = (int)region->branch;
    branch->line.counters = room((region->n_counters + 1) * sizeof *branch->line.counters);
    branch->line.state = copy_state(line->graph, line->state);
    for (unsigned i = 0; i < line->graph->n_fields; i++)
        if (line->graph->fields[i]->local && !has_local(line->region, line->graph->fields[i]))
            branch->line.state[i] = initial_value(line->graph->fields[i]);
}

static void bind(Branch *branch, const Section *section, const Value *over, size_t i) {
    branch->element = (Bound){&section->element, over->items[i], branch->line.bound};
    branch->line.bound = &branch->element;
    branch->line.index = (int64_t)i;
    if (!section->index.name)
        return;
    const Value *index = over->keys
                             ? value_text(section->index.type, over->keys[i], strlen(over->keys[i]))
                             : value_int(section->index.type, i);
    branch->index = (Bound){&section->index, index, branch->line.bound};
    branch->line.bound = &branch->index;
}

static Branch *begin_branches(const Line *line, const Section *section, size_t *n) {
    View view = view_of(line);
    const Value *over = section->over ? looked_at(section->over, &view) : NULL;
    *n = over ? over->len : section->n_branches;
    Branch *branches = room((*n + 1) * sizeof *branches);
    for (size_t i = 0; i < *n; i++) {
        begin_branch(&branches[i], line, section->branches[over ? 0 : i]);
        if (over)
            bind(&branches[i], section, over, i);
    }
    return branches;
}

static int run_branch(Branch *branch, const Section *section) {
    tell(&branch->line, "branch_start", section->name, "");
    branch->status = run_region(&branch->line);
    tell_status(&branch->line, "branch_end", section->name, branch->status);
    return branch->status;
}

/* The lowest failed branch, or n. Those behind it may run, as threads have it, or may not. */
static size_t run_branches(const Line *line, const Section *section, Branch *branches, size_t n) {
    size_t failed = n;
    for (size_t i = 0; i < n; i++) {
        bool skippable = failed < n;
        if (skippable)
            fprintf(line->run->trace, "?(\n");
        int status = run_branch(&branches[i], section);
        if (skippable)
            fprintf(line->run->trace, "?)\n");
        else if (status != OK && !(section->settle && status == ENODE))
            failed = i;
    }
    return failed;
}

/* The sums of integers are exact; only the total must fit. */
static const Value *join_sum(const Line *line, const Field *field, const Branch *branches,
                             size_t n) {
    Wide total = value_wide(line->state[field->index]);
    for (size_t i = 0; i < n; i++)
        for (unsigned k = 0; branches[i].status == OK && k < branches[i].line.n_updates; k++)
            if (branches[i].line.updates[k].field == field)
                total += value_wide(branches[i].line.updates[k].value);
    return total < type_min(field->type) || total > type_max(field->type)
               ? NULL
               : value_int(field->type, (uint64_t)total);
}

/* One update after the other; an inner join's count as those of its branches. */
static const Value *join_updates(const Line *line, const Field *field, const Branch *branches,
                                 size_t n) {
    const Value *total = line->state[field->index];
    for (size_t i = 0; i < n; i++)
        for (unsigned k = 0; branches[i].status == OK && k < branches[i].line.n_updates; k++) {
            const Update *update = &branches[i].line.updates[k];
            if (update->field == field)
                total = value_merged(field->reducer, field->index, total, update->value);
            if (!total)
                return NULL;
        }
    return total;
}

static int join(Line *line, const Section *section, const Branch *branches, size_t n) {
    const Graph *graph = line->graph;
    const Value **state = copy_state(graph, line->state);
    for (unsigned i = 0; i < graph->n_fields; i++) {
        const Field *field = graph->fields[i];
        bool exact = field->reducer == R_SUM && is_int(field->type);
        if (field->local && !has_local(line->region, field))
            continue;
        state[i] = (exact ? join_sum : join_updates)(line, field, branches, n);
        if (!state[i])
            return fail(line, ENODE, 1, section->name,
                        exact ? text("'%s' would overflow when its branches are joined", field->name)
                              : "cannot reduce");
    }
    line->state = state;
    for (size_t i = 0; i < n; i++)
        for (unsigned k = 0; branches[i].status == OK && k < branches[i].line.n_updates; k++)
            note_update(line, branches[i].line.updates[k].field, branches[i].line.updates[k].value);
    return OK;
}

static const Value *fault_of(const Section *section, const Branch *branch) {
    const Type *fault = section->settle->type->elem;
    const Failure *failure = &branch->line.failure;
    const char *entry = name_of(branch->line.region->places[0]);
    const Value **members = room(fault->n * sizeof *members);
    members[0] = value_text(fault->members[0].type, entry, strlen(entry));
    members[1] = value_text(fault->members[1].type, failure->node, strlen(failure->node));
    members[2] = value_text(fault->members[2].type, failure->message, strlen(failure->message));
    members[3] = value_int(fault->members[3].type, (uint64_t)failure->index);
    members[4] = value_int(fault->members[4].type, (uint64_t)failure->code);
    members[5] = value_int(fault->members[5].type, failure->attempt);
    return value_struct(fault, members);
}

/* Failed branches are faults. */
static int settle(Line *line, const Section *section, const Branch *branches, size_t n) {
    const Value *faults = value_zero(section->settle->type);
    for (size_t i = 0; i < n; i++)
        if (branches[i].status != OK)
            faults = value_appended(faults, fault_of(section, &branches[i]));
    if (n - faults->len < section->need)
        return fail(line, ENODE, 1, section->name,
                    text("%zu succeeded, %u were needed", n - faults->len, section->need));
    int status = join(line, section, branches, n);
    if (status != OK)
        return status;
    const Value **state = copy_state(line->graph, line->state);
    unsigned at = section->settle->index;
    state[at] = value_merged(R_APPEND, 0, state[at], faults);
    line->state = state;
    note_update(line, section->settle, faults);
    return OK;
}

/* Each branch could use what was left at the fork; together they may not have used more. */
static int charge(Line *line, const Section *section, const Branch *branches, size_t n,
                  uint64_t *charged) {
    uint64_t limit = line->graph->limit, steps = line->steps;
    for (size_t i = 0; i < n; i++)
        steps += branches[i].line.steps - line->steps + (branches[i].status != OK);
    if (n == 0)
        steps++;
    if (limit && steps > limit)
        return limit_reached(line, section->name);
    *charged = steps;
    return OK;
}

static int fork_and_join(Line *line, const Section *section) {
    size_t n;
    Branch *branches = begin_branches(line, section, &n);
    size_t failed = run_branches(line, section, branches, n);
    if (failed < n) {
        line->failure = branches[failed].line.failure;
        return branches[failed].status;
    }
    uint64_t charged = 0;
    int status = charge(line, section, branches, n, &charged);
    if (status == OK)
        status = section->settle ? settle(line, section, branches, n)
                                 : join(line, section, branches, n);
    if (status != OK)
        return status;
    line->steps = charged;
    tell(line, "merge", section->name, "");
    return OK;
}

static int run_section(Line *line, const Section *section) {
    tell(line, "fork", section->name, "");
    int status = fork_and_join(line, section);
    tell_status(line, "join", section->name, status);
    return status;
}

/* ---- edges ---- */

static bool is_else(const Edge *edge) {
    return !edge->guard && !edge->max && !edge->n_values;
}

static bool matches(const Edge *edge, const Result *subject, const View *view, bool *failed) {
    for (unsigned i = 0; i < edge->n_values; i++)
        if (are_equal(*subject, eval(edge->values[i], view, failed)))
            return true;
    return edge->n_values == 0;
}

static bool can_take(const Line *line, const Edge *edge, const Result *subject, bool *failed) {
    View view = view_of(line);
    if (edge->max && line->counters[edge->counter] >= edge->max)
        return false;
    if (edge->guard && !eval(edge->guard, &view, failed).n)
        return false;
    return matches(edge, subject, &view, failed);
}

static int choose(Line *line, const Place *from, const Expr *subject, const Edge *edges, unsigned n,
                  const Place **to);

static int take(Line *line, const Place *from, const Edge *edge, const Place **to) {
    const Choice *choice = edge->choice;
    line->counters[edge->counter] += edge->max > 0;
    *to = edge->to;
    return choice ? choose(line, from, choice->subject, choice->edges, choice->n_edges, to) : OK;
}

/* The begin of a graph that a node runs is that node. */
static int guard_fails(Line *line, const Place *from) {
    size_t n = strlen(line->path);
    int status = fail(line, EGUARD, 0, name_of(from), NULL);
    if (from->kind == P_START && n > 0)
        line->failure.node = text("%.*s", (int)n - 1, line->path);
    return status;
}

/* Takes the first edge whose guard holds, else the bare one. */
static int choose(Line *line, const Place *from, const Expr *subject, const Edge *edges, unsigned n,
                  const Place **to) {
    View view = view_of(line);
    const Edge *otherwise = NULL;
    bool failed = false;
    Result asked = {.kind = IS_OTHER};
    if (subject)
        asked = eval(subject, &view, &failed);
    for (unsigned i = 0; i < n && !failed; i++) {
        if (is_else(&edges[i]))
            otherwise = &edges[i];
        else if (can_take(line, &edges[i], &asked, &failed) && !failed)
            return take(line, from, &edges[i], to);
    }
    if (failed)
        return guard_fails(line, from);
    return take(line, from, otherwise, to);
}

/* ---- routers ---- */

static int ask_router(Line *line, const Place *place, const Place **to) {
    const Script *script = &place->node->script;
    uint64_t hash = hash_of(line, place->node, 1);
    Dice dice = {hash};
    tell_did(line, place->node, hash);
    int status = script_fails(line, place->node, &dice);
    if (status == OK && script->lost_one_in && dice_below(&dice, script->lost_one_in) == 0)
        status = fail(line, EGUARD, 0, place->node->name, NULL);
    if (status == OK)
        *to = place->edges[dice_below(&dice, place->n_edges)].to;
    return status;
}

/* ---- places ---- */

/* Where a failure leads; *status is what is left of it. To take an error edge counts as a step of what failed. */
static const Place *catch(Line *line, const Place *place, int *status) {
    uint64_t limit = line->graph->limit;
    bool late = place->has_timeout && line->failure.late;
    const Place *to = late ? place->on_timeout : place->on_error;
    if (*status != ENODE || (!late && !place->has_error))
        return NULL;
    *status = limit && line->steps >= limit ? limit_reached(line, name_of(place)) : OK;
    if (*status != OK)
        return NULL;
    line->steps++;
    line->caught = line->failure;
    tell_edge(line, place, to);
    return to;
}

static const char *shown_field(const Line *line, const Field *field) {
    return text("%s = %s", field->name, value_json(line->state[field->index]));
}

/* The state after a node or section that is in no other. */
static void tell_values(const Line *line, const Place *place) {
    char *shown = "";
    if (*line->path || line->region->parent || (place->kind != P_NODE && place->kind != P_SECTION))
        return;
    for (unsigned i = 0; i < line->graph->n_fields; i++)
        if (!declared_field(line->graph, i)->local)
            shown = text("%s %s", shown, shown_field(line, declared_field(line->graph, i)));
    tell(line, "values", name_of(place), shown);
}

static const Place *run_place(Line *line, const Place *place, int *status) {
    const Place *to = NULL;
    line->at_router = place->kind == P_ROUTER;
    if (place->kind == P_NODE)
        *status = run_node(line, place->node);
    else if (place->kind == P_SECTION)
        *status = run_section(line, place->section);
    if (*status != OK)
        return catch(line, place, status);
    tell_values(line, place);
    *status = place->kind == P_ROUTER ? ask_router(line, place, &to)
                                      : choose(line, place, NULL, place->edges, place->n_edges, &to);
    if (*status == OK)
        tell_edge(line, place, to);
    return to;
}

static int run_from(Line *line, const Place *place, int status) {
    while (place && status == OK)
        place = run_place(line, place, &status);
    return status;
}

static int run_region(Line *line) {
    return run_from(line, line->region->parent ? line->region->places[0] : line->graph->start, OK);
}

/* ---- a run ---- */

static void set_inputs(const Graph *graph, const Value **state, unsigned input) {
    Dice dice = {input};
    for (unsigned i = 0; i < graph->n_fields; i++) {
        const Field *field = graph->fields[i];
        if (field->in && (!field->initial || dice_below(&dice, 2)))
            state[i] = field->many ? value_many(field->type, &dice) : value_made(field->type, &dice);
    }
}

static void show_end(FILE *out, const Line *line, int status) {
    const Failure *failure = &line->failure;
    fprintf(out, "status %d\n", status);
    if (status)
        fprintf(out, "error %s code %d attempt %u element %lld: %s\n", failure->node, failure->code,
                failure->attempt, (long long)failure->index,
                failure->message ? failure->message : "*");
    for (unsigned i = 0; i < line->graph->n_fields; i++)
        if (!declared_field(line->graph, i)->local)
            fprintf(out, "%s\n", shown_field(line, declared_field(line->graph, i)));
}

enum { LONGEST_TRACE = 100000 };

/* Runs on from `place`, and shows what is seen of that, unless it takes too long to try; `after`: the node that an update says is done, or "-"; "~":
 * what is kept in sections and subgraphs is not an earlier version's. */
static int show_run(FILE *out, Line *line, unsigned input, const char *after, const Place *place, int status) {
    char *trace = NULL;
    size_t n;
    line->run->trace = open_memstream(&trace, &n);
    tell(line, "run_start", line->graph->name, "");
    status = run_from(line, place, status);
    tell_status(line, "run_end", line->graph->name, status);
    fclose(line->run->trace);
    if (n < LONGEST_TRACE) {
        fprintf(out, "graph %s input %u update %s\n", line->graph->name, input, after);
        show_end(out, line, status);
        fprintf(out, "trace\n%s.\n", trace);
    }
    free(trace);
    return status;
}

/* ---- updates ---- */

/* The start, or a node that is in no section. */
static const Place *updated_place(const Graph *graph, unsigned input) {
    const Region *region = graph->region;
    Dice dice = {input + 77};
    unsigned n = 1 + dice_below(&dice, region->n_places);
    for (unsigned i = 0; i < region->n_places; i++)
        if (region->places[i]->kind == P_NODE && --n == 0)
            return region->places[i];
    return graph->start;
}

/* What a person sets; what is transient has its default after the resume. */
static void set_all(const Graph *graph, const Value **state, unsigned input) {
    Dice dice = {input + 1000};
    for (unsigned i = 0; i < graph->n_fields; i++) {
        const Value *made = graph->fields[i]->local ? NULL : value_made(graph->fields[i]->type, &dice);
        if (made && !graph->fields[i]->transient)
            state[i] = made;
    }
}

/* Behind a run that has ended or paused, or on a thread of its own: the edge is chosen by the resume, and counts go on
 * where there are some. */
static void show_update(FILE *out, const Graph *graph, unsigned input, const char *thread, uint64_t steps,
                        unsigned *counters) {
    const Place *place = updated_place(graph, input), *to = NULL;
    Run run = {0};
    Line line = {.run = &run, .path = "", .branch = -1, .index = -1};
    begin_graph(&line, graph);
    set_all(graph, line.state, input);
    line.steps = steps;
    if (counters)
        line.counters = counters;
    int status = choose(&line, place, NULL, place->edges, place->n_edges, &to);
    show_run(out, &line, input, text("%s/%s", thread, name_of(place)), to, status);
}

/* Whether it is known what is counted where the run has ended: one that a router ends stands before it. */
static bool is_countable(const Line *line, int status) {
    return line->graph->policy != SAVE_NEVER && (status == OK || (status == ENODE && !line->at_router));
}

static void show_updates(FILE *out, const Line *line, unsigned input, int status) {
    const Pause *first = &line->run->first;
    if (is_countable(line, status))
        show_update(out, line->graph, input, "ended", line->steps, copy_counters(line));
    else
        show_update(out, line->graph, input, "new", 0, NULL);
    if (first->outside)
        show_update(out, line->graph, input, "paused", first->steps, first->counters);
}

void interpret(FILE *out, const Graph *graph, unsigned input) {
    Run run = {0};
    Line line = {.run = &run, .path = "", .branch = -1, .index = -1};
    begin_graph(&line, graph);
    set_inputs(graph, line.state, input);
    int status = show_run(out, &line, input, graph->others_within ? "~" : "-", graph->start, OK);
    show_updates(out, &line, input, status);
}
