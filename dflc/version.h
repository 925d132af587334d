#ifndef DFLC_VERSION_H
#define DFLC_VERSION_H

#define DFLC_VERSION "0.1.0"

#endif
