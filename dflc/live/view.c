#include "view.h"

#include <ctype.h>
#include <string.h>

/* ---- keys ---- */

static void erase_last(View *view) {
    size_t n = strlen(view->filter);
    while (n > 0 && ((unsigned char)view->filter[n - 1] & 0xc0) == 0x80)
        n--;
    view->filter[n > 0 ? n - 1 : 0] = '\0';
}

static void type(View *view, int key) {
    size_t n = strlen(view->filter);
    if (key == SCREEN_ESCAPE)
        view->filter[0] = '\0';
    if (key == SCREEN_ESCAPE || key == SCREEN_ENTER)
        view->is_typing = false;
    else if (key == SCREEN_BACKSPACE)
        erase_last(view);
    else if (key >= ' ' && key < 256 && n + 1 < sizeof view->filter) {
        view->filter[n] = (char)key;
        view->filter[n + 1] = '\0';
    }
    view->top = 0;
}

static bool sort_by(View *view, int key) {
    for (size_t i = 0; i < view->n_keys; i++)
        if (view->keys[i].key == key) {
            view->is_reversed = view->sort == i && !view->is_reversed;
            view->sort = i;
            view->top = 0;
            return true;
        }
    return false;
}

static bool scroll(View *view, int key) {
    size_t page = view->page > 1 ? view->page - 1 : 1;
    switch (key) {
    case SCREEN_UP:
        view->top -= view->top > 0;
        break;
    case SCREEN_DOWN:
        view->top++;
        break;
    case SCREEN_PAGE_UP:
        view->top -= view->top < page ? view->top : page;
        break;
    case SCREEN_PAGE_DOWN:
        view->top += page;
        break;
    case SCREEN_HOME:
        view->top = 0;
        break;
    case SCREEN_END:
        view->top = view->total;
        break;
    default:
        return false;
    }
    view_settle(view);
    return true;
}

bool view_key(View *view, int key) {
    if (key == SCREEN_QUIT || (key == 'q' && !view->is_typing)) {
        view->is_done = true;
    } else if (key == SCREEN_RESIZED || scroll(view, key)) {
        return true;
    } else if (view->is_typing) {
        type(view, key);
    } else if (key == '/') {
        view->is_typing = true;
    } else if (key == ' ') {
        view->is_paused = !view->is_paused;
    } else if (key == SCREEN_ESCAPE) {
        view->filter[0] = '\0';
    } else {
        return sort_by(view, key);
    }
    return true;
}

void view_settle(View *view) {
    size_t last = view->total > view->page ? view->total - view->page : 0;
    if (view->top > last)
        view->top = last;
}

/* ---- the filter ---- */

static bool begins_with(const char *text, const char *filter) {
    while (*filter && tolower((unsigned char)*text) == tolower((unsigned char)*filter))
        text++, filter++;
    return !*filter;
}

bool view_passes(const View *view, const char *text) {
    if (!view->filter[0])
        return true;
    for (; *text; text++)
        if (begins_with(text, view->filter))
            return true;
    return false;
}
