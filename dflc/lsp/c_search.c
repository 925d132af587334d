/* Where C functions are: a look at the text, by one who knows comments, strings
 * and braces, and no more of C. */
#include <ctype.h>
#include <string.h>

#include "workspace.h"

enum { MOST_C_BYTES = 4 * 1024 * 1024 };

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

/* Behind a comment, a string or a line of the preprocessor that begins at i; i
 * itself where none does. */
static size_t behind_text(const char *s, size_t n, size_t i, bool line_begins) {
    if (s[i] == '/' && i + 1 < n && s[i + 1] == '/') {
        while (i < n && s[i] != '\n')
            i++;
    } else if (s[i] == '/' && i + 1 < n && s[i + 1] == '*') {
        for (i += 2; i < n && !(s[i - 1] == '*' && s[i] == '/' && i > 2); i++)
            ;
        i += i < n;
    } else if (s[i] == '"' || s[i] == '\'') {
        char quote = s[i++];
        for (; i < n && s[i] != quote && s[i] != '\n'; i++)
            i += s[i] == '\\';
        i += i < n;
    } else if (s[i] == '#' && line_begins) {
        for (; i < n && s[i] != '\n'; i++)
            i += s[i] == '\\' && i + 1 < n;
    }
    return i < n ? i : n;
}

static size_t skip_space(const char *s, size_t n, size_t i) {
    for (size_t next; i < n; i = next) {
        next = isspace((unsigned char)s[i]) ? i + 1 : s[i] == '/' ? behind_text(s, n, i, false) : i;
        if (next == i)
            break;
    }
    return i;
}

/* Behind the ')' of the '(' at i. */
static size_t behind_parens(const char *s, size_t n, size_t i) {
    size_t depth = 0;
    while (i < n) {
        size_t next = behind_text(s, n, i, false);
        if (next > i) {
            i = next;
            continue;
        }
        depth += s[i] == '(';
        i++;
        if (s[i - 1] == ')' && --depth == 0)
            break;
    }
    return i;
}

/* 2: defined at `at`, 1: declared, 0: neither; outside of all braces but those
 * of extern "C" and namespaces, which look like `depth` 1 with no function
 * around. */
static int find_in(const char *s, size_t n, const char *name, uint32_t *at) {
    size_t length = strlen(name), depth = 0;
    int best = 0;
    bool line_begins = true;
    for (size_t i = 0; i < n;) {
        size_t next = behind_text(s, n, i, line_begins);
        if (next > i) {
            i = next;
            line_begins = false;
            continue;
        }
        line_begins = s[i] == '\n' || (line_begins && isspace((unsigned char)s[i]));
        if (!is_word(s[i])) {
            depth += s[i] == '{';
            depth -= s[i] == '}' && depth > 0;
            i++;
            continue;
        }
        size_t begin = i;
        while (i < n && is_word(s[i]))
            i++;
        size_t open = skip_space(s, n, i);
        if (i - begin != length || memcmp(s + begin, name, length) != 0 || depth > 1 || open >= n ||
            s[open] != '(')
            continue;
        size_t behind = skip_space(s, n, behind_parens(s, n, open));
        if (behind < n && s[behind] == '{') {
            *at = (uint32_t)begin;
            return 2;
        }
        if (best == 0 && depth == 0 && behind < n && s[behind] == ';') {
            *at = (uint32_t)begin;
            best = 1;
        }
    }
    return best;
}

bool find_c_function(Request *r, const Document *document, const char *name, CPlace *place) {
    static const char *const ends[] = {".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".hh", NULL};
    PathList files = workspace_files(r, document, ends);
    int best = 0;
    for (size_t i = 0; i < files.n && best < 2; i++) {
        Arena *scratch = arena_new();
        uint32_t at;
        const Source *source = source_read_found(scratch, files.all[i]);
        int found =
            source && source->n <= MOST_C_BYTES ? find_in(source->text, source->n, name, &at) : 0;
        if (found > best) {
            best = found;
            *place = (CPlace){files.all[i], arena_strndup(r->arena, source->text, source->n),
                              source->n, at, at + (uint32_t)strlen(name)};
        }
        arena_free(scratch);
    }
    return best > 0;
}
