/* metrics_check.h: does a text keep the rules of Prometheus' text format (0.0.4), and what is in it?
 *
 * - Lines end with a line feed, the last one too. A line is a comment, or NAME{LABEL="VALUE",...} NUMBER.
 * - HELP and TYPE of a metric come once and before its samples, and those of one metric stand together.
 * - No two samples have the same name and labels.
 * - Names of counters end in _total, of no other metric; times are in seconds.
 * - Of a histogram: buckets in rising order of `le`, none smaller than the one before, the last +Inf and equal to
 *   _count; then _sum and _count.
 *
 * A reader of its own, which knows nothing of how the text is written. */
#ifndef METRICS_CHECK_H
#define METRICS_CHECK_H

#include <ctype.h>
#include <string.h>

#include "check.h"

typedef struct Sample {
    char name[256];   /* of the metric with its suffix */
    char labels[512]; /* as in the text, without le */
    char le[32];      /* or "" */
    double value;
} Sample;

typedef struct Family {
    char name[256], type[32];
} Family;

static inline size_t metrics_name(const char *p, const char *more) {
    size_t n = 0;
    CHECK(isalpha((unsigned char)*p) || *p == '_');
    while (isalnum((unsigned char)p[n]) || p[n] == '_' || (p[n] && strchr(more, p[n])))
        n++;
    return n;
}

/* Behind the value's closing quote. */
static inline const char *metrics_label_value(const char *p) {
    CHECK(*p++ == '"');
    for (; *p != '"'; p++) {
        CHECK(*p && *p != '\n');
        if (*p == '\\')
            CHECK(*++p == '\\' || *p == '"' || *p == 'n');
    }
    return p + 1;
}

static inline void metrics_label(Sample *sample, const char *from, size_t name, const char *end) {
    if (name == 2 && strncmp(from, "le", 2) == 0)
        snprintf(sample->le, sizeof sample->le, "%.*s", (int)(end - from - 5), from + 4);
    else
        snprintf(sample->labels + strlen(sample->labels),
                 sizeof sample->labels - strlen(sample->labels), "%s%.*s",
                 sample->labels[0] ? "," : "", (int)(end - from), from);
}

/* A line of a sample; behind it. */
static inline const char *metrics_sample(const char *p, Sample *sample) {
    size_t n = metrics_name(p, ":");
    char *end;
    memset(sample, 0, sizeof *sample);
    CHECK(n < sizeof sample->name);
    memcpy(sample->name, p, n);
    p += n;
    if (*p == '{') {
        do {
            size_t name = metrics_name(++p, "");
            const char *from = p;
            CHECK(p[name] == '=');
            p = metrics_label_value(p + name + 1);
            metrics_label(sample, from, name, p);
        } while (*p == ',');
        CHECK(*p++ == '}');
    }
    CHECK(*p == ' ' && isdigit((unsigned char)p[1]));
    sample->value = strtod(p, &end);
    CHECK(*end == '\n');
    return end + 1;
}

static inline bool metrics_ends(const char *name, const char *suffix) {
    size_t n = strlen(name), m = strlen(suffix);
    return n > m && strcmp(name + n - m, suffix) == 0;
}

/* HELP and TYPE of the next metric; behind them. */
static inline const char *metrics_head(const char *p, Family *family) {
    size_t n;
    CHECK(strncmp(p, "# HELP ", 7) == 0);
    n = metrics_name(p + 7, ":");
    CHECK(n < sizeof family->name && p[7 + n] == ' ' && p[8 + n] != '\n');
    snprintf(family->name, sizeof family->name, "%.*s", (int)n, p + 7);
    p = strchr(p, '\n') + 1;
    CHECK(strncmp(p, "# TYPE ", 7) == 0 && strncmp(p + 7, family->name, n) == 0 && p[7 + n] == ' ');
    p += 8 + n;
    n = strcspn(p, "\n");
    snprintf(family->type, sizeof family->type, "%.*s", (int)n, p);
    CHECK(strcmp(family->type, "counter") == 0 || strcmp(family->type, "gauge") == 0 ||
          strcmp(family->type, "histogram") == 0);
    CHECK(metrics_ends(family->name, "_total") == (strcmp(family->type, "counter") == 0));
    CHECK((strcmp(family->type, "histogram") == 0) == metrics_ends(family->name, "_seconds"));
    return p + n + 1;
}

/* One histogram from its first bucket on. */
static inline const char *metrics_histogram(const char *p, const Family *family) {
    Sample sample, first, sum;
    double le = -1, below = 0;
    char suffixed[300];
    snprintf(suffixed, sizeof suffixed, "%s_bucket", family->name);
    for (const char *next = metrics_sample(p, &first); strcmp(first.name, suffixed) == 0;) {
        CHECK(first.le[0] && first.value >= below && strtod(first.le, NULL) > le);
        le = strtod(first.le, NULL);
        below = first.value;
        p = next;
        if (strcmp(first.le, "+Inf") == 0)
            break;
        next = metrics_sample(p, &sample);
        CHECK(strcmp(sample.labels, first.labels) == 0);
        first = sample;
    }
    CHECK(strcmp(first.le, "+Inf") == 0);
    p = metrics_sample(p, &sum);
    snprintf(suffixed, sizeof suffixed, "%s_sum", family->name);
    CHECK(strcmp(sum.name, suffixed) == 0 && strcmp(sum.labels, first.labels) == 0 && !sum.le[0]);
    p = metrics_sample(p, &sample);
    snprintf(suffixed, sizeof suffixed, "%s_count", family->name);
    CHECK(strcmp(sample.name, suffixed) == 0 && strcmp(sample.labels, first.labels) == 0);
    CHECK(sample.value == below && (below > 0 || sum.value == 0));
    return p;
}

/* Whether the line at p, up to its value, comes again. */
static inline void metrics_is_once(const char *text, const char *p) {
    const char *end = p + strcspn(p, "\n");
    while (*end != ' ')
        end--;
    for (const char *at = strstr(p + 1, "\n"); at && at[1]; at = strchr(at + 1, '\n'))
        CHECK(strncmp(at + 1, p, (size_t)(end - p) + 1) != 0);
    CHECK(text <= p);
}

static inline void metrics_check(const char *text) {
    Family family;
    for (const char *p = text; *p;) {
        Sample sample;
        metrics_is_once(text, p); /* of a HELP: the metric comes once */
        p = metrics_head(p, &family);
        while (*p && *p != '#') {
            metrics_is_once(text, p);
            if (strcmp(family.type, "histogram") == 0) {
                p = metrics_histogram(p, &family);
                continue;
            }
            p = metrics_sample(p, &sample);
            CHECK(strcmp(sample.name, family.name) == 0 && !sample.le[0]);
        }
    }
}

/* The value of a sample, named as in the text: name{labels}. */
static inline double metrics_value(const char *text, const char *series) {
    size_t n = strlen(series);
    for (const char *p = text; *p; p = strchr(p, '\n') + 1)
        if (strncmp(p, series, n) == 0 && p[n] == ' ')
            return strtod(p + n, NULL);
    fprintf(stderr, "no %s in\n%s", series, text);
    CHECK(!"the sample");
    return 0;
}

#endif
