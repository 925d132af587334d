#include "stdio_out.h"

#include <errno.h>
#include <stdbool.h>

static bool interrupted(FILE *file) {
    if (errno != EINTR)
        return false;
    clearerr(file);
    return true;
}

int dfl__stdio_write(FILE *file, const void *p, size_t n) {
    const char *at = p;
    while (n > 0) {
        size_t done = fwrite(at, 1, n, file);
        if (done < n && !interrupted(file))
            return errno ? errno : EIO;
        at += done;
        n -= done;
    }
    return 0;
}

int dfl__stdio_flush(FILE *file) {
    while (fflush(file) != 0)
        if (!interrupted(file))
            return errno ? errno : EIO;
    return 0;
}
