/* 128 bits, for what is counted with more than 64: ranges of integers, products of costs. */
#ifndef DFLC_WIDE_H
#define DFLC_WIDE_H

#ifndef __SIZEOF_INT128__
#error "dflc counts with 128 bits, which this compiler has for no machine of 32 bits. Build dflc where it has them, and the runtime alone here: make runtime"
#else
__extension__ typedef __int128 Wide;
__extension__ typedef unsigned __int128 UnsignedWide;
#endif

#endif
