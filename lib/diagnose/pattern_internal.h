/* A regular expression of a rule (PCRE2, https://www.pcre.org/current/doc/html/pcre2pattern.html), compiled
 * once, matched with limits.
 *
 * Bytes are matched, not characters: a log may hold anything. Case counts unless the pattern says (?i); ^ and
 * $ match at line ends, '.' matches none. */
#ifndef SLIPWAY_DIAGNOSE_PATTERN_INTERNAL_H
#define SLIPWAY_DIAGNOSE_PATTERN_INTERNAL_H

#include "base/error.h"
#include "diagnose/phrase_internal.h"

struct sw_pattern;

/* The names of its groups are added to `names`. A pattern that does not compile, or whose groups are more
 * than the table holds, is SW_EINPUT at the node. */
int sw_pattern_new(struct sw_pattern **out, struct sw_arena *arena, const struct sw_node *node,
                   struct sw_names *names, struct sw_error *error) SW_NODISCARD;
void sw_pattern_free(struct sw_pattern *pattern); /* takes NULL */

/* The room that matching takes; one at a time may use it. NULL without memory. */
struct sw_matcher;
struct sw_matcher *sw_matcher_new(void) SW_NODISCARD;
void sw_matcher_free(struct sw_matcher *matcher); /* takes NULL */

/* Look for the pattern in `subject` from `*from`. If it matches, return true: `*match` is then the matching
 * part, `*from` stands behind it, and the values of the groups that took part are set. A match that would
 * take longer than SW_PATTERN_MATCH_LIMIT steps counts as none. */
bool sw_pattern_match(const struct sw_pattern *pattern, struct sw_matcher *matcher, struct sw_str subject,
                      size_t *from, struct sw_str *match, struct sw_values *values);

#endif
