/* int acme_inner_look(void) { in a comment */
#define acme_inner_look(x) { x }
struct dfl_ctx;
int acme_ask_classify(struct dfl_ctx *ctx);
