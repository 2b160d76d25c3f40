/* Log rules, read from YAML.
 *
 *       rules:
 *         - id: bitsandbytes-library-missing   # stable; others name it under `explains`
 *           code: SW303
 *           severity: error                    # or warning, note; error if left out
 *           rank: 60                           # the greater is told first; 50 if left out
 *           symptom: false                     # true: says that something failed, not why; never a finding of its own
 *           survives: false                    # true: counts although the step, or the build, went well
 *           consequence: false                 # true: the same, but a finding if the log tells of nothing else
 *           background: false                  # true: never a finding of its own; it can only explain another
 *           transient: false                   # true: a fault that the tool gets over; no other rule is held against the line
 *           again: false                       # true: with transient, the lines before told the fault
 *           success: false                     # true: the step has overcome all that it told before
 *           each: false                        # true: every match is a failure of its own, and a finding
 *           in: build                          # or run: only in a step of a build, or only outside of one
 *           source: the origin of the words: a tool's file and release, a captured log
 *           match: 'Required library version not found: libbitsandbytes_cuda(?<cuda>\d+)\S*\.so'
 *           before:                            # patterns for lines around it, in the same step; `after` alike
 *             - {match: 'PyTorch settings found', within: 6, required: false, all: false, absent: false}
 *           line: […]                          # further patterns for the line itself, required unless they say otherwise
 *           step: […]                          # such patterns for the step's name, or for the command that was typed
 *           derive:                            # values from values
 *             wanted: {from: cuda, map: {"128": "12.8"}, otherwise: "{{cuda}}"}   # `missing`: if there is no cuda
 *             spec: {from: wants, replace: {" and ": ","}}
 *           when:                              # conditions on the profile: is, is_not, exists
 *             - {path: torch.cuda, is: "{{wanted}}"}
 *           message: one line, {{cuda}} stands for the group of that name; {{importer}} for the package that the innermost
 *                    frame of the traceback is in
 *           cause: the reason, in a sentence
 *           hint: the advice
 *           proof: the fact that the log alone cannot show, and the command that would show it
 *           at: ["requirements[bitsandbytes]", torch]   # the first of these that the profile has is the place
 *           fix:                               # edits of the profile, only if safe; `when` as above
 *             - {op: set, path: "requirements[bitsandbytes]", value: "bitsandbytes>={{needs}}"}
 *           explains: [exit-status]            # rules whose findings this rule makes superfluous
 *           url: a page to read more
 *           examples:                          # texts of one line or more; tests run them all
 *             match: ["…"]
 *             no: ["…"]
 *
 * A pattern is a regular expression of PCRE2 over bytes: of one line for `match`, of the lines around, with
 * their line ends, for `before` and `after`. Every match must hold some fixed text of six bytes or more, by
 * which it is found (literal_internal.h). */
#ifndef SLIPWAY_DIAGNOSE_RULES_H
#define SLIPWAY_DIAGNOSE_RULES_H

#include "base/error.h"
#include "base/str.h"
#include "data/schema.h"

/* The rules do not change once read: any number of diagnoses, and of threads, may share them. */
struct sw_rules;

struct sw_rule_file {
    struct sw_str text;
    const char *path; /* for errors */
};

/* The form of a rule file. */
extern const struct sw_schema sw_rule_file_schema;

/* Read rules from files. A wrong file is SW_EINPUT with file, line and column. */
int sw_rules_read(struct sw_rules **out, const struct sw_rule_file *files, size_t count,
                  struct sw_error *error) SW_NODISCARD;
/* The built-in rules, each file under profiles/rules/ unless the folder `project` (or NULL) has one of the
 * same name, and the project's own besides. */
int sw_rules_load(struct sw_rules **out, const char *project, struct sw_error *error) SW_NODISCARD;
/* Return true if the folder `project` (or NULL) has rules, which are added to the built-in rules. */
bool sw_rules_are_own(const char *project);
void sw_rules_free(struct sw_rules *rules); /* takes NULL */

size_t sw_rules_count(const struct sw_rules *rules);
/* The rule's map as it was read; `index` is below the count. */
const struct sw_node *sw_rules_node(const struct sw_rules *rules, size_t index);

#endif
