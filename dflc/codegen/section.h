/* Shared by the files that emit sections: section.c ([a, b, c]), each.c and join.c. */
#ifndef DFLC_SECTION_H
#define DFLC_SECTION_H

#include "emit.h"

/* ---- section.c ---- */

const RegionPlan *section_branch(Emit *e, const Section *section, size_t k);
const char *section_id(Emit *e, const Section *section);
const char *section_branch_label(Emit *e, const Region *region);
/* Whether its frames are too much for the stack. */
bool section_is_large(Emit *e, const Section *section);
/* "s", or "f->s", and notes that it is used. */
const char *section_state(Emit *e);
/* Error edges in a branch must not show in its siblings, as they would not on threads. */
bool section_catches_errors(Emit *e, const Section *section);
/* Where they do, and it runs inline: what was caught last around it. */
void section_note_error(Emit *e);

/* By the policy of the outermost graph, or -fno-checkpoints. */
bool never_saves(const Emit *e);
/* `checkpoint every node` in the outermost graph. */
bool saves_every_node(Emit *e);
/* Whether a save can fall due before it ends. */
bool section_saves(Emit *e, const Section *section);

/* Links of a frame to what is around it: `state` and `up` as the writing function calls them. */
void emit_fork_links(Emit *e, const RegionPlan *around, const char *frame, const char *state,
                     const char *up);
/* What a frame begins with; steps: NULL where there is no limit; collected: what leads to the updates that those
 * of this frame are to be joined to, NULL where that is not known yet. */
void emit_fork_branch(Emit *e, const RegionPlan *branch, const char *frame, const char *steps,
                      const char *collected);
/* The frame of branch k of a section; steps as above. */
void emit_branch_fork(Emit *e, const Section *section, size_t k, const char *steps);
/* Statements that run branch k and say in rc what became of it; the first sets rc, others run only after DFL_OK. */
void emit_branch_call(Emit *e, const Section *section, size_t k, bool first);
/* What the pool is told of tasks: their order, where each chunk of it ends, and whether they may save. */
typedef struct HandedOut {
    const uint32_t *order;
    size_t n;
    const uint32_t *chunk_end;
    uint32_t n_chunks;
    const char *saves;   /* with what else the section has */
} HandedOut;
/* SECTION_tasks stands already. */
void emit_handed_out(Emit *e, const SectionPlan *plan, const HandedOut *tasks);
/* The section's function, with the tables of one that may run on threads before it. */
void emit_section_function(Emit *e, const SectionPlan *plan, void (*emit_body)(Emit *, const SectionPlan *));

/* ---- spread.c ---- */

/* Whether it can go to other ranks. */
bool section_is_spread(const Emit *e, const Section *section);
/* Whether it does so only as it pays; then `spread` of its function says whether it does. */
bool section_asks_ranks(const Emit *e, const Section *section);
const char *section_pays_on_ranks(Emit *e, const SectionPlan *plan, const char *n);
/* The function of the runtime that runs it where it does not run inline: its branches, or the chunks of an each. */
const char *section_runner(Emit *e, const Section *section);
void emit_spread(Emit *e, const SectionPlan *plan);

/* ---- chunks.c ---- */

/* Whether the chunks of a section add up what branches add to the slot's field, as dfl_chunks[k].sum or .own. */
bool chunks_fold(const Slot *slot);
/* Members of the section's frames for them. */
void emit_chunk_members(Emit *e, const SectionPlan *plan);
/* Their functions, and the section's tables. */
void emit_chunks(Emit *e, const SectionPlan *plan);
/* In the section's function: what they need to know, with the frames where they are not to fork them; and, where they
 * did not run, what they would have added up. */
void emit_chunks_forks(Emit *e, const SectionPlan *plan);
void emit_chunks_added(Emit *e, const SectionPlan *plan);

/* ---- each.c ---- */

void emit_each_section(Emit *e, const SectionPlan *plan);

/* ---- join.c ---- */

void emit_limit_check(Emit *e, const Section *section);
void emit_charged(Emit *e);
void emit_need(Emit *e, const Section *section);
/* The faults of this section in written order, after the ones that the field held. */
void emit_faults(Emit *e, const Section *section);
/* All updates, or, when one fails, none. */
void emit_merges(Emit *e, const Section *section);
void emit_settled(Emit *e, const Section *section);

#endif
