/* Differences between a profile and its Dockerfile that no instruction shows alone: a profile installs first, as root and into an
 * environment of its own, then has its files, then its steps. */
#include "author/draft_internal.h"
#include "base/file.h"
#include "dockerfile/instructions.h"

/* Return true if the part belongs to the image and a profile is written. */
static bool speaks(const struct draft_reader *r)
{
    return !r->is_source && !r->draft->judged;
}

/* Name a part that a profile has behind the line `line`, once. */
static void leave_moved(struct draft_reader *r, struct draft_late *late, unsigned line)
{
    if (late->text.n == 0 || late->is_named)
        return;
    late->is_named = true;
    draft_leave(r->draft, late->place, late->text, "a profile has it behind what stands in line %u and below",
                line);
}

static void begin(struct draft_late *late, struct draft_place place, struct sw_str text)
{
    if (late->text.n == 0)
        *late = (struct draft_late){.place = place, .text = text};
}

void draft_keep_order(struct draft_reader *r, enum draft_phase phase, struct draft_place place,
                      struct sw_str text)
{
    if (!speaks(r))
        return;
    if (phase == DRAFT_PHASE_STEPS) {
        begin(&r->step, place, text);
        return;
    }
    leave_moved(r, &r->step, place.line);
    if (phase == DRAFT_PHASE_INSTALL) {
        leave_moved(r, &r->settings, place.line);
        begin(&r->install, place, text);
    }
}

void draft_keep_variable(struct draft_reader *r, struct draft_place place, const char *name)
{
    static const char *const read_by_installs[] = {"PIP_", "UV_", "LD_", "PYTHONPATH", "PYTHONHOME"};
    if (!speaks(r))
        return;
    leave_moved(r, &r->step, place.line);
    for (size_t i = 0; r->install.text.n > 0 && i < SW_COUNT(read_by_installs); i++) {
        if (strncmp(name, read_by_installs[i], strlen(read_by_installs[i])) == 0)
            draft_leave(r->draft, place, sw_str_from(name), "a profile's installs have it too");
    }
}

/* ---- files ---- */

/* Return true for a folder with settings of apt, of pip or of the system, which installs may read. */
static bool has_settings(const char *to)
{
    static const char *const folders[] = {"/etc", "/root", "/usr/share/keyrings"};
    for (size_t i = 0; i < SW_COUNT(folders); i++) {
        size_t n = strlen(folders[i]);
        if (strncmp(to, folders[i], n) == 0 && (to[n] == '/' || to[n] == '\0'))
            return true;
    }
    return false;
}

/* ADD unpacks an archive, and a profile does not. */
static bool is_archive(const char *name)
{
    static const char *const ends[] = {".tar", ".tgz", ".gz", ".bz2", ".xz", ".tbz2", ".txz", ".zst"};
    for (size_t i = 0; i < SW_COUNT(ends); i++) {
        if (sw_str_ends(sw_str_from(name), ends[i]))
            return true;
    }
    return false;
}

void draft_keep_copy(struct draft_reader *r, const struct sw_instruction *instruction, const char *from,
                     const char *to)
{
    struct draft_place place = draft_instruction_place(r, instruction);
    if (!speaks(r))
        return;
    draft_keep_order(r, DRAFT_PHASE_FILES, place, sw_str_from(from));
    draft_set(r->draft, &r->owners, from, r->owner, place);
    if (has_settings(to))
        begin(&r->settings, place, sw_str_from(from));
    if (sw_instruction_is(instruction, "add") && is_archive(from))
        draft_leave(r->draft, place, sw_str_from(from), "ADD unpacks it, and a profile does not");
}

struct sw_str draft_take_copy_flags(struct draft_reader *r, const struct sw_instruction *instruction)
{
    struct draft_place place = draft_instruction_place(r, instruction);
    struct sw_str text = instruction->text;
    r->owner = "";
    while (sw_str_starts(text, "--")) {
        struct sw_str value = sw_str_cut(&text, ' '), whole = value, flag = sw_str_cut(&value, '=');
        size_t count = 0;
        const char **words =
            value.p == NULL ? NULL : sw_shell_words(&count, &r->draft->arena, value, &r->variables);
        text = text.p == NULL ? (struct sw_str){"", 0} : sw_str_trim(text);
        if (sw_str_is(flag, "--chown"))
            r->owner = words == NULL || count != 1 ? "?" : words[0];
        else if (speaks(r) && sw_str_is(flag, "--chmod"))
            draft_leave(r->draft, place, whole, "a profile's files keep their mode");
        else if (speaks(r) && !sw_str_is(flag, "--link"))
            draft_leave(r->draft, place, whole, "a profile's 'copy' has no such option");
    }
    return text;
}

/* ---- the image as a whole ---- */

static bool is_root(const char *user)
{
    static const char *const names[] = {"", "0", "root", "0:0", "root:root", "root:0", "0:root"};
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        if (strcmp(names[i], user) == 0)
            return true;
    }
    return false;
}

static const char *user_of(const struct sw_draft *draft)
{
    const struct draft_items *users = &draft->lists[DRAFT_USER];
    return users->count == 0 ? "" : users->items[users->count - 1].text;
}

void draft_keep_user(struct draft_reader *r, const struct sw_instruction *run)
{
    if (speaks(r) && !is_root(user_of(r->draft)))
        draft_leave(r->draft, draft_instruction_place(r, run), run->text,
                    "all steps of a profile run as root");
}

/* The files of a profile belong to its user. */
static void compare_owners(struct draft_reader *r)
{
    const char *user = user_of(r->draft);
    for (size_t i = 0; i < r->owners.count; i++) {
        const struct draft_pair *pair = &r->owners.items[i];
        struct sw_str name = sw_str_from(pair->second), rest = name;
        name = sw_str_cut(&rest, ':');
        bool same = is_root(user) ? is_root(pair->second)
                                  : strcmp(user, pair->second) == 0 ||
                                        (sw_str_is(name, user) && (rest.p == NULL || sw_str_is(rest, user)));
        if (!same)
            draft_leave(r->draft, pair->place, sw_str_from(pair->first),
                        is_root(user) ? "a profile's files belong to root"
                                      : "a profile's files belong to its user");
    }
}

/* Name the words that lead to another Python, or to packages in another place, than the environment of a profile. */
static void compare_paths(struct draft_reader *r, enum draft_list list)
{
    static const char *const signs[] = {"/usr/bin/python", "/usr/local/bin/python", "/usr/local/lib/python",
                                        "site-packages",   "dist-packages",         "/conda/",
                                        "/venv/",          "conda activate",        "/.venv/",
                                        "/usr/bin/pip",    "/usr/local/bin/pip"};
    const struct draft_items *items = &r->draft->lists[list];
    for (size_t i = 0; i < items->count; i++) {
        const struct draft_item *item = &items->items[i];
        bool found = false;
        for (size_t k = 0; k < SW_COUNT(signs); k++)
            found = found || strstr(item->text, signs[k]) != NULL;
        if (found && strstr(item->text, "/opt/venv/") == NULL)
            draft_leave(r->draft, item->place, sw_str_from(item->bare == NULL ? item->text : item->bare),
                        "the Python and the packages of a profile are in /opt/venv");
    }
}

void draft_compare_image(struct draft_reader *r)
{
    compare_owners(r);
    if (!sw_draft_has_stack(r->draft))
        return;
    static const enum draft_list lists[] = {DRAFT_STEPS, DRAFT_ENTRYPOINT, DRAFT_COMMAND, DRAFT_HEALTHCHECK};
    for (size_t i = 0; i < SW_COUNT(lists); i++)
        compare_paths(r, lists[i]);
}
