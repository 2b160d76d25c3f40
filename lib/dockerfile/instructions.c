#include "dockerfile/instructions.h"

#include "base/buffer.h"
#include "base/limits.h"

/* The file as it is read. */
struct reader {
    struct sw_instructions *out;
    struct sw_str rest; /* {NULL, 0} at the end */
    unsigned line;      /* of the line read last */
    char escape;
    bool failed;
};

static struct sw_str next_line(struct reader *r)
{
    struct sw_str line = sw_str_cut(&r->rest, '\n');
    r->line++;
    if (sw_str_ends(line, "\r"))
        line.n--;
    return line;
}

static bool is_comment(struct sw_str line)
{
    struct sw_str trimmed = sw_str_trim(line);
    return trimmed.n == 0 || trimmed.p[0] == '#';
}

/* `# escape=`, in the comments at the top. */
static void read_directives(struct reader *r)
{
    struct sw_str text = r->rest;
    while (text.p != NULL) {
        struct sw_str line = sw_str_trim(sw_str_cut(&text, '\n'));
        if (!sw_str_starts(line, "#"))
            return;
        struct sw_str value = sw_str_drop(line, 1);
        struct sw_str name = sw_str_trim(sw_str_cut(&value, '='));
        if (value.p == NULL)
            return;
        value = sw_str_trim(value);
        if (sw_str_is(name, "escape") && value.n == 1 && (value.p[0] == '`' || value.p[0] == '\\'))
            r->escape = value.p[0];
    }
}

static void add_start(struct reader *r, struct sw_instruction *instruction, size_t offset)
{
    struct sw_line_start *starts =
        sw_arena_grow(&r->out->arena, instruction->starts, instruction->start_count, sizeof(*starts));
    if (starts == NULL) {
        r->failed = true;
        return;
    }
    instruction->starts = starts;
    starts[instruction->start_count++] = (struct sw_line_start){offset, r->line};
}

/* Return true if the instruction continues on the next line; the line then loses the character that says so,
 * and all behind it. */
static bool goes_on(const struct reader *r, struct sw_str *line)
{
    struct sw_str trimmed = *line;
    while (trimmed.n > 0 && sw_is_space((unsigned char)trimmed.p[trimmed.n - 1]))
        trimmed.n--;
    if (trimmed.n == 0 || trimmed.p[trimmed.n - 1] != r->escape)
        return false;
    *line = (struct sw_str){trimmed.p, trimmed.n - 1};
    return true;
}

/* The instruction that begins with `line`, joined in `text`. */
static void join(struct reader *r, struct sw_instruction *instruction, struct sw_buffer *text,
                 struct sw_str line)
{
    line = sw_str_trim(line);
    for (bool more = true; more && !r->failed;) {
        add_start(r, instruction, text->n);
        more = goes_on(r, &line);
        sw_buffer_add_str(text, line);
        if (!more)
            return;
        do {
            if (r->rest.p == NULL)
                return;
            line = next_line(r);
        } while (is_comment(line));
    }
}

/* The word that ends a heredoc, as `<<WORD`, `<<-WORD`, `<<"WORD"` or `3<<WORD` name it. */
struct ending {
    struct sw_str word;
    bool tabs; /* before the lines are not part of them */
};

static bool is_word_byte(int c)
{
    return sw_is_alnum(c) || c == '_' || c == '.' || c == '-';
}

/* Take the next heredoc that `text` announces; a quoted "<<" or a "<<<" announces none. */
static bool next_ending(struct ending *out, struct sw_str *text)
{
    char quote = '\0';
    for (size_t i = 0; i + 1 < text->n; i++) {
        char c = text->p[i];
        if (quote != '\0' || c == '"' || c == '\'') {
            quote = quote == '\0' ? c : quote == c ? '\0' : quote;
            continue;
        }
        if (c != '<' || text->p[i + 1] != '<')
            continue;
        struct sw_str word = sw_str_drop(*text, i + 2);
        if (sw_str_starts(word, "<")) {
            i += 2;
            continue;
        }
        *out = (struct ending){.tabs = sw_str_starts(word, "-")};
        word = sw_str_drop(word, out->tabs);
        bool quoted = word.n > 0 && (word.p[0] == '"' || word.p[0] == '\'');
        word = sw_str_drop(word, quoted);
        size_t n = 0;
        while (n < word.n && is_word_byte((unsigned char)word.p[n]))
            n++;
        *text = sw_str_drop(word, n + (quoted && n < word.n));
        out->word = (struct sw_str){word.p, n};
        if (n > 0)
            return true;
        /* Start again at the beginning of the text that is left. */
        i = (size_t)-1;
    }
    return false;
}

static struct sw_str without_tabs(struct sw_str line)
{
    while (line.n > 0 && line.p[0] == '\t')
        line = sw_str_drop(line, 1);
    return line;
}

static void read_heredocs(struct reader *r, struct sw_instruction *instruction)
{
    SW_BUFFER_AUTO body;
    sw_buffer_init(&body, SW_MAX_ARENA);
    struct ending ending;
    struct sw_str text = instruction->text;
    while (r->rest.p != NULL && next_ending(&ending, &text)) {
        if (instruction->body_line == 0)
            instruction->body_line = r->line + 1;
        while (r->rest.p != NULL) {
            struct sw_str line = next_line(r);
            if (ending.tabs)
                line = without_tabs(line);
            if (sw_str_equal(line, ending.word))
                break;
            sw_buffer_add_str(&body, line);
            sw_buffer_add_char(&body, '\n');
        }
    }
    char *copy = sw_arena_copy(&r->out->arena, sw_buffer_str(&body));
    r->failed = r->failed || copy == NULL || body.state != SW_BUFFER_OK;
    instruction->body = (struct sw_str){copy == NULL ? "" : copy, copy == NULL ? 0 : body.n};
}

/* The keyword off the joined text, and both into the arena. */
static void split(struct reader *r, struct sw_instruction *instruction, const struct sw_buffer *joined)
{
    char *copy = sw_arena_copy(&r->out->arena, sw_buffer_str(joined));
    if (copy == NULL || joined->state != SW_BUFFER_OK) {
        r->failed = true;
        return;
    }
    size_t n = 0;
    while (n < joined->n && !sw_is_space((unsigned char)copy[n]))
        n++;
    instruction->keyword = (struct sw_str){copy, n};
    struct sw_str text = sw_str_trim((struct sw_str){copy + n, joined->n - n});
    size_t before = text.n == 0 ? joined->n : (size_t)(text.p - copy);
    copy[before + text.n] = '\0';
    instruction->text = (struct sw_str){copy + before, text.n};
    for (size_t i = 0; i < instruction->start_count; i++) {
        struct sw_line_start *start = &instruction->starts[i];
        start->offset = start->offset < before ? 0 : start->offset - before;
    }
}

static void read_instruction(struct reader *r, struct sw_str line)
{
    SW_BUFFER_AUTO joined;
    sw_buffer_init(&joined, SW_MAX_ARENA);
    struct sw_instruction instruction = {.line = r->line};
    join(r, &instruction, &joined, line);
    if (!r->failed)
        split(r, &instruction, &joined);
    bool takes_heredocs = sw_instruction_is(&instruction, "run") || sw_instruction_is(&instruction, "copy") ||
                          sw_instruction_is(&instruction, "add");
    instruction.body = (struct sw_str){"", 0};
    if (!r->failed && takes_heredocs)
        read_heredocs(r, &instruction);
    struct sw_instruction *items =
        r->failed ? NULL : sw_arena_grow(&r->out->arena, r->out->items, r->out->count, sizeof(*items));
    r->failed = items == NULL;
    if (r->failed)
        return;
    r->out->items = items;
    items[r->out->count++] = instruction;
}

void sw_instructions_init(struct sw_instructions *out, struct sw_str text)
{
    *out = (struct sw_instructions){0};
    sw_arena_init(&out->arena, SW_MAX_ARENA);
    struct reader r = {.out = out, .rest = text, .escape = '\\'};
    if (sw_str_starts(r.rest, "\xEF\xBB\xBF"))
        r.rest = sw_str_drop(r.rest, 3);
    read_directives(&r);
    while (r.rest.p != NULL && !r.failed && out->count < SW_MAX_BUILD_STEPS) {
        struct sw_str line = next_line(&r);
        if (!is_comment(line))
            read_instruction(&r, line);
    }
}

void sw_instructions_release(struct sw_instructions *instructions)
{
    if (instructions == NULL)
        return;
    sw_arena_release(&instructions->arena);
    *instructions = (struct sw_instructions){0};
}

bool sw_instruction_is(const struct sw_instruction *instruction, const char *keyword)
{
    struct sw_str own = instruction->keyword;
    if (own.n != strlen(keyword))
        return false;
    for (size_t i = 0; i < own.n; i++)
        if (sw_lower(own.p[i]) != keyword[i])
            return false;
    return true;
}

unsigned sw_instruction_line(const struct sw_instruction *instruction, size_t offset)
{
    /* The starts stand in the order of their offsets. */
    size_t low = 0, high = instruction->start_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (instruction->starts[middle].offset <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? instruction->line : instruction->starts[low - 1].line;
}

bool sw_dockerfile_is_name(struct sw_str name)
{
    static const char *const words[] = {"Dockerfile", "dockerfile", "Containerfile"};
    bool is_name = false;
    for (size_t i = 0; i < SW_COUNT(words); i++) {
        struct sw_str word = sw_str_from(words[i]);
        struct sw_str rest = sw_str_drop(name, word.n);
        bool starts = sw_str_starts(name, words[i]) && (rest.n == 0 || strchr("._-", rest.p[0]) != NULL);
        bool ends = sw_str_ends(name, words[i]) && name.n > word.n && name.p[name.n - word.n - 1] == '.';
        is_name = is_name || starts || ends;
    }
    return is_name;
}

bool sw_dockerfile_is_text(struct sw_str text)
{
    SW_INSTRUCTIONS_AUTO file;
    bool has_from = false;
    sw_instructions_init(&file, text);
    for (size_t i = 0; i < file.count && !has_from; i++)
        has_from = sw_instruction_is(&file.items[i], "from");
    return has_from;
}
