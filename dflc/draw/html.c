#define _POSIX_C_SOURCE 200809L

#include "html.h"

#include <stdlib.h>

#include "assets.h"
#include "page_data.h"
#include "page_trace.h"
#include "svg.h"
#include "theme.h"

/* The first line of a file is its comment. */
static void asset(FILE *out, const char *const *lines) {
    for (size_t i = 1; lines[i]; i++)
        fprintf(out, "%s\n", lines[i]);
}

static void head(const Scene *scene, FILE *out) {
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
          "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>",
          out);
    xml_text(out, scene->d->program->source->path);
    fputs("</title>\n<style>\n", out);
    theme_write_variables(out, scene->overlay);
    asset(out, asset_page_css);
    fputs("</style>\n</head>\n<body>\n", out);
}

/* Inside of a script nothing is markup but "<", which JSON has in strings only. */
static void script_text(FILE *out, const char *json, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (json[i] == '<')
            fputs("\\u003c", out);
        else
            fputc(json[i], out);
    }
}

static bool data(const Scene *scene, FILE *out) {
    char *text = NULL;
    size_t n = 0;
    FILE *memory = open_memstream(&text, &n);
    if (!memory)
        return false;
    Json j = {.out = memory};
    json_open(&j, NULL, '{');
    page_data(&j, scene);
    if (scene->overlay)
        page_trace(&j, scene);
    json_close(&j);
    bool done = fclose(memory) == 0;
    if (done) {
        fputs("<script type=\"application/json\" id=\"data\">", out);
        script_text(out, text, n);
        fputs("</script>\n", out);
    }
    free(text);
    return done;
}

bool html_write(const Scene *scene, FILE *out) {
    head(scene, out);
    asset(out, asset_page_html);
    svg_write(scene, true, out);
    fputs("</main>\n", out);
    if (!data(scene, out))
        return false;
    fputs("<script>\n", out);
    asset(out, asset_page_js);
    if (scene->overlay)
        asset(out, asset_page_trace_js);
    fputs("</script>\n</body>\n</html>\n", out);
    return true;
}
