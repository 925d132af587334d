#include "theme.h"

#include <stdbool.h>
#include <string.h>

#include "assets.h"

typedef struct Colour {
    const char *name, *light, *dark;
} Colour;

static const Colour colours[] = {
    {"paper", "#ffffff", "#0f1419"},        {"ink", "#1c2128", "#e6edf3"},
    {"muted", "#5b6570", "#9aa5b1"},        {"edge", "#6b7682", "#8c97a3"},
    {"node", "#ffffff", "#1b222b"},         {"node-line", "#8a95a1", "#66717d"},
    {"end", "#e4e8ec", "#2a323c"},          {"label", "#ffffff", "#151b22"},
    {"label-line", "#cfd6dd", "#3a434d"},   {"choice", "#fdf6e0", "#2b2614"},
    {"choice-line", "#cfa53a", "#96782a"},  {"router", "#f5efff", "#251d38"},
    {"router-line", "#9b72e0", "#7f5cc4"},  {"section", "#f2f7f3", "#131d19"},
    {"section-head", "#e3efe6", "#1a2a22"}, {"section-line", "#a3c4ae", "#37584a"},
    {"lane", "#fbfdfb", "#17231e"},         {"bar", "#3c8054", "#4f9a6b"},
    {"graph", "#f4f6fb", "#141a26"},        {"graph-head", "#e6eaf6", "#1c2436"},
    {"graph-line", "#a4b0d6", "#434f78"},   {"loop", "#0a66c2", "#5aa9ff"},
    {"error", "#c5221f", "#ff7b72"},        {"timeout", "#b5510c", "#f0954b"},
    {"pause", "#fff2d9", "#33280f"},        {"pause-line", "#c27803", "#d99a2b"},
    {"checkpoint", "#0f7b78", "#3dbdb4"},   {"effect", "#b3267b", "#f07fc0"},
    {"critical", "#d1242f", "#ff6b6b"},     {"heat-1", "#fff8e6", "#262112"},
    {"heat-2", "#ffedc2", "#3a2d10"},       {"heat-3", "#ffd894", "#573a0d"},
    {"heat-4", "#ffb95e", "#7a460c"},       {"heat-5", "#ff9440", "#a3500f"},
};

static const Colour *colour_named(const char *name, size_t n) {
    for (size_t i = 0; i < sizeof colours / sizeof *colours; i++)
        if (strlen(colours[i].name) == n && strncmp(colours[i].name, name, n) == 0)
            return &colours[i];
    return NULL;
}

static void write_line(FILE *out, const char *line, bool dark) {
    for (const char *var; (var = strstr(line, "var(--"));) {
        const char *name = var + 6;
        size_t n = strcspn(name, ")");
        const Colour *colour = colour_named(name, n);
        fwrite(line, 1, (size_t)(var - line), out);
        fputs(dark ? colour->dark : colour->light, out);
        line = name + n + 1;
    }
    fprintf(out, "%s\n", line);
}

/* On dark ground only rules with a colour differ. The first line of a file is a comment. */
static void write_rules(FILE *out, const char *const *lines, bool dark) {
    for (size_t i = 1; lines[i]; i++)
        if (!dark || strstr(lines[i], "var("))
            write_line(out, lines[i], dark);
}

void theme_write_plain(FILE *out, bool traced) {
    for (int dark = 0; dark < 2; dark++) {
        if (dark)
            fputs("@media (prefers-color-scheme: dark) {\n", out);
        write_rules(out, asset_drawing_css, dark);
        if (traced)
            write_rules(out, asset_traced_css, dark);
    }
    fputs("}\n", out);
}

static void write_as_is(FILE *out, const char *const *lines) {
    for (size_t i = 1; lines[i]; i++)
        fprintf(out, "%s\n", lines[i]);
}

static void write_colours(FILE *out, bool dark) {
    for (size_t i = 0; i < sizeof colours / sizeof *colours; i++)
        fprintf(out, "--%s: %s;\n", colours[i].name, dark ? colours[i].dark : colours[i].light);
}

void theme_write_variables(FILE *out, bool traced) {
    fputs(":root {\ncolor-scheme: light;\n", out);
    write_colours(out, false);
    fputs("}\n@media (prefers-color-scheme: dark) {\n:root:not([data-theme=light]) "
          "{\ncolor-scheme: dark;\n",
          out);
    write_colours(out, true);
    fputs("}\n}\n:root[data-theme=dark] {\ncolor-scheme: dark;\n", out);
    write_colours(out, true);
    fputs("}\n", out);
    write_as_is(out, asset_drawing_css);
    if (traced)
        write_as_is(out, asset_traced_css);
}
