/* Findings as text, JSON, GitHub commands or SARIF: each format once. */
#ifndef SLIPWAY_OUTPUT_FORMAT_H
#define SLIPWAY_OUTPUT_FORMAT_H

#include "session.h"

#include "data/node.h"

/* `FILE:LINE:COLUMN: error: text [CODE]`, the evidence, the hint, the fix. */
void format_finding_text(FILE *to, const struct sw_finding *finding, bool color);
/* ::error file=…,line=…,col=…,title=…::… */
void format_finding_github(FILE *to, const struct sw_finding *finding);
/* SARIF 2.1.0, one run. */
struct sw_node *format_sarif(struct sw_builder *b, const struct sw_findings *findings);

/* Findings as the result of a command, in the session's format, on standard output: with a line that counts them as text,
 * as {"findings", "summary"} in JSON. */
enum status format_result(struct session *session, const struct sw_findings *findings);
/* Print findings as format_result() does, with the members of the map `more` beside them in JSON. `more` may
 * be NULL. */
enum status format_result_with(struct session *session, const struct sw_findings *findings,
                               const struct sw_node *more);
/* Findings beside another result: on standard error, nothing in JSON and SARIF (they are part of the result there). */
void format_aside(struct session *session, const struct sw_findings *findings);
/* Findings in place of a result that there is not: on standard error, or as the document of JSON and SARIF. */
enum status format_refusal(struct session *session, const struct sw_findings *findings);

/* A node on standard output with a newline. */
enum status format_node(struct session *session, const struct sw_node *node, bool pretty);

/* The exit status that the findings ask for: 2 for an error SW1xx, 3 for SW501, 1 for any other error, else
 * 0. */
enum status findings_status(const struct sw_findings *findings);

#endif
