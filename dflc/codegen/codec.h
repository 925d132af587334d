/* Encode and decode functions, specialised per schema. */
#ifndef DFLC_CODEC_H
#define DFLC_CODEC_H

#include "../cwriter.h"
#include "../graph.h"

/* 64-bit FNV-1a over the names and types of the fields, members and enumerators included. */
uint64_t schema_fingerprint(const Program *program, const Graph *graph);
/* Static helpers for the types of the program, once a file. */
void emit_codec_types(CWriter *w, const Program *program);
/* NAME_encode and NAME_decode. */
void emit_codec(CWriter *w, const Program *program, const Graph *graph);

#endif
