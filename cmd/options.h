/* The options: one table from which parsing, help and completion are made. */
#ifndef SLIPWAY_CMD_OPTIONS_H
#define SLIPWAY_CMD_OPTIONS_H

#include "base/texts.h"

#include <stdbool.h>

enum format { FORMAT_AUTO, FORMAT_TTY, FORMAT_PLAIN, FORMAT_JSON, FORMAT_GITHUB, FORMAT_SARIF };

/* The values in a list stand in the order in which they were given; the texts are argv's own. */
struct options {
    /* everywhere */
    const char *directory, *format_name;
    struct sw_texts hosts;
    const char *builder;
    bool no_color, offline, quiet, verbose, help, version;
    bool man; /* help */
    /* for every command that reads profiles */
    struct sw_texts allowed;
    /* check, init and suggest; `force` also of rollback */
    struct sw_texts gpu_names, with, extras, groups;
    const char *from, *driver, *profile, *context, *stage;
    bool force, rewrite;
    /* render */
    const char *output, *target;
    /* build */
    struct sw_texts tags, build_args, secrets, agents;
    bool all, fail_fast, no_cache, pull, push, no_verify, no_record, dry_run;
    const char *autofix, *jobs, *platform, *progress, *metadata_file, *iidfile, *report;
    struct sw_texts cache_from, cache_to, outputs, attestations; /* see parts.h */
    const char *provenance, *sbom;
    /* verify */
    const char *gpus, *junit, *verify_timeout;
    bool files;
    bool architectures; /* inspect */
    /* inspect; `python` also of init and suggest */
    const char *file, *module, *name, *print, *python;
    /* history */
    const char *number;
    /* rollback */
    const char *to;
    /* upgrade, which also takes `name` and `dry_run` */
    struct sw_texts releases;
    /* lock, and the commands that work by a lock */
    bool locked, upgrade;
    struct sw_texts upgraded;
    /* plan */
    const char *why;
    /* the rest of the line */
    struct sw_texts arguments;
};

enum option_kind {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_PATH, /* a text that options_below() changes */
    OPTION_LIST
};

struct option_row {
    const char *name; /* without the dashes */
    char letter;      /* or 0 */
    enum option_kind kind;
    const char *value; /* its name in help; NULL for a flag */
    /* The commands that take the option, each between blanks: " build render "; NULL for all commands. */
    const char *commands;
    const char *help;
    size_t offset; /* in struct options */
};
extern const struct option_row option_rows[];
extern const size_t option_rows_count;

bool option_is_for(const struct option_row *row, const char *command);
/* The option of the command that follows a row, or its first for NULL; NULL at the end. */
const struct option_row *option_next(const struct option_row *row, const char *command);

/* Parse the words after the command's name (argv[0] is that name). Options may stand anywhere; `--` ends
 * them. The lists point into argv and into memory that options_release() frees. */
int options_parse(struct options *options, const char *command, int argc, char **argv,
                  struct sw_error *error) SW_NODISCARD;
/* Turn relative paths among the options into paths below `directory`, if that is given; they then live in the
 * arena. */
int options_below(struct options *options, struct sw_arena *arena, struct sw_error *error) SW_NODISCARD;
void options_release(struct options *options);

/* Return true if the word is a whole option, such as "-o" or "--output", whose value is the next word. */
bool option_wants_value(const char *word);

#endif
