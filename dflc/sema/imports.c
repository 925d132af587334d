/* The files of a program: finding and parsing what is imported, and who sees whose declarations.
 *
 * `import "common.dfl"` is looked for beside the file that says it, then in each -I directory. A
 * file is read once, whatever the ways to it are called. Imports may not go in a circle, so the
 * files have an order in which each one comes after all that it imports; declarations are resolved
 * in that order. A file sees its own names, those of its imports, and of theirs in turn. */
#define _XOPEN_SOURCE 700
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Loading recurses over this. */
enum { MAX_IMPORT_DEPTH = 100, MAX_CIRCLE_NOTES = 8 };

typedef struct Loader {
    Sema *s;
    const char **dirs;
    size_t n_dirs;
    StrMap by_real;                           /* real path -> FileSema */
    FileSema *stack[MAX_IMPORT_DEPTH + 1];    /* each one imports the next ... */
    const AstItem *via[MAX_IMPORT_DEPTH + 1]; /* ... by this import of its own */
    size_t n;
} Loader;

/* ---- finding ---- */

/* The real path of a file that exists, interned; NULL with errno. One that is nowhere but in the view is
 * known by its path. */
static const char *real_path(Sema *s, const FileView *view, const char *path) {
    char *real = realpath(path, NULL);
    if (!real) {
        int error = errno;
        if (view && view->read(view, s->arena, path))
            return intern_cstr(s->comp->names, path);
        errno = error;
        return NULL;
    }
    const char *name = intern_cstr(s->comp->names, real);
    free(real);
    return name;
}

/* "lib/a.dfl" and "b.dfl" -> "lib/b.dfl" */
static const char *beside(Sema *s, const char *path, const char *name) {
    const char *slash = strrchr(path, '/');
    return slash ? arena_printf(s->arena, "%.*s%s", (int)(slash + 1 - path), path, name) : name;
}

static const char *in_directory(Sema *s, const char *dir, const char *name) {
    size_t n = strlen(dir);
    return arena_printf(s->arena, "%s%s%s", dir, n > 0 && dir[n - 1] == '/' ? "" : "/", name);
}

/* The i-th place to look for an import; NULL after the last. */
static const char *candidate(const Loader *l, const FileSema *file, const char *name, size_t i) {
    if (name[0] == '/')
        return i == 0 ? name : NULL;
    if (i == 0)
        return beside(l->s, file->ast->source->path, name);
    return i <= l->n_dirs ? in_directory(l->s, l->dirs[i - 1], name) : NULL;
}

static void refuse_unreadable(const Loader *l, const AstItem *item, const char *path) {
    if (errno == ENOTSUP) {
        diag_error(l->s->diags, item->span, "'%s' is no plain file, so it cannot be imported", path);
        return;
    }
    diag_error(l->s->diags, item->span, "cannot read '%s': %s", path, strerror(errno));
}

static void refuse_missing(const Loader *l, const FileSema *file, const AstItem *item) {
    const char *path;
    Diag *diag = diag_error(l->s->diags, item->span, "cannot find '%s'%s", item->text,
                            l->n_dirs > 0 ? "" : "; -I DIR names further places to look in");
    for (size_t i = 0; (path = candidate(l, file, item->text, i)); i++)
        diag_note(diag, (Span){0}, "'%s' does not exist", path);
}

/* The path of the first file that exists, and its real one; NULL after a message. */
static const char *find(const Loader *l, const FileSema *file, const AstItem *item,
                        const char **real) {
    const char *path;
    if (item->text[0] == '\0') {
        diag_error(l->s->diags, item->span, "an import names a file, such as \"common.dfl\"");
        return NULL;
    }
    for (size_t i = 0; (path = candidate(l, file, item->text, i)); i++) {
        *real = real_path(l->s, file->ast->source->view, path);
        if (*real)
            return path;
        if (errno != ENOENT && errno != ENOTDIR) {
            refuse_unreadable(l, item, path);
            return NULL;
        }
    }
    refuse_missing(l, file, item);
    return NULL;
}

/* ---- circles ---- */

static void note_import(Diag *diag, const FileSema *from, const AstItem *item, const FileSema *to) {
    diag_note(diag, item->span, "'%s' imports '%s' here", from->ast->source->path,
              to->ast->source->path);
}

/* `item` of the last file on the stack imports one that is further down on it. */
static void refuse_circle(const Loader *l, const AstItem *item, const FileSema *to) {
    size_t from = l->n - 1;
    while (l->stack[from] != to)
        from--;
    if (from == l->n - 1) {
        diag_error(l->s->diags, item->span, "this file imports itself");
        return;
    }
    Diag *diag = diag_error(l->s->diags, item->span,
                            "files cannot import each other in a circle: this leads back to '%s'",
                            to->ast->source->path);
    for (size_t i = from; i + 1 < l->n; i++) {
        if (i - from == MAX_CIRCLE_NOTES) {
            diag_note(diag, (Span){0}, "and so on, through %zu more", l->n - 1 - i);
            return;
        }
        note_import(diag, l->stack[i], l->via[i], l->stack[i + 1]);
    }
}

/* ---- reading ---- */

static FileSema *new_file(Loader *l, const AstFile *ast, const char *real) {
    FileSema *file = ARENA_NEW(l->s->arena, FileSema);
    file->ast = ast;
    file->prefix = "";
    if (real)
        strmap_put(&l->by_real, l->s->arena, real, file);
    return file;
}

/* NULL after a message. */
static FileSema *read_file(Loader *l, const FileSema *from, const AstItem *item, const char *path,
                           const char *real) {
    Sema *s = l->s;
    Source *source = source_read_through(from->ast->source->view, s->arena, path);
    if (!source) {
        refuse_unreadable(l, item, path);
        return NULL;
    }
    Program *program = s->program;
    ARENA_PUSH(s->arena, program->imports, program->n_imports, program->cap_imports, source);
    FileSema *file = new_file(l, ast_parse(s->comp, source), real);
    file->imported = true;
    return file;
}

static void load(Loader *l, FileSema *file);

static void load_import(Loader *l, FileSema *file, const AstItem *item) {
    const char *real, *path = find(l, file, item, &real);
    if (!path)
        return;
    FileSema *to = strmap_get(&l->by_real, real);
    if (to && !to->loaded) {
        refuse_circle(l, item, to);
        return;
    }
    if (!to && l->n == MAX_IMPORT_DEPTH) {
        diag_error(l->s->diags, item->span, "imports are nested more than %d files deep",
                   MAX_IMPORT_DEPTH);
        return;
    }
    if (!to) {
        size_t errors = diags_errors(l->s->diags);
        to = read_file(l, file, item, path, real);
        if (!to)
            return;
        l->via[l->n - 1] = item;
        if (diags_errors(l->s->diags) == errors)
            load(l, to);
        to->loaded = true;
    }
    ARENA_PUSH(l->s->arena, file->imports, file->n_imports, file->cap_imports, to);
}

static void load(Loader *l, FileSema *file) {
    Sema *s = l->s;
    l->stack[l->n++] = file;
    for (size_t i = 0; i < file->ast->n_items; i++)
        if (file->ast->items[i].kind == AI_IMPORT)
            load_import(l, file, &file->ast->items[i]);
    l->n--;
    file->loaded = true;
    ARENA_PUSH(s->arena, s->files, s->n_files, s->cap_files, file);
}

bool imports_load(Sema *s, const AstFile *main, const char **dirs, size_t n_dirs) {
    size_t errors = diags_errors(s->diags);
    Loader *l = ARENA_NEW(s->arena, Loader);
    l->s = s;
    l->dirs = dirs;
    l->n_dirs = n_dirs;
    load(l, new_file(l, main, real_path(s, main->source->view, main->source->path)));
    return diags_errors(s->diags) == errors;
}

/* ---- who sees what ---- */

void imports_enter(Sema *s, FileSema *file) {
    FileSema **work = NULL;
    size_t n = 0, cap = 0;
    if (s->file == file)
        return;
    s->file = file;
    file->seen_at = ++s->n_entered;
    ARENA_PUSH(s->arena, work, n, cap, file);
    while (n > 0) {
        const FileSema *next = work[--n];
        for (size_t i = 0; i < next->n_imports; i++) {
            FileSema *to = next->imports[i];
            if (to->seen_at == s->n_entered)
                continue;
            to->seen_at = s->n_entered;
            ARENA_PUSH(s->arena, work, n, cap, to);
        }
    }
}

bool imports_see(const Sema *s, const FileSema *file) {
    return !file || file->seen_at == s->n_entered;
}

const char *imports_hint(Sema *s, const FileSema *file) {
    return arena_printf(s->arena, "; '%s' declares it, which '%s' does not import",
                        file->ast->source->path, s->file->ast->source->path);
}

void imports_refuse_twice(Sema *s, const char *what, AstName name, Span first,
                          const FileSema *file) {
    const FileSema *main = s->files[s->n_files - 1];
    Diag *diag;
    if (file == s->file)
        diag = diag_error(s->diags, name.span, "%s '%s' is declared twice", what, name.text);
    else if (imports_see(s, file))
        diag = diag_error(s->diags, name.span,
                          "%s '%s' shadows the one that is imported from '%s'; choose another name",
                          what, name.text, file->ast->source->path);
    else
        diag = diag_error(s->diags, name.span,
                          "%s '%s' is declared in '%s' too, and '%s' imports both", what, name.text,
                          file->ast->source->path, main->ast->source->path);
    if (file == s->file)
        diag_note(diag, first, "first declared here");
    else
        diag_note(diag, first, "the other '%s' is here", name.text);
}
