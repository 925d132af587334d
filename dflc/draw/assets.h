/* Files of this directory as text, made by assets.awk: lines without their ends, NULL behind the
 * last. */
#ifndef DFLC_DRAW_ASSETS_H
#define DFLC_DRAW_ASSETS_H

extern const char *const asset_drawing_css[];
extern const char *const asset_traced_css[];
extern const char *const asset_page_css[];
extern const char *const asset_page_html[];
extern const char *const asset_page_js[];
extern const char *const asset_page_trace_js[];

#endif
