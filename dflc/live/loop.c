#include "loop.h"

#include "clock.h"

/* True: the picture has changed. */
static bool take_key(const Loop *loop, int key) {
    return view_key(loop->view, key) || (loop->key && loop->key(loop->user, key));
}

/* False: it is over. */
static bool keys_until(const Loop *loop, int64_t next) {
    while (!loop->view->is_done) {
        int64_t left = next - live_now();
        int key = screen_key(loop->screen, -1, left > 0 ? left : 0);
        if (key != SCREEN_NO_KEY && take_key(loop, key) && !loop->draw(loop->user))
            return false;
        if (live_now() >= next)
            return true;
    }
    return false;
}

void live_loop(const Loop *loop) {
    int64_t next = live_now();
    bool goes_on = true;
    while (goes_on) {
        bool is_last = !loop->view->is_paused && !loop->look(loop->user);
        next += loop->interval_ns;
        if (next < live_now())
            next = live_now() + loop->interval_ns;
        goes_on = loop->draw(loop->user) && keys_until(loop, next) && !is_last;
    }
}
