/* The commands. A new command needs cmd/command_NAME.c with its function, a line here, a row in commands.c, its
 * text in cmd/help/NAME.txt, a case in tests/cases, and its options in options.c. */
#ifndef SLIPWAY_CMD_COMMANDS_H
#define SLIPWAY_CMD_COMMANDS_H

#include "session.h"

struct command {
    const char *name;
    const char *arguments; /* as help shows them */
    const char *summary;   /* one line */
    const char *example;
    enum status (*run)(struct session *session);
};
extern const struct command commands[];
extern const size_t commands_count;
const struct command *command_find(const char *name); /* NULL if there is none */
/* The text of help after the summary, from cmd/help/NAME.txt, empty if there is no such file. */
const char *command_text(const struct command *command);
/* The command to propose after "did you mean"; NULL if no name is near. */
const char *command_nearest(const char *name);
/* The words to type instead of a command of other tools, such as "run"; NULL if it is none of them. */
const char *command_instead(const char *name);

enum status command_build(struct session *session);
enum status command_catalog(struct session *session);
enum status command_check(struct session *session);
enum status command_completion(struct session *session);
enum status command_diff(struct session *session);
enum status command_doctor(struct session *session);
enum status command_explain(struct session *session);
enum status command_fix(struct session *session);
enum status command_gpus(struct session *session);
enum status command_help(struct session *session);
enum status command_history(struct session *session);
enum status command_init(struct session *session);
enum status command_inspect(struct session *session);
enum status command_lock(struct session *session);
enum status command_list(struct session *session);
enum status command_matrix(struct session *session);
enum status command_mcp(struct session *session);
enum status command_plan(struct session *session);
enum status command_push(struct session *session);
enum status command_render(struct session *session);
enum status command_rollback(struct session *session);
enum status command_schema(struct session *session);
enum status command_suggest(struct session *session);
enum status command_upgrade(struct session *session);
enum status command_verify(struct session *session);

/* The text about the program as a whole, in help and manual. */
#define HELP_PURPOSE                                                                                \
    "Proves that a GPU Python stack fits before it is built, builds it, explains a failed build,\n" \
    "and proves the built image."
#define HELP_EXIT_STATUS                                                                          \
    "0 done, 1 the answer is no, 2 usage or unreadable input, 3 no engine, network or disk, 130 " \
    "interrupted."

/* Print help on a command, or the overview if `command` is NULL. */
void help_print(FILE *to, const struct command *command);

#endif
