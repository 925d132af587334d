/* Whole reads and writes of a file of the log: short ones and broken-off ones are gone on with. DFL_OK, or
 * DFL_ESTORE with errno. */
#ifndef DFL_LOG_IO_H
#define DFL_LOG_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

int dfl__write_all(int fd, const void *p, size_t n, uint64_t offset);
/* The same of several parts, one behind the other; `parts` is used up. */
int dfl__write_parts(int fd, struct iovec *parts, int n_parts, uint64_t offset);
int dfl__write_zeroes(int fd, uint64_t from, uint64_t to);
/* n zeroes behind the end of the file, wherever that is by then; fd was opened with O_APPEND. */
int dfl__append_zeroes(int fd, uint64_t n);
/* *n is lowered where the file ends. */
int dfl__read_all(int fd, void *p, size_t *n, uint64_t offset);

#endif
