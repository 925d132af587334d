#include "nodes.h"
static const char *text = "int acme_inner_look() {";
static int caller(void) { if (acme_inner_look(0)) { return 1; } return acme_ask_count(); }
int acme_inner_look(struct dfl_ctx *ctx, const char *brace /* } { */) /* say so */
{
    return 0;
}
int ask_other_desk(void) { return text[0] + caller(); }
int add_up(struct dfl_ctx *ctx, long *all, const long *more)
{
    return 0;
}
bool acme_ask_dear(double price) { return price > 2; }
