/* What `dflc fmt` makes of a document, as an edit of the lines that differ. */
#include <string.h>

#include "dflc/fmt/fmt.h"
#include "server.h"

/* The first bytes that both have, whole lines. */
static size_t same_lines(const char *a, size_t n, const char *b, size_t m) {
    size_t same = 0;
    for (size_t i = 0; i < n && i < m && a[i] == b[i]; i++)
        if (a[i] == '\n')
            same = i + 1;
    return same;
}

/* The last ones, of what both have behind `from`. */
static size_t same_end(const char *a, size_t n, const char *b, size_t m, size_t from) {
    size_t same = 0;
    for (size_t i = 0; i < n - from && i < m - from && a[n - i - 1] == b[m - i - 1]; i++)
        if (i + 1 == n - from || a[n - i - 2] == '\n')
            same = i + 1;
    if (same < m - from && m > same && b[m - same - 1] != '\n')
        same = 0; /* not the beginning of a line there */
    return same;
}

json_t *answer_formatting(Request *r) {
    Document *document = request_document(r);
    if (!document)
        return NULL;
    Analysis *analysis = document->analysis;
    if (!analysis->parses)
        return refuse(r, REQUEST_FAILED, "a file with a syntax error is left alone");
    FmtText laid;
    if (!fmt_lay(&analysis->comp, analysis->file, &laid))
        return refuse(r, REQUEST_FAILED, "internal error: the layout loses something");
    const Text *text = &document->text;
    size_t begin = same_lines(text->p, text->n, laid.text, laid.n);
    if (begin == text->n && begin == laid.n)
        return json_array();
    size_t end = same_end(text->p, text->n, laid.text, laid.n, begin);
    return json_pack("[{s:o, s:o}]", "range",
                     json_of_range(text, (uint32_t)begin, (uint32_t)(text->n - end)), "newText",
                     json_of_text(laid.text + begin, laid.n - begin - end));
}
