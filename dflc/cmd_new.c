/* dflc new DIR: a graph, its node functions and a main, small enough to be read at once. */
#define _XOPEN_SOURCE 700 /* realpath, and POSIX 2008 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "cwriter.h"
#include "outfile.h"
#include "sema/sema.h"

/* ---- what is written; NAME stands for the graph ---- */

static const char graph_text[] =
    "// NAME.dfl: says hello a few times, and puts it all on one line.\n"
    "\n"
    "graph NAME {\n"
    "\n"
    "    state {\n"
    "        in who       : string;                    // set by main\n"
    "        in times     : i64 = 3;\n"
    "        lines        : string[]  merge append;    // each greeting adds one\n"
    "        out greeting : string;                    // read by main\n"
    "    }\n"
    "\n"
    "    node greet   (in who, out lines)       cost 1us;\n"
    "    node combine (in lines, out greeting)  cost 1us;\n"
    "\n"
    "    start -> greet;\n"
    "    greet -> greet when len(lines) < times max 100;\n"
    "    greet -> combine -> end;\n"
    "}\n";

static const char nodes_text[] =
    "// The node functions of NAME.dfl, and a main that runs it once.\n"
    "#include \"NAME.h\"\n"
    "\n"
    "#include <stdio.h>\n"
    "\n"
    "int NAME_greet(dfl_ctx *ctx, dfl_str who, dfl_str_list *lines) {\n"
    "    dfl_str_list_push(ctx, lines, dfl_printf(ctx, \"Hello, %s!\", who.p));\n"
    "    return 0;\n"
    "}\n"
    "\n"
    "int NAME_combine(dfl_ctx *ctx, dfl_str_list lines, dfl_str *greeting) {\n"
    "    dfl_str all = DFL_STR(\"\");\n"
    "    for (uint32_t i = 0; i < lines.len; i++)\n"
    "        all = dfl_printf(ctx, \"%s%s%s\", all.p, i ? \" \" : \"\", lines.items[i].p);\n"
    "    *greeting = all;\n"
    "    return 0;\n"
    "}\n"
    "\n"
    "int main(int argc, char **argv) {\n"
    "    NAME_state state;\n"
    "    dfl_error error;\n"
    "    NAME_state_init(&state);\n"
    "    state.who = dfl_strdup(NAME_state_ctx(&state), argc > 1 ? argv[1] : \"world\");\n"
    "    int status = NAME_run(&state, &(dfl_run){.error = &error});\n"
    "    if (status == DFL_OK)\n"
    "        printf(\"%.*s\\n\", DFL_ARG(state.greeting));\n"
    "    else\n"
    "        fprintf(stderr, \"%s: %s\\n\", error.node,\n"
    "                error.message[0] ? error.message : dfl_strerror(status));\n"
    "    NAME_state_free(&state);\n"
    "    return status != DFL_OK;\n"
    "}\n";

static const char make_text[] =
    "# DFLRT is where dfl.h and libdflrt.a are, if not beside dflc, in ../include and ../lib from there, or\n"
    "# where the compiler looks.\n"
    "DFLC   ?= dflc\n"
    "DFLRT  ?= $(dir $(shell command -v $(DFLC)))\n"
    "CFLAGS ?= -O2 -g -Wall -Wextra\n"
    "LIBS    = $(firstword $(wildcard $(DFLRT)/libdflrt.a $(DFLRT)/../lib/libdflrt.a) -ldflrt)\n"
    "\n"
    "NAME: NAME.o nodes.o\n"
    "\t$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) -lpthread -lm\n"
    "\n"
    "NAME.o: NAME.c\n"
    "NAME.o nodes.o: NAME.h\n"
    "\n"
    "%.c %.h: %.dfl\n"
    "\t$(DFLC) $<\n"
    "\n"
    "%.o: %.c\n"
    "\t$(CC) -std=c11 $(CFLAGS) -I$(DFLRT) -I$(DFLRT)/../include -c -o $@ $<\n"
    "\n"
    ".PHONY: run clean\n"
    "run: NAME\n"
    "\t@./NAME\n"
    "\n"
    "clean:\n"
    "\trm -f NAME NAME.c NAME.h *.o\n";

static const char ignore_text[] = "/NAME\n/NAME.[ch]\n*.o\n";

static const char readme_text[] =
    "# NAME\n"
    "\n"
    "`NAME.dfl` says which steps there are and in which order they go; `nodes.c` holds the steps.\n"
    "\n"
    "```\n"
    "make run            build and run it\n"
    "dflc graph NAME.dfl | dot -Tpng -o NAME.png\n"
    "```\n";

/* The text with NAME replaced. */
static OutFile expand(Arena *arena, const char *path, const char *text, const char *name) {
    CWriter *w = cwriter_new(arena);
    for (const char *next; (next = strstr(text, "NAME")); text = next + 4) {
        cw_verbatim(w, text, (size_t)(next - text));
        cw_verbatim(w, name, strlen(name));
    }
    cw_verbatim(w, text, strlen(text));
    return (OutFile){path, w->text, w->n};
}

/* ---- the name ---- */

/* The last part of the directory's real path. */
static const char *base_name(Arena *arena, const char *directory) {
    char *real = realpath(directory, NULL);
    const char *path = real ? arena_strndup(arena, real, strlen(real)) : directory;
    const char *slash = strrchr(path, '/');
    free(real);
    return slash ? slash + 1 : path;
}

/* "3rd-try (new)" to "g_3rd_try_new". */
static const char *identifier_of(Arena *arena, const char *text) {
    enum { LONGEST = 40 };
    char *name = arena_alloc(arena, LONGEST + 3), *n = name;
    for (; *text && n < name + LONGEST; text++) {
        bool good = isascii((unsigned char)*text) && isalnum((unsigned char)*text);
        if (good && n == name && isdigit((unsigned char)*text))
            n = stpcpy(n, "g_");
        if (good)
            *n++ = *text;
        else if (n > name && n[-1] != '_')
            *n++ = '_';
    }
    while (n > name && n[-1] == '_')
        *--n = '\0';
    return n == name ? "project" : name;
}

/* Whether the files fit together under this name, and the language takes it. */
static bool is_good_name(Arena *arena, const char *name) {
    static const char *const taken[] = {"nodes", "run", "clean", "Makefile", NULL};
    for (size_t i = 0; taken[i]; i++)
        if (strcmp(name, taken[i]) == 0)
            return false;
    Compilation comp = {arena, interner_new(arena), diags_new(arena)};
    OutFile text = expand(arena, "", graph_text, name);
    AstFile *file = ast_parse(&comp, source_from_text(arena, "", text.text, text.n));
    if (diags_errors(comp.diags) == 0)
        sema_program(&comp, file, NULL, 0);
    return diags_errors(comp.diags) == 0;
}

static const char *project_name(Arena *arena, const char *directory) {
    const char *name = identifier_of(arena, base_name(arena, directory));
    return is_good_name(arena, name) ? name : arena_printf(arena, "%s_graph", name);
}

/* ---- the directory ---- */

static int complain(const char *directory, const char *why) {
    fprintf(stderr, "dflc: cannot make a project in '%s': %s\n", directory, why);
    return BAD_USE;
}

/* What is there already, or NULL. A repository that was just begun counts as empty. */
static const char *something_in(Arena *arena, DIR *dir) {
    for (struct dirent *entry; (entry = readdir(dir));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            strcmp(entry->d_name, ".git") != 0)
            return arena_strndup(arena, entry->d_name, strlen(entry->d_name));
    return NULL;
}

/* Makes it, or finds it empty; *made says which. */
static int prepare(Arena *arena, const char *directory, bool *made) {
    *made = mkdir(directory, 0777) == 0;
    if (!*made && errno != EEXIST)
        return complain(directory, strerror(errno));
    DIR *dir = opendir(directory);
    if (!dir)
        return complain(directory, strerror(errno));
    const char *found = something_in(arena, dir);
    closedir(dir);
    if (found)
        return complain(directory, arena_printf(arena, "it is not empty, there is '%s'", found));
    return DONE;
}

int cmd_new(Arena *arena, const char *directory) {
    bool made;
    int status = prepare(arena, directory, &made);
    if (status != DONE)
        return status;
    const char *name = project_name(arena, directory);
    const char *dir = arena_printf(arena, "%s/", directory);
    OutFile files[] = {
        expand(arena, arena_printf(arena, "%s%s.dfl", dir, name), graph_text, name),
        expand(arena, arena_printf(arena, "%snodes.c", dir), nodes_text, name),
        expand(arena, arena_printf(arena, "%sMakefile", dir), make_text, name),
        expand(arena, arena_printf(arena, "%s.gitignore", dir), ignore_text, name),
        expand(arena, arena_printf(arena, "%sREADME.md", dir), readme_text, name),
    };
    if (!outfiles_write(arena, files, sizeof files / sizeof *files)) {
        if (made)
            rmdir(directory);
        return BAD_USE;
    }
    printf("%s: %s.dfl, nodes.c, Makefile, README.md\n"
           "build and run it: make -C %s run\n",
           directory, name, directory);
    return end_of_output();
}
