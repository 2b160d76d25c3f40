/* The control flow of a RUN, as far as its conditions are known before it runs. */
#include "author/draft_internal.h"

#include <fnmatch.h>

static enum draft_answer answer_of(bool holds)
{
    return holds ? DRAFT_YES : DRAFT_NO;
}

/* Two texts and the sign between them: A = B, A != B; in double brackets B is a pattern. */
static enum draft_answer compare(const char *a, const char *sign, const char *b, bool is_pattern)
{
    bool equal = is_pattern ? fnmatch(b, a, 0) == 0 : strcmp(a, b) == 0;
    if (strcmp(sign, "=") == 0 || strcmp(sign, "==") == 0)
        return answer_of(equal);
    return strcmp(sign, "!=") == 0 ? answer_of(!equal) : DRAFT_UNKNOWN;
}

/* The words of `test` (POSIX.1-2017, XCU "test"), without its name; files are not looked at. */
static enum draft_answer test_words(const char *const *words, size_t count, bool is_pattern)
{
    if (count == 1)
        return answer_of(words[0][0] != '\0');
    if (count == 2 && strcmp(words[0], "-n") == 0)
        return answer_of(words[1][0] != '\0');
    if (count == 2 && strcmp(words[0], "-z") == 0)
        return answer_of(words[1][0] == '\0');
    return count == 3 ? compare(words[0], words[1], words[2], is_pattern) : DRAFT_UNKNOWN;
}

static enum draft_answer turn(enum draft_answer answer)
{
    if (answer == DRAFT_UNKNOWN)
        return answer;
    return answer_of(answer == DRAFT_NO);
}

/* The status of a command from the word `at` on: YES if it ends with 0 in any case. */
static enum draft_answer status_of(const struct sw_shell_command *command, size_t at)
{
    size_t count = command->count;
    bool turns = false;
    for (; at < count && strcmp(command->words[at], "!") == 0; at++)
        turns = !turns;
    if (at >= count || command->opaque || command->redirect_count > 0)
        return DRAFT_UNKNOWN;
    const char *name = command->words[at], *last = command->words[count - 1];
    enum draft_answer answer = DRAFT_UNKNOWN;
    bool is_double = strcmp(name, "[[") == 0 && strcmp(last, "]]") == 0;
    bool is_single = strcmp(name, "[") == 0 && strcmp(last, "]") == 0;
    size_t inner = at + 1;
    if (strcmp(name, "true") == 0 || strcmp(name, ":") == 0)
        answer = DRAFT_YES;
    else if (strcmp(name, "false") == 0)
        answer = DRAFT_NO;
    else if (is_double || is_single || strcmp(name, "test") == 0)
        answer = test_words(&command->words[inner], count - inner - (is_double || is_single), is_double);
    return turns ? turn(answer) : answer;
}

static bool begins_with(const struct sw_shell *shell, size_t i, const char *word)
{
    return i < shell->count && shell->commands[i].count > 0 && strcmp(shell->commands[i].words[0], word) == 0;
}

/* `echo TEXT | grep -q WORD`, with words that the shell knows: true if the text has the word. */
static enum draft_answer echo_grep(const struct sw_shell_command *echo, const struct sw_shell_command *grep)
{
    bool is_pair = grep->joint == SW_SHELL_PIPE && !echo->opaque && !grep->opaque &&
                   echo->redirect_count == 0 && grep->redirect_count == 0 && echo->count > 1 &&
                   grep->count == 3;
    if (!is_pair || strcmp(echo->words[1], "echo") != 0 || strcmp(grep->words[0], "grep") != 0 ||
        strcmp(grep->words[1], "-q") != 0 || strpbrk(grep->words[2], ".[]*^$\\") != NULL)
        return DRAFT_UNKNOWN;
    for (size_t i = 2; i < echo->count; i++) {
        if (strstr(echo->words[i], grep->words[2]) != NULL)
            return DRAFT_YES;
    }
    /* A pattern of several words may match across the words of the text. */
    return strchr(grep->words[2], ' ') == NULL ? DRAFT_NO : DRAFT_UNKNOWN;
}

/* The answer to the condition that begins with the command `i`; other conditions of several commands are not read. */
static enum draft_answer condition(const struct sw_shell *shell, size_t i)
{
    if (begins_with(shell, i + 1, "then"))
        return status_of(&shell->commands[i], 1);
    return begins_with(shell, i + 2, "then") ? echo_grep(&shell->commands[i], &shell->commands[i + 1])
                                             : DRAFT_UNKNOWN;
}

static void enter(struct draft_flow *flow, const struct sw_shell *shell, size_t i)
{
    bool is_dead = flow->depth > 0 && flow->levels[flow->depth - 1].is_dead;
    if (flow->depth == SW_COUNT(flow->levels)) {
        flow->beyond++;
        return;
    }
    flow->levels[flow->depth++] = (struct draft_flow_level){
        .is_dead = is_dead, .is_dead_outside = is_dead, .taken = DRAFT_NO, .condition = condition(shell, i)};
}

static void leave(struct draft_flow *flow)
{
    if (flow->beyond > 0)
        flow->beyond--;
    else if (flow->depth > 0)
        flow->depth--;
}

/* Step to the branch that a keyword begins. */
static void change_branch(struct draft_flow *flow, const struct sw_shell *shell, size_t i)
{
    struct draft_flow_level *level = &flow->levels[flow->depth - 1];
    bool done = level->is_dead_outside || level->taken == DRAFT_YES;
    if (begins_with(shell, i, "elif"))
        level->condition = condition(shell, i);
    if (begins_with(shell, i, "elif") || begins_with(shell, i, "else"))
        level->is_dead = done;
    if (!begins_with(shell, i, "then"))
        return;
    level->is_dead = done || level->condition == DRAFT_NO;
    if (level->taken == DRAFT_NO || level->condition == DRAFT_YES)
        level->taken = level->condition;
}

/* Follow a pattern and the end of a `case`; return true for a word that is a pattern. */
static bool is_pattern(struct draft_flow *flow, const struct sw_shell *shell, size_t i)
{
    const struct sw_shell_command *command = &shell->commands[i];
    if (begins_with(shell, i, "case"))
        flow->cases++;
    else if (begins_with(shell, i, "esac") && flow->cases > 0)
        flow->cases--;
    return flow->cases > 0 && command->count == 1;
}

bool draft_flow_runs(struct draft_flow *flow, const struct sw_shell *shell, size_t i)
{
    const struct sw_shell_command *command = &shell->commands[i];
    enum draft_answer before = flow->status;
    bool is_branch = false;
    flow->status = DRAFT_UNKNOWN;
    if (is_pattern(flow, shell, i))
        return false;
    if (begins_with(shell, i, "if"))
        enter(flow, shell, i);
    else if (begins_with(shell, i, "fi"))
        leave(flow);
    else if (flow->depth > 0 && flow->beyond == 0)
        change_branch(flow, shell, i);
    is_branch = begins_with(shell, i, "then") || begins_with(shell, i, "else");
    if (flow->depth > 0 && flow->levels[flow->depth - 1].is_dead)
        return false;
    bool is_passed = (command->joint == SW_SHELL_AND && before == DRAFT_NO) ||
                     (command->joint == SW_SHELL_OR && before == DRAFT_YES);
    flow->status = is_passed ? before : status_of(command, is_branch);
    return !is_passed;
}
