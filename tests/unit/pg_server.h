/* A PostgreSQL server for the tests of a program: tests/pg_server.sh. */
#ifndef PG_SERVER_H
#define PG_SERVER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char pg_dir[128];
static char pg_conninfo[256];

/* In the directory that holds this file's. */
static inline FILE *pg_script(const char *arguments) {
    static char command[1024];
    const char *end = strrchr(__FILE__, '/');
    snprintf(command, sizeof command, "PG_SERVER_FOR=%d '%.*s/../pg_server.sh' %s", (int)getpid(),
             (int)(end - __FILE__), __FILE__, arguments);
    return popen(command, "r");
}

static inline int pg_start(const char *options) {
    char arguments[256];
    FILE *said;
    snprintf(arguments, sizeof arguments, "start %s", options);
    said = pg_script(arguments);
    if (!said || !fgets(pg_dir, sizeof pg_dir, said))
        return 1;
    pg_dir[strcspn(pg_dir, "\n")] = '\0';
    snprintf(pg_conninfo, sizeof pg_conninfo, "host=%s user=dflc dbname=dflc", pg_dir);
    return pclose(said);
}

static inline int pg_do(const char *verb) {
    char arguments[256];
    FILE *said;
    snprintf(arguments, sizeof arguments, "%s '%s'", verb, pg_dir);
    said = pg_script(arguments);
    return said ? pclose(said) : 1;
}

#endif
