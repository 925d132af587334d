/* What `make coverage` adds to the runtime's library, beside the library of gcov itself: so whatever is linked with it
 * counts, with or without --coverage. A process that a test forks ends by _exit, which would leave its counts behind. */
#define _GNU_SOURCE
#include <gcov.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Once: where malloc is a program's own, and ends it, gcov may come here again. */
void _exit(int status)
{
    static int dumped;
    if (!__atomic_exchange_n(&dumped, 1, __ATOMIC_RELAXED))
        __gcov_dump();
    for (;;)
        syscall(SYS_exit_group, status);
}
