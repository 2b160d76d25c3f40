/* What the readers of a draft share. Not for use outside draft*.c. */
#ifndef SLIPWAY_AUTHOR_DRAFT_INTERNAL_H
#define SLIPWAY_AUTHOR_DRAFT_INTERNAL_H

#include "author/draft.h"
#include "dockerfile/shell.h"
#include "python/requirement.h"

struct draft_place {
    const char *file;
    unsigned line;
};

enum draft_list {
    DRAFT_ACCELERATORS,
    DRAFT_REQUIREMENTS,
    DRAFT_CONSTRAINTS,
    DRAFT_PACKAGES,
    DRAFT_STEPS,
    DRAFT_COMMAND,
    DRAFT_SECRETS,
    DRAFT_LISTS
};

struct draft_item {
    const char *text;
    const char *pin;   /* the same, held to one release; or NULL */
    const char *note;  /* a comment behind it, or NULL */
    const char *index; /* of a requirement: the URL that it was to come from, or NULL */
    struct draft_place place;
};

struct draft_items {
    struct draft_item *items;
    size_t count;
};

/* Two texts that belong together: a variable and its value, a COPY's from and to, an assertion's `that` and `is` (whose
 * second text is NULL for `import`). */
struct draft_pair {
    const char *first, *second;
};

struct draft_pairs {
    struct draft_pair *items;
    size_t count;
};

struct sw_draft {
    struct sw_arena arena;
    const struct sw_catalog *catalog;
    const struct sw_permissions *permissions; /* to read files with */
    bool failed;                              /* without memory */
    const char *crowded; /* what there is more of than a profile holds, in plural; NULL: nothing */
    const char *name, *description;
    const char *source; /* the file read first */
    const char *python; /* NULL: nobody said which, and this one is taken: */
    const char *usual_python;
    const char *base;   /* NULL: auto */
    const char *driver; /* NULL: not known */
    const char *torch, *cuda;
    const char *torch_index; /* "default" where that is what it came from; NULL: torch's own */
    const char *wish;        /* what is asked of torch that is to be chosen, a requirement; or NULL */
    bool settled, open;      /* draft_settle_torch() was here; torch is to be chosen */
    const char *variant;     /* "cu121", of the last torch index named; NULL where none was */
    struct draft_items lists[DRAFT_LISTS];
    struct draft_pairs environment, copies, assertions;
    struct sw_draft_left *left;
    size_t left_count;
};

/* SW_EINPUT or SW_EENV if what was read does not fit a profile or the memory. */
int draft_check(const struct sw_draft *draft, struct sw_error *error) SW_NODISCARD;
/* Append a text that `check` (profile/values.h) accepts, unless it is there already; else it is left out, with the reason. */
void draft_add(struct sw_draft *draft, enum draft_list list, const char *text, struct draft_place place);
void draft_set(struct sw_draft *draft, struct draft_pairs *pairs, const char *first, const char *second);
void draft_leave(struct sw_draft *draft, struct draft_place place, struct sw_str text, const char *format,
                 ...) SW_PRINTF(4, 5);
char *draft_format(struct sw_draft *draft, const char *format, ...) SW_PRINTF(2, 3); /* "" without memory */
const char *draft_copy(struct sw_draft *draft, struct sw_str text);                  /* the same */

/* A requirement (PEP 508, a bare URL, or NAME==1.0+cu121) that is to come from `index`, or from the default one. */
void draft_require(struct sw_draft *draft, struct sw_str text, const char *index, struct draft_place place);
void draft_constrain(struct sw_draft *draft, struct sw_str text, struct draft_place place);
/* A requirements or constraints file, and all that it includes. What it requires comes from `index` (NULL: the default one).
 * SW_ENOTFOUND if the file is missing. */
int draft_read_requirements(struct sw_draft *draft, const char *path, const char *index, bool constraints,
                            struct sw_error *error) SW_NODISCARD;
/* The CUDA variant that an index of torch's is for ("cu121"), or NULL. */
const char *draft_variant(struct sw_draft *draft, const char *index);
/* Pull torch out of the requirements where its build is known or is to be chosen; once. */
void draft_settle_torch(struct sw_draft *draft);

int draft_read_dockerfile(struct sw_draft *draft, const char *path, struct sw_error *error) SW_NODISCARD;
int draft_read_truss(struct sw_draft *draft, const char *path, struct sw_error *error) SW_NODISCARD;

/* The base image, and the Python that its name shows. */
void draft_base(struct sw_draft *draft, const char *reference, struct draft_place place);

struct sw_instruction;

/* A Dockerfile on its way. */
struct draft_reader {
    struct sw_draft *draft;
    const char *file;   /* as messages name it */
    const char *folder; /* that its COPY sources are in */
    const char *workdir;
    struct sw_shell_variables variables;
    struct draft_pairs written;                        /* files that a RUN made with echo, and their text */
    const struct sw_instruction *entrypoint, *command; /* the last of each */
};

void draft_run(struct draft_reader *reader, const struct sw_instruction *instruction);
/* The words of a `pip install`, from behind `install`; false where it is better kept as a step. */
bool draft_pip(struct draft_reader *reader, const struct sw_shell_command *command, size_t from,
               struct draft_place place);
/* `python -c TEXT` that only imports and asserts; false where it does more. */
bool draft_python_check(struct sw_draft *draft, const char *text);
/* An absolute path of the image, from one that may be relative to the working directory. */
const char *draft_absolute(struct draft_reader *reader, const char *path);

#endif
