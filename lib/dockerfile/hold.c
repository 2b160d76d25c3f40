#include "dockerfile/hold.h"

#include "base/limits.h"
#include "dockerfile/instructions.h"

/* The bases and names of a FROM; the texts are parts of the instruction. */
struct stage {
    struct sw_str base, name;
};

static struct sw_str next_word(struct sw_str *rest)
{
    *rest = sw_str_trim(*rest);
    size_t n = 0;
    while (n < rest->n && !sw_is_space((unsigned char)rest->p[n]))
        n++;
    struct sw_str word = {rest->p, n};
    *rest = sw_str_drop(*rest, n);
    return word;
}

static bool same_word(struct sw_str a, struct sw_str b)
{
    bool same = a.n == b.n && a.n > 0;
    for (size_t i = 0; same && i < a.n; i++)
        same = sw_lower((unsigned char)a.p[i]) == sw_lower((unsigned char)b.p[i]);
    return same;
}

static struct stage read_stage(const struct sw_instruction *from)
{
    struct sw_str rest = from->text;
    struct stage stage = {.base = next_word(&rest)};
    while (sw_str_starts(stage.base, "--"))
        stage.base = next_word(&rest);
    if (same_word(next_word(&rest), SW_STR("as")))
        stage.name = next_word(&rest);
    return stage;
}

/* Return true if the FROM at `at` names an earlier stage, which has the lines already. */
static bool is_of_stage(const struct sw_instructions *file, size_t at)
{
    struct stage own = read_stage(&file->items[at]);
    for (size_t i = 0; i < at; i++) {
        if (sw_instruction_is(&file->items[i], "from") &&
            same_word(read_stage(&file->items[i]).name, own.base))
            return true;
    }
    return false;
}

/* The next line of the text, from `*at` of the instructions on, before which the lines stand; 0 if there is none. */
static unsigned next_place(const struct sw_instructions *file, size_t *at)
{
    while (*at + 1 < file->count) {
        size_t i = (*at)++;
        const struct sw_instruction *next = &file->items[i + 1];
        if (sw_instruction_is(&file->items[i], "from") && !sw_instruction_is(next, "from") &&
            !is_of_stage(file, i))
            return next->line;
    }
    return 0;
}

int sw_dockerfile_hold(struct sw_buffer *out, struct sw_str text, struct sw_str lines, struct sw_error *error)
{
    SW_INSTRUCTIONS_AUTO file;
    sw_instructions_init(&file, text);
    if (file.count >= SW_MAX_BUILD_STEPS)
        return sw_fail(error, SW_EINPUT, "the Dockerfile has more than %d instructions", SW_MAX_BUILD_STEPS);
    size_t at = 0;
    unsigned line = 1;
    for (unsigned place = next_place(&file, &at); place != 0; place = next_place(&file, &at)) {
        for (; line < place; line++) {
            struct sw_str rest = text;
            struct sw_str whole = sw_str_cut(&rest, '\n');
            sw_buffer_add(out, whole.p, whole.n + 1);
            text = rest;
        }
        sw_buffer_add_str(out, lines);
    }
    if (text.p != NULL)
        sw_buffer_add_str(out, text);
    return sw_buffer_check(out, "the Dockerfile", error);
}

unsigned sw_dockerfile_held_line(struct sw_str text, struct sw_str lines, unsigned line)
{
    SW_INSTRUCTIONS_AUTO file;
    sw_instructions_init(&file, text);
    unsigned inserted = 0, each = 0;
    size_t at = 0;
    for (size_t i = 0; i < lines.n; i++)
        each += lines.p[i] == '\n';
    for (unsigned place = next_place(&file, &at); place != 0; place = next_place(&file, &at)) {
        if (line < place + inserted)
            break;
        if (line < place + inserted + each)
            return 0;
        inserted += each;
    }
    return line - inserted;
}
