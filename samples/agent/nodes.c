/* nodes.c: the steps of agent.dfl, and the program around them.
 *
 *     agent -m MODEL FACTS QUESTION       MODEL: http://ADDRESS:PORT/PATH, or the path of a script
 *     agent -s PORT-FILE -m SCRIPT        stands in for a server */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

enum { LINE = 512 };

/* ---- plan ---- */

static dfl_str prompt_of(dfl_ctx *ctx, dfl_str goal, dfl_str_list log) {
    dfl_str prompt = dfl_printf(ctx,
                                "Answer the question step by step. Each step is one line:\n"
                                "LOOK name (what is known of it), CALC a - b, or ANSWER text.\n\nQuestion: %s\n",
                                goal.p);
    for (uint32_t i = 0; i < log.len; i++)
        prompt = dfl_printf(ctx, "%s%s\n", prompt.p, log.items[i].p);
    return prompt;
}

int agent_plan(dfl_ctx *ctx, dfl_str goal, dfl_str_list log, struct model *model, act *action, dfl_str *argument,
               dfl_str_list *log_out) {
    static const char *const words[] = {[act_look] = "LOOK ", [act_calc] = "CALC ", [act_answer] = "ANSWER "};
    char line[LINE];
    const char *why = model_complete(model, prompt_of(ctx, goal, log).p, line, sizeof line);
    if (why)
        return dfl_fail(ctx, 1, "%s", why);
    *action = act_nonsense;
    for (int i = act_look; i <= act_answer; i++)
        if (strncmp(line, words[i], strlen(words[i])) == 0) {
            *action = (act)i;
            *argument = dfl_strdup(ctx, line + strlen(words[i]));
        }
    return dfl_str_list_push(ctx, log_out, dfl_strdup(ctx, line));
}

/* ---- act, observe ---- */

static int observed(dfl_ctx *ctx, dfl_str_list *log, const char *what) {
    return dfl_str_list_push(ctx, log, dfl_printf(ctx, "observed: %s", what));
}

/* A fact is a line "name: text". */
int agent_look(dfl_ctx *ctx, dfl_str facts, dfl_str argument, dfl_str_list *log) {
    char line[LINE] = "";
    FILE *file = fopen(facts.p, "r");
    bool found = false;
    while (file && !found && fgets(line, sizeof line, file))
        found = strncmp(line, argument.p, argument.n) == 0 && line[argument.n] == ':';
    if (file)
        fclose(file);
    line[strcspn(line, "\n")] = '\0';
    return observed(ctx, log, found ? line : "nothing is known of that");
}

int agent_calc(dfl_ctx *ctx, dfl_str argument, dfl_str_list *log) {
    double a, b;
    char op;
    if (sscanf(argument.p, "%lf %c %lf", &a, &op, &b) != 3 || !strchr("+-*/", op))
        return observed(ctx, log, "that cannot be computed");
    a = op == '+' ? a + b : op == '-' ? a - b : op == '*' ? a * b : a / b;
    return observed(ctx, log, dfl_printf(ctx, "%g", a).p);
}

/* ---- the program ---- */

static int ask(struct model *model, char *facts, char *question) {
    dfl_error error = {0};
    agent_state s;
    int status;
    agent_state_init(&s);
    s.model = model;
    s.facts = dfl_strdup(agent_state_ctx(&s), facts);
    s.goal = dfl_strdup(agent_state_ctx(&s), question);
    status = agent_run(&s, &(dfl_run){.error = &error});
    for (uint32_t i = 0; i < s.log.len; i++)
        printf("  %s\n", s.log.items[i].p);
    printf("%s\n", status == DFL_OK ? s.said.p : error.message);
    status = status != DFL_OK || strncmp(s.said.p, "gave up", 7) == 0;
    agent_state_free(&s);
    return status;
}

int main(int argc, char **argv) {
    const char *where = NULL, *port_file = NULL;
    struct model *model;
    int option, rc;
    while ((option = getopt(argc, argv, "m:s:")) != -1)
        *(option == 's' ? &port_file : &where) = optarg;
    if (!where || argc - optind != (port_file ? 0 : 2)) {
        fprintf(stderr, "usage: agent -m MODEL FACTS QUESTION\n");
        return 2;
    }
    if (!(model = model_open(where))) {
        fprintf(stderr, "agent: %s: %s\n", where, strerror(errno));
        return 1;
    }
    rc = port_file ? model_serve(port_file, model) != 0 : ask(model, argv[optind], argv[optind + 1]);
    model_close(model);
    return rc;
}
