/* Profiles as files: read, merged, written; formats.md has the form. What is in them is only names
 * and numbers here; profile.h holds them against a program. */
#ifndef DFLC_PROFILE_FILE_H
#define DFLC_PROFILE_FILE_H

#include <stdio.h>

#include "compilation.h"

/* As in runtime/profile.c: eight buckets to a power of two. */
enum { PROFILE_FORMAT = 1, PROFILE_BUCKETS = 62 * 8 };

typedef struct ProfiledNode {
    const char *name;          /* interned, as are all names: "classify", "research/plan" */
    Span span;
    uint64_t begun, succeeded; /* first attempts; attempts that succeeded */
    uint64_t calls, ns;        /* all attempts, and their time */
    uint32_t *buckets;         /* PROFILE_BUCKETS */
} ProfiledNode;

typedef struct ProfiledSection {
    const char *name;
    Span span;
    uint64_t begun;
} ProfiledSection;

typedef struct ProfiledEdge {
    const char *from, *to;
    Span span;
    uint64_t taken;
} ProfiledEdge;

typedef struct ProfiledGraph {
    const char *name;
    Span span;
    uint64_t runs;
    ProfiledNode **nodes;
    size_t n_nodes, cap_nodes;
    ProfiledSection **sections;
    size_t n_sections, cap_sections;
    ProfiledEdge **edges;
    size_t n_edges, cap_edges;
    StrMap by_name;            /* of nodes and sections, by a letter and the name; of edges by both */
} ProfiledGraph;

typedef struct ProfileFile {
    ProfiledGraph **graphs;    /* in order of the files */
    size_t n, cap;
    StrMap by_name;
} ProfileFile;

/* Adds what a file says to *into (zeroed at first). Errors are reported. */
void profile_file_read(Compilation *comp, const Source *source, ProfileFile *into);
void profile_file_write(const ProfileFile *file, FILE *out);
/* The duration below which `percent` of the calls ended, by the middle of a bucket; 0 without calls. */
int64_t profiled_percentile(const ProfiledNode *node, unsigned percent);

#endif
