/* The parts that the files draft*.c share. */
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
    const char *pin;  /* the same, held to one release; or NULL */
    const char *note; /* a comment behind it, or NULL */
    /* The URL of the index that a requirement was to come from, or NULL. */
    const char *index;
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
    /* The list that has more items than a profile holds, in plural; NULL: none. */
    const char *crowded;
    const char *name, *description;
    const char *source; /* the file read first */
    /* NULL: no source names the Python, and this Python is taken: */
    const char *python;
    const char *usual_python;
    const char *base;   /* NULL: auto */
    const char *driver; /* NULL: not known */
    const char *torch, *cuda;
    /* "default" if torch came from the default index; NULL: torch's own index. */
    const char *torch_index;
    /* The requirement on a torch that is to be chosen, or NULL. */
    const char *required_torch;
    /* `settled`: draft_settle_torch() has run; `open`: torch is to be chosen. */
    bool settled, open;
    /* "cu121", the variant of the last torch index named; NULL if none was named. */
    const char *variant;
    struct draft_items lists[DRAFT_LISTS];
    struct draft_pairs environment, copies, assertions;
    struct sw_draft_left *left;
    size_t left_count;
};

/* SW_EINPUT if the draft does not fit a profile; SW_EENV without memory. */
int draft_check(const struct sw_draft *draft, struct sw_error *error) SW_NODISCARD;
/* Append a text that `check` (profile/values.h) accepts, unless it is there already; else it is left out, with the reason. */
void draft_add(struct sw_draft *draft, enum draft_list list, const char *text, struct draft_place place);
void draft_set(struct sw_draft *draft, struct draft_pairs *pairs, const char *first, const char *second);
void draft_leave(struct sw_draft *draft, struct draft_place place, struct sw_str text, const char *format,
                 ...) SW_PRINTF(4, 5);
char *draft_format(struct sw_draft *draft, const char *format, ...) SW_PRINTF(2, 3); /* "" without memory */
const char *draft_copy(struct sw_draft *draft, struct sw_str text);                  /* the same */

/* Add a requirement (PEP 508, a bare URL, or NAME==1.0+cu121) from `index`, or from the default index if that
 * is NULL. */
void draft_require(struct sw_draft *draft, struct sw_str text, const char *index, struct draft_place place);
void draft_constrain(struct sw_draft *draft, struct sw_str text, struct draft_place place);
/* Read a requirements or constraints file and all that it includes. Its requirements come from `index` (NULL:
 * the default index). SW_ENOTFOUND if the file is missing. */
int draft_read_requirements(struct sw_draft *draft, const char *path, const char *index, bool constraints,
                            struct sw_error *error) SW_NODISCARD;
/* The CUDA variant that an index of torch's is for ("cu121"), or NULL. */
const char *draft_variant(struct sw_draft *draft, const char *index);
/* Take torch out of the requirements if its build is known or is to be chosen; call once. */
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
    /* The files that a RUN made with echo, and their text. */
    struct draft_pairs written;
    const struct sw_instruction *entrypoint, *command; /* the last of each */
};

void draft_run(struct draft_reader *reader, const struct sw_instruction *instruction);
/* Read the words of a `pip install`, from behind `install`; false if the command is better kept as a step. */
bool draft_pip(struct draft_reader *reader, const struct sw_shell_command *command, size_t from,
               struct draft_place place);
/* Read a `python -c TEXT` that only imports and asserts; false if it does more. */
bool draft_python_check(struct sw_draft *draft, const char *text);
/* The absolute path in the image of a path that may be relative to the working directory. */
const char *draft_absolute(struct draft_reader *reader, const char *path);

#endif
