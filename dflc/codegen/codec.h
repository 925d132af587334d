/* Encoding and decoding of states, specialised for each schema. */
#ifndef DFLC_CODEC_H
#define DFLC_CODEC_H

#include "../cwriter.h"
#include "../graph.h"

/* Tells one set of saved fields from another: their names and types, with what those are made of. */
uint64_t schema_fingerprint(const Program *program, const Graph *graph);
/* Of the schema and the names of the counters: what must be equal for a checkpoint to be read as is. */
uint64_t layout_fingerprint(const Program *program, const Graph *graph);

/* Once a file, before the first emit_codec: static functions for the types that the program's own
 * graphs save. */
void emit_codec_types(CWriter *w, const Program *program);
/* NAME_encode and NAME_decode of one graph. */
void emit_codec(CWriter *w, const Program *program, const Graph *graph);

#endif
