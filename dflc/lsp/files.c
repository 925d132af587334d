/* A file with what it imports, directly or through others. */
#include <string.h>
#include <unistd.h>

#include "index.h"
#include "repair.h"
#include "uri.h"

enum { MOST_FILES = 1000 };

typedef struct Loader {
    Index *index;
    const FileView *view;
    const char **dirs;
    size_t n_dirs;
    StrMap by_real;
} Loader;

static FileIndex *read_file(Loader *l, const char *real) {
    Index *index = l->index;
    Source *source =
        index->n_files < MOST_FILES ? source_read_through(l->view, index->arena, real) : NULL;
    if (!source)
        return NULL;
    FileIndex *file = ARENA_NEW(index->arena, FileIndex);
    file->source = source;
    file->real = real;
    file->prefix = "";
    file->file = parse_tolerant(index->arena, index->names, source);
    for (size_t i = 0; i < file->file->n_items; i++)
        if (file->file->items[i].kind == AI_PREFIX)
            file->prefix = arena_printf(index->arena, "%s_", file->file->items[i].name.text);
    strmap_put(&l->by_real, index->arena, real, file);
    ARENA_PUSH(index->arena, index->files, index->n_files, index->cap_files, file);
    return file;
}

/* Beside the file, then in the directories of -I. */
static FileIndex *find_import(Loader *l, const FileIndex *from, const char *name) {
    Arena *arena = l->index->arena;
    for (size_t i = 0; i <= l->n_dirs; i++) {
        const char *path = i == 0 ? path_beside(arena, from->real, name)
                                  : arena_printf(arena, "%s/%s", l->dirs[i - 1], name);
        const char *real = intern_cstr(l->index->names, path_real(arena, path));
        FileIndex *file = strmap_get(&l->by_real, real);
        if (!file && (i > 0 && name[0] == '/'))
            return NULL;
        if (file || (file = read_file(l, real)))
            return file;
    }
    return NULL;
}

Index *index_new(Arena *arena, const FileView *view, const char *path, const char **dirs,
                 size_t n_dirs) {
    Index *index = ARENA_NEW(arena, Index);
    index->arena = arena;
    index->names = interner_new(arena);
    Loader l = {.index = index, .view = view, .dirs = dirs, .n_dirs = n_dirs};
    FileIndex *self = read_file(&l, intern_cstr(index->names, path));
    if (!self)
        return NULL;
    for (size_t i = 0; i < index->n_files; i++) {
        FileIndex *file = index->files[i];
        for (size_t k = 0; k < file->file->n_items; k++) {
            const AstItem *item = &file->file->items[k];
            FileIndex *to =
                item->kind == AI_IMPORT && item->text[0] ? find_import(&l, file, item->text) : NULL;
            if (to)
                ARENA_PUSH(arena, file->imports, file->n_imports, file->cap_imports, to);
        }
    }
    index->tokens = tokens_of(arena, self->source);
    index_declare(index);
    index_occur(index);
    return index;
}
