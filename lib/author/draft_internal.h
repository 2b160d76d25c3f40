/* The parts that the files draft*.c share. */
#ifndef SLIPWAY_AUTHOR_DRAFT_INTERNAL_H
#define SLIPWAY_AUTHOR_DRAFT_INTERNAL_H

#include "author/draft.h"
#include "base/limits.h"
#include "dockerfile/shell.h"
#include "python/requirement.h"

struct draft_place {
    const char *file;
    unsigned line, column; /* column 0: not known */
};

enum draft_list {
    DRAFT_ACCELERATORS,
    DRAFT_REQUIREMENTS,
    DRAFT_CONSTRAINTS,
    DRAFT_OVERRIDES,
    DRAFT_PACKAGES,
    DRAFT_STEPS,
    /* The words of the entry point and of the command, each with the shell of the shell's form. */
    DRAFT_ENTRYPOINT,
    DRAFT_COMMAND,
    DRAFT_SECRETS,
    DRAFT_PORTS,
    DRAFT_VOLUMES,
    DRAFT_USER,        /* the last one alone */
    DRAFT_STOP_SIGNAL, /* the last one alone */
    DRAFT_SHELL,
    /* The words of the health check, or its text for the shell; see `health_is_text`. */
    DRAFT_HEALTHCHECK,
    DRAFT_LISTS
};

struct draft_item {
    const char *text;
    /* The project of a requirement or constraint, normalized; NULL in other lists. */
    const char *project;
    const char *pin;  /* the same, held to one release; or NULL */
    const char *note; /* a comment behind it, or NULL */
    /* The URL of the index that a requirement was to come from, or NULL. */
    const char *index;
    unsigned install; /* see struct sw_profile */
    /* The folder that a step runs in, and the step without the `cd` to it; NULL in other lists. */
    const char *folder, *bare;
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
    struct draft_place place;
};

struct draft_pairs {
    struct draft_pair *items;
    size_t count;
};

/* A part of a file with another effect than the author of the file meant. */
struct draft_fault {
    enum sw_severity severity;
    struct draft_place place;
    const char *message, *hint;
};

struct sw_draft {
    struct sw_arena arena;
    const struct sw_catalog *catalog;
    const struct sw_cancel *cancel;
    const struct sw_permissions *permissions; /* to read files with */
    /* The build arguments that the caller gives, and the last stage, as `docker build` takes them; NULL: the last of the
     * file. */
    struct draft_pairs arguments;
    const char *target;
    const char *service; /* of a compose file; NULL: its only build */
    /* The folder that COPY takes its sources from: given by the caller, or found; NULL before a Dockerfile was read. */
    const char *context;
    /* The Dockerfile that was read; NULL if none was. The WORKDIR of its image; NULL if it has none. */
    const char *dockerfile, *workdir;
    /* Extras and dependency groups of a project that are installed too. */
    const char **extras, **groups;
    size_t extra_count, group_count;
    unsigned depth; /* of files that name files */
    unsigned files; /* that others name */
    /* The requirements and constraints that were read. */
    unsigned lines;
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
    struct draft_place python_place, base_place, torch_place;
    /* The number of the command that is read, and of the command that installs torch. */
    unsigned install, torch_install;
    /* The torch that the base image brings; NULL if it brings none, or that is not known. */
    const char *base_torch, *base_cuda;
    const struct sw_node *base_companions; /* see struct sw_base_stack */
    bool conda_torch;                      /* conda installs torch */
    /* "default" if torch came from the default index; NULL: torch's own index. */
    const char *torch_index;
    /* The requirement on a torch that is to be chosen, or NULL. */
    const char *required_torch;
    /* "cu121", the variant of the last torch index named; NULL if none was named. */
    const char *variant;
    struct draft_items lists[DRAFT_LISTS];
    struct draft_pairs environment, copies, assertions, labels;
    /* The times and retries of the health check. */
    struct draft_pairs health_options;
    struct sw_draft_left *left;
    size_t left_count;
    struct draft_fault *faults;
    size_t fault_count;
    /* The service of a compose file that gets no GPU from that file, and its place; NULL: no such service. */
    const char *gpuless;
    struct draft_place gpuless_place;
    bool failed; /* without memory */
    /* The files are judged as they stand, and no profile is written: sw_draft_judge(). */
    bool judged;
    /* The Python is that of the base's distribution, beside which an image may have other Pythons. */
    bool python_is_weak;
    /* `settled`: draft_settle_torch() has run; `open`: torch is to be chosen. */
    bool settled, open;
    bool health_is_text, health_is_none;
    /* The image's entry point is cleared. */
    bool entrypoint_is_none;
    /* A page or folder of wheels beside the index is named, which is not read; another index is named, which is not read. */
    bool has_links, has_unread_index;
    struct sw_unisolated *unisolated;
    size_t unisolated_count;
};

/* Return true if nothing that is still read can be kept: the draft has failed, is full, or is cancelled. */
bool draft_is_over(const struct sw_draft *draft);
/* SW_EINPUT if the draft does not fit a profile; SW_ECANCELED; SW_EENV without memory. */
int draft_check(const struct sw_draft *draft, struct sw_error *error) SW_NODISCARD;
/* Append a text that `check` (profile/values.h) accepts, unless it is there already; else it is left out, with the reason. */
void draft_add(struct sw_draft *draft, enum draft_list list, const char *text, struct draft_place place);
void draft_set(struct sw_draft *draft, struct draft_pairs *pairs, const char *first, const char *second,
               struct draft_place place);
void draft_leave(struct sw_draft *draft, struct draft_place place, struct sw_str text, const char *format,
                 ...) SW_PRINTF(4, 5);
char *draft_format(struct sw_draft *draft, const char *format, ...) SW_PRINTF(2, 3); /* "" without memory */
const char *draft_copy(struct sw_draft *draft, struct sw_str text);                  /* the same */

/* Say how a part was carried over, or why it is needless: the image is the same without it. */
void draft_mention(struct sw_draft *draft, struct draft_place place, struct sw_str text, const char *format,
                   ...) SW_PRINTF(4, 5);
/* Report such a part (SW102); the texts live as long as the draft. */
void draft_report(struct sw_draft *draft, enum sw_severity severity, struct draft_place place,
                  const char *message, const char *hint);
/* Leave out a part that may change the installed set: check reports it as not judged. */
void draft_leave_unjudged(struct sw_draft *draft, struct draft_place place, struct sw_str text,
                          const char *format, ...) SW_PRINTF(4, 5);
struct draft_place draft_place_of(const struct sw_node *node);
/* Say that the code of the project `name` is left out, if the file of the name is the profile's source: profiles get the requirements
 * only. NULL is a project without a name. */
void draft_leave_own_code(struct sw_draft *draft, const struct sw_node *name);
/* Take the Python that a file names as "3.11", "3.11.4" or ">=3.11,<3.13"; any other text is passed over. */
void draft_take_python(struct sw_draft *draft, struct sw_str text, struct draft_place place);

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
/* Fail since the file is of no kind that is read; the hint lists the kinds. */
int draft_refuse_unknown(const char *path, struct sw_error *error);

/* The readers of trees. A node of another type than expected is passed over. `path` is the file that they come from. */
typedef void draft_tree_reader(struct sw_draft *draft, const struct sw_node *root, const char *path);
draft_tree_reader draft_read_truss, draft_read_cog, draft_read_conda, draft_read_project, draft_read_pipfile,
    draft_read_uv_lock, draft_read_poetry_lock, draft_read_pylock, draft_read_pipfile_lock;
/* A compose file's only build. */
int draft_read_compose(struct sw_draft *draft, const struct sw_node *root, const char *path,
                       struct sw_error *error) SW_NODISCARD;
/* Read a file that another file names, of whatever kind; at `place` the reason is left if it cannot be read. */
bool draft_read_named(struct sw_draft *draft, const char *path, struct draft_place place, struct sw_str text);
/* Return true if the caller lets the draft read the file, and it is there. */
bool draft_exists(struct sw_draft *draft, const char *path);

/* The command that is read builds the project, or all projects for NULL, among the packages that are installed. */
void draft_unisolate(struct sw_draft *draft, const char *project);

/* The base image, and the stack that its name shows. */
void draft_base(struct sw_draft *draft, const char *reference, struct draft_place place);
/* NAME==VERSION with a marker, "" for none, of a lock; from `index`, or the default index if that is NULL. */
void draft_lock(struct sw_draft *draft, struct sw_str name, struct sw_str version, struct sw_str marker,
                const char *index, struct draft_place place);
/* Return the count of the packages that are read: all, or none if there are too many, which is said. */
size_t draft_count_packages(struct sw_draft *draft, size_t count, const char *path);
/* The extras or groups that are asked for, and the option that asks for them. */
struct draft_asked {
    const char *const *names;
    size_t count;
    const char *option;
    /* A flag for each member of the map that something else asked for; or NULL. */
    const bool *taken;
};
/* Return true if the name stands in the list, or "*" does. */
bool draft_is_asked(const char *const *names, size_t count, struct sw_str name);
/* Name the extras or groups of a map that nobody asks for: they are not installed. */
void draft_leave_unasked(struct sw_draft *draft, const struct sw_node *map, const char *path,
                         const struct draft_asked *asked);

/* Names of members or packages with their numbers, in the order of names, so that no search looks at all of them. */
struct draft_named {
    struct sw_str name;
    /* Among equal names, the order is that of `detail`, and then of numbers. */
    struct sw_str detail;
    size_t number;
};
struct draft_names {
    struct draft_named *rows;
    size_t count;
};
/* Room for `count` names, zeroed; .rows is NULL without memory, and the draft has failed then. */
struct draft_names draft_names_new(struct sw_draft *draft, size_t count);
void draft_names_sort(struct draft_names *names);
/* The rows of a name; if `detail` is not NULL, those with this detail. */
struct draft_names draft_names_find(const struct draft_names *names, struct sw_str name,
                                    const struct sw_str *detail);

/* [project] and [dependency-groups] of a pyproject.toml, with the extras and groups that are asked for. */
void draft_read_standard(struct sw_draft *draft, const struct sw_node *root, const char *path);
/* Return true if the marker, "" for none, holds on Linux with the draft's Python and extras. */
bool draft_marker_holds(struct sw_draft *draft, struct sw_str marker);

enum draft_answer { DRAFT_UNKNOWN, DRAFT_YES, DRAFT_NO };

/* An `if` that is open: the answer to the condition that stands last, whether an earlier branch is taken, and whether the
 * commands of the present branch never run. */
struct draft_flow_level {
    enum draft_answer condition, taken;
    bool is_dead, is_dead_outside;
};

/* The control flow of a RUN, followed from its first command on. */
struct draft_flow {
    struct draft_flow_level levels[SW_MAX_SHELL_DEPTH];
    size_t depth;
    /* The levels that are open beyond these; the open `case`s. */
    size_t beyond, cases;
    enum draft_answer status; /* of the command before */
};

/* Return false for a command that never runs, as a known condition keeps it from running, and for a pattern of a `case`. Call
 * for each command in order. */
bool draft_flow_runs(struct draft_flow *flow, const struct sw_shell *shell, size_t i);

/* Judge the commands of a text, such as a step of another tool's file. */
void draft_commands(struct sw_draft *draft, struct sw_str text, struct draft_place place);

struct sw_instruction;

/* The PATH of a base image, in a Dockerfile and in a profile. */
#define SW_DRAFT_PATH "${PATH}"

/* A part that a profile may have behind later parts of the Dockerfile; without text there is no such part. */
struct draft_late {
    struct draft_place place;
    struct sw_str text;
    bool is_named;
};

/* A Dockerfile on its way. */
struct draft_reader {
    struct sw_draft *draft;
    const char *file;   /* as messages name it */
    const char *folder; /* that its COPY sources are in */
    const char *workdir;
    struct sw_shell_variables variables;
    /* The ARGs among them, whose values are in no image. */
    struct draft_pairs arguments;
    /* The stage is read for the files that the last one copies from it: its installs count, and all else is left. */
    bool is_source;
    bool is_last; /* the stage is the image */
    /* The --mount=type=bind of the RUN that is read. */
    struct draft_pairs mounts;
    /* The index and the other settings of pip and uv that ENV gives. */
    const char *index;
    /* Builds are not isolated from the packages that are installed. */
    bool unisolated;
    /* COPY --from and COPY of this file, to find files of the context by their paths in the image. */
    struct draft_pairs copies;
    /* The files that a RUN made with echo, and their text. */
    struct draft_pairs written;
    /* The files that are carried over, and their owners; "" without --chown. */
    struct draft_pairs owners;
    /* The --chown of the COPY that is read. */
    const char *owner;
    /* The first step, the first COPY of settings that installs may read, and the first install. */
    struct draft_late step, settings, install;
};

/* The commands of a RUN while they are read. */
struct draft_run {
    struct draft_reader *r;
    /* NULL for a text that stands on the line `line`. */
    const struct sw_instruction *instruction;
    unsigned line;
    /* The command whose output the present command reads; empty without a pipe. */
    struct sw_str piped;
    /* The depth of texts that a shell gets as a word. */
    unsigned depth;
    bool heredoc; /* the text is that of the heredoc */
    /* The place of a heredoc up to which its lines are counted. */
    struct {
        const char *text;
        size_t offset;
        unsigned line;
    } counted;
    struct sw_buffer step; /* the commands that are kept */
};

/* The place of an instruction, and its words in either form, without the flags before them; NULL without memory or if the
 * text only looks like JSON. */
struct draft_place draft_instruction_place(const struct draft_reader *reader,
                                           const struct sw_instruction *instruction);
const char **draft_words(struct draft_reader *reader, struct sw_str text, size_t *count);
/* Set a variable of the image, in place of its value before. */
void draft_set_environment(struct sw_draft *draft, const char *name, const char *value,
                           struct draft_place place);
void draft_set_variable(struct draft_reader *reader, const char *name, const char *value);
/* ARG NAME=VALUE: the caller's value, else its own, else that of an ARG before the first FROM (`globals`, or NULL). */
void draft_read_arg(struct draft_reader *reader, const struct sw_instruction *instruction,
                    const struct sw_shell_variables *globals);
/* Return true if a variable of pip or uv decides whether builds are isolated; *unisolated is its answer. */
bool draft_isolation_variable(struct sw_str name, struct sw_str value, bool *unisolated);
/* `pip config set KEY VALUE`, such as global.index-url, which counts like the variable PIP_INDEX_URL. */
void draft_pip_setting(struct draft_reader *reader, const char *key, const char *value,
                       struct draft_place place);
void draft_read_env(struct draft_reader *reader, const struct sw_instruction *instruction);
void draft_read_instruction(struct draft_reader *reader, const struct sw_instruction *instruction,
                            const struct sw_shell_variables *globals);
/* The phases of a profile's build, in order. */
enum draft_phase { DRAFT_PHASE_INSTALL, DRAFT_PHASE_FILES, DRAFT_PHASE_STEPS };
/* The functions below name the differences between the profile and the Dockerfile (draft_order.c). A part that goes to a phase of
 * the profile's build, if a part of a later phase stands before it; the text lives as long as the reader: */
void draft_keep_order(struct draft_reader *reader, enum draft_phase phase, struct draft_place place,
                      struct sw_str text);
/* A variable of ENV behind steps that would now have it; */
void draft_keep_variable(struct draft_reader *reader, struct draft_place place, const char *name);
/* a source of COPY or ADD, and the flags before the sources, behind which the text begins; */
void draft_keep_copy(struct draft_reader *reader, const struct sw_instruction *instruction, const char *from,
                     const char *to);
struct sw_str draft_take_copy_flags(struct draft_reader *reader, const struct sw_instruction *instruction);
/* a RUN that another user than root runs; */
void draft_keep_user(struct draft_reader *reader, const struct sw_instruction *run);
/* owners of files and paths of interpreters, when all instructions are read. */
void draft_compare_image(struct draft_reader *reader);
/* Read an instruction with the image's own words, such as USER; false if a profile has no key for it. */
bool draft_read_image(struct draft_reader *reader, const struct sw_instruction *instruction);

/* Return true if the program is a shell: /bin/bash. */
bool draft_is_shell(const char *program);
/* Return true if a shell reads the heredoc of the RUN, whose text this is. */
bool draft_heredoc_is_shell(struct draft_run *run, struct sw_str text);
/* Take the heredoc of a command as a file, or name it; false if the command has none. */
bool draft_heredoc(struct draft_run *run, const struct sw_shell_command *command, struct draft_place place);
/* The index of the word that names the program, behind assignments and words that run others; `count` if there is none. */
size_t draft_program(const struct sw_shell_command *command);
/* Name a command that slipway knows nothing of, and that may change the installed set. */
void draft_unknown(struct draft_run *run, const struct sw_shell_command *command,
                   const struct draft_place *places);

void draft_run(struct draft_reader *reader, const struct sw_instruction *instruction);
/* The text of a RUN behind its flags, whose secrets and mounts are taken. */
struct sw_str draft_take_flags(struct draft_run *run, struct sw_str text);
/* Return true if the profile expresses the command now, or if slipway does it anyway. */
bool draft_take(struct draft_run *run, const struct sw_shell_command *command,
                const struct draft_place *places);
/* Read the words of a `pip install`, from behind `install`; false if the command is better kept as a step. */
bool draft_pip(struct draft_reader *reader, const struct sw_shell_command *command, size_t from,
               const struct draft_place *places);
/* Read `uv sync`, `uv add`, `poetry install`, `pipenv install`, `conda env create` or `conda install`; false if the command is
 * none of these. */
bool draft_project_command(struct draft_reader *reader, const struct sw_shell_command *command,
                           const struct draft_place *places);
/* A requirement whose `>` the shell takes for a redirection. */
void draft_redirected(struct sw_draft *draft, struct draft_place place, const char *meant, const char *taken);
/* The file of the context that stands at `path` of the image; NULL if no COPY or mount brings it. */
const char *draft_context_file(struct draft_reader *reader, const char *path);
/* Read a `python -c TEXT` that only imports and asserts; false if it does more. */
bool draft_python_check(struct sw_draft *draft, const char *text);
/* The absolute path in the image of a path that may be relative to the working directory. */
const char *draft_absolute(struct draft_reader *reader, const char *path);

#endif
