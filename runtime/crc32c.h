/* CRC-32C (Castagnoli), as in iSCSI (RFC 3720, appendix B.4): the checksum of the log. */
#ifndef DFL_CRC32C_H
#define DFL_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Of n bytes that follow those whose checksum is `crc`; 0: of the bytes alone. */
uint32_t dfl__crc32c(uint32_t crc, const void *p, size_t n);

#endif
