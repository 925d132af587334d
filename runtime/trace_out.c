/* What trace.c writes, piece by piece. */
#define _POSIX_C_SOURCE 200809L

#include "trace_out.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "mem.h"

enum {
    BUFFER_BYTES = 64 << 10,
    FLUSH_BYTES = 48 << 10, /* the rest has room for any line but one with values */
    FLUSH_NS = 100000
};

/* note [what a kill loses]
 *
 * Lines go to the file when many wait, and with the first that is a tenth of a millisecond younger than the
 * last write. So a program whose nodes take longer than that has every line in the file when it is killed,
 * but those of the last moment; and one whose nodes are quick writes ten thousand times a second at
 * most. What is in the file is the system's: it survives the process, though not the machine. */

/* ---- the file ---- */

#define END "\n]\n"

static bool write_all(dfl__trace_out *out, const void *bytes, size_t n) {
    const uint8_t *p = bytes;
    while (n > 0) {
        ssize_t done = write(out->fd, p, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        p += done;
        n -= (size_t)done;
    }
    return true;
}

void dfl__trace_out_flush(dfl__trace_out *out, int64_t ns) {
    if (!out->failed && out->json.buf.n > 0 && !write_all(out, out->json.buf.p, out->json.buf.n))
        out->failed = errno;
    if (!out->failed)
        out->written += out->json.buf.n;
    out->json.buf.n = 0;
    out->flushed = ns;
}

int dfl__trace_out_open(dfl__trace_out *out, const char *path) {
    memset(out, 0, sizeof *out);
    errno = ENOMEM;
    if (!dfl__buf_room(&out->json.buf, BUFFER_BYTES))
        return DFL_ENOMEM;
    out->json.buf.n = 0;
    out->json.cuts = true;
    out->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (out->fd < 0) {
        dfl_buf_free(&out->json.buf);
        return DFL_ESTORE;
    }
    return DFL_OK;
}

/* After a failed write the file may end within a line, which is cut off. */
static void mend(dfl__trace_out *out) {
    off_t at = (off_t)out->written;
    if (ftruncate(out->fd, at) == 0 && lseek(out->fd, at, SEEK_SET) == at)
        (void)(write_all(out, "[", out->written == 0) && write_all(out, END, 3));
}

int dfl__trace_out_close(dfl__trace_out *out) {
    dfl__trace_out_flush(out, 0);
    if (!out->failed && !write_all(out, END, 3))
        out->failed = errno;
    if (out->failed)
        mend(out);
    if (close(out->fd) != 0 && !out->failed)
        out->failed = errno;
    dfl_buf_free(&out->json.buf);
    errno = out->failed ? out->failed : errno;
    return out->failed ? DFL_ESTORE : out->lost ? DFL_ENOMEM : DFL_OK;
}

/* ---- lines ---- */

void dfl__line_begin(dfl__trace_out *out) {
    if (out->json.buf.n >= FLUSH_BYTES)
        dfl__trace_out_flush(out, out->flushed);
    out->json.whole = true;
    out->json.comma = false;
    out->line = out->json.buf.n;
    dfl__put_raw(&out->json, out->written + out->line == 0 ? "[\n{" : ",\n{", 3);
}

void dfl__line_end(dfl__trace_out *out, int64_t ns) {
    dfl__put_close(&out->json, '}');
    if (!out->json.whole) {
        out->lost = true;
        out->json.buf.n = out->line;
    }
    if (ns - out->flushed >= FLUSH_NS)
        dfl__trace_out_flush(out, ns);
}
