/* A build as a page or a summary: its outcome, findings, time and size. */
#ifndef SLIPWAY_OUTPUT_REPORT_H
#define SLIPWAY_OUTPUT_REPORT_H

#include "build_view.h"

/* Render `template` (templates/report.html or templates/summary.md) with the build's facts and append the
 * text. If the engine is still open, it is asked for the image's layers. */
int report_render(struct sw_buffer *out, const struct build_view *shown, const struct sw_attempt *attempt,
                  const char *template, bool ok, struct sw_error *error);

#endif
