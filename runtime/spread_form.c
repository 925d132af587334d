/* Tasks and answers as bytes; spread.h has the form. By hand, not by descriptors: this is most of what a chunk takes. */
#include <string.h>

#include "spread.h"

enum { WITH_STATE = 1, WITH_DEADLINE = 2, WITH_COUNTS = 4, ERRAND_BITS = 7 };
enum { FAILED = 1, SAVES = 2, FATAL = 4, LATE = 8, OUTCOME_BITS = 15 };

/* ---- putting ---- */

static int append(dfl_buf *out, const uint8_t *bytes, const uint8_t *end) {
    size_t n = (size_t)(end - bytes);
    uint8_t *at = dfl__buf_room(out, n);
    if (!at)
        return DFL_ENOMEM;
    memcpy(at, bytes, n);
    return DFL_OK;
}

static int put_state(dfl_buf *out, const dfl__errand *errand) {
    int status = dfl__pack_varint(out, errand->place);
    uint8_t *at;
    if (status == DFL_OK)
        status = dfl__pack_varint(out, errand->n_list);
    if (status == DFL_OK)
        status = dfl__pack_block(out, errand->graph.p, errand->graph.n);
    at = status == DFL_OK ? dfl__buf_room(out, 16) : NULL;
    if (!at)
        return DFL_ENOMEM;
    dfl__put_u64(at, errand->schema);
    dfl__put_u64(at + 8, errand->frames);
    status = dfl__pack_block(out, errand->thread_id.p, errand->thread_id.n ? errand->thread_id.n + 1 : 0);
    return status == DFL_OK ? dfl__pack_block(out, errand->state.p, errand->state.n) : status;
}

int dfl__put_errand(dfl_buf *out, const dfl__errand *errand) {
    uint8_t head[1 + 5 * DFL__VARINT_MAX], *at = head;
    int status;
    *at++ = (uint8_t)(errand->has_state * WITH_STATE | errand->has_deadline * WITH_DEADLINE |
                      errand->counts * WITH_COUNTS);
    at = dfl__put_varint(at, errand->branch);
    at = dfl__put_varint(at, errand->epoch);
    at = dfl__put_varint(at, (uint64_t)(errand->index + 1));
    at = dfl__put_varint(at, errand->steps);
    if (errand->has_deadline)
        at = dfl__put_varint(at, errand->time_left > 0 ? (uint64_t)errand->time_left : 0);
    status = append(out, head, at);
    return status == DFL_OK && errand->has_state ? put_state(out, errand) : status;
}

static int put_failure(dfl_buf *out, const dfl__outcome *outcome) {
    uint8_t head[5 * DFL__VARINT_MAX], *at = head;
    int status;
    at = dfl__put_varint(at, (uint64_t)-(int64_t)outcome->status);
    at = dfl__put_varint(at, (uint32_t)outcome->code);
    at = dfl__put_varint(at, outcome->place);
    at = dfl__put_varint(at, outcome->attempt);
    at = dfl__put_varint(at, (uint64_t)(outcome->index + 1));
    status = append(out, head, at);
    if (status == DFL_OK)
        status = dfl__pack_block(out, outcome->at.p, outcome->at.n);
    return status == DFL_OK ? dfl__pack_block(out, outcome->message.p, outcome->message.n) : status;
}

int dfl__put_outcome(dfl_buf *out, const dfl__outcome *outcome) {
    uint8_t head[1 + DFL__VARINT_MAX], *at = head;
    bool failed = outcome->status != DFL_OK;
    int status;
    *at++ = (uint8_t)(failed * FAILED | outcome->saves * SAVES | outcome->fatal * FATAL | outcome->late * LATE);
    at = dfl__put_varint(at, outcome->nodes);
    status = append(out, head, at);
    return status == DFL_OK && failed ? put_failure(out, outcome) : status;
}

/* ---- getting ---- */

static bool get_u32(dfl__in *in, uint32_t *v) {
    uint64_t wide;
    if (!dfl__get_varint(in, &wide) || wide > UINT32_MAX)
        return false;
    *v = (uint32_t)wide;
    return true;
}

static bool get_index(dfl__in *in, int64_t *v) {
    uint64_t wide;
    if (!dfl__get_varint(in, &wide) || wide > INT64_MAX)
        return false;
    *v = (int64_t)wide - 1;
    return true;
}

static bool get_text(dfl__in *in, dfl_str *text) {
    dfl_bytes block;
    if (!dfl__get_block(in, &block))
        return false;
    *text = (dfl_str){(const char *)block.p, block.n};
    return true;
}

static dfl_bytes rest_of(dfl__in *in) {
    dfl_bytes rest = {in->at, dfl__left(in)};
    in->at = in->end;
    return rest;
}

/* Without the NUL that ends it. */
static bool get_thread_id(dfl__in *in, dfl_str *id) {
    if (!get_text(in, id))
        return false;
    if (id->n == 0)
        return true;
    id->n--;
    return id->n > 0 && memchr(id->p, '\0', id->n + 1) == id->p + id->n;
}

static bool get_state(dfl__in *in, dfl__errand *errand) {
    if (!get_u32(in, &errand->place) || !get_u32(in, &errand->n_list) || !get_text(in, &errand->graph) || dfl__left(in) < 16)
        return false;
    errand->schema = dfl__get_u64(in->at);
    errand->frames = dfl__get_u64(in->at + 8);
    in->at += 16;
    return get_thread_id(in, &errand->thread_id) && dfl__get_block(in, &errand->state);
}

bool dfl__get_errand(dfl__in *in, dfl__errand *errand) {
    unsigned bits;
    uint64_t left = 0;
    memset(errand, 0, sizeof *errand);
    if (dfl__left(in) == 0)
        return false;
    bits = *in->at++;
    errand->has_state = bits & WITH_STATE;
    errand->has_deadline = bits & WITH_DEADLINE;
    errand->counts = bits & WITH_COUNTS;
    if (bits > ERRAND_BITS || !get_u32(in, &errand->branch) ||
        !dfl__get_varint(in, &errand->epoch) || !get_index(in, &errand->index) || !dfl__get_varint(in, &errand->steps))
        return false;
    if (errand->has_deadline && (!dfl__get_varint(in, &left) || left > INT64_MAX))
        return false;
    errand->time_left = (int64_t)left;
    if (errand->has_state && !get_state(in, errand))
        return false;
    errand->rest = rest_of(in);
    return true;
}

static bool get_failure(dfl__in *in, dfl__outcome *outcome) {
    uint32_t status, code;
    if (!get_u32(in, &status) || !get_u32(in, &code) || !get_u32(in, &outcome->place) ||
        !get_u32(in, &outcome->attempt) || !get_index(in, &outcome->index) || !get_text(in, &outcome->at) ||
        !get_text(in, &outcome->message))
        return false;
    if (status == 0 || status > INT32_MAX)
        return false;
    outcome->status = -(int32_t)status;
    outcome->code = (int32_t)code;
    return true;
}

bool dfl__get_outcome(dfl__in *in, dfl__outcome *outcome) {
    unsigned bits;
    memset(outcome, 0, sizeof *outcome);
    outcome->place = DFL__NOWHERE;
    if (dfl__left(in) == 0)
        return false;
    bits = *in->at++;
    outcome->saves = bits & SAVES;
    outcome->fatal = bits & FATAL;
    outcome->late = bits & LATE;
    if (bits > OUTCOME_BITS || !dfl__get_varint(in, &outcome->nodes))
        return false;
    if ((bits & FAILED) && !get_failure(in, outcome))
        return false;
    outcome->frame = rest_of(in);
    return true;
}
