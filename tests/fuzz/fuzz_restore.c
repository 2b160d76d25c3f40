/* A record.json of anybody's, in a record that holds files of every kind: a rollback takes back profiles and locks only, and tags
 * only of the repository that the profile's images go to. */
#include "base/file.h"
#include "base/limits.h"
#include "project/restore.h"

#include "fuzz.h"
#include "support.h"

#define IMAGE "example/demo"

static const char profile_text[] = "slipway: 1\nname: demo\n";

/* What may come back comes first. */
enum { MAY_COME_BACK = 4 };
static const char *const names[] = {
    "slipway/demo.yaml", "slipway/other.yaml",
    "demo.yaml",         "slipway/pylock.demo.toml", /* and what may not */
    "compose.yaml",      ".envrc",
    "Makefile",          ".github/workflows/ci.yaml",
    "slipway/.x.yaml",   "pylock.other.toml",
};

/* A record that holds a file of each name, in a history of its own. */
static struct sw_history *open_history(struct sw_record *record)
{
    static struct sw_history *history;
    static struct sw_record kept;
    static struct sw_arena arena;
    struct sw_record_file files[SW_COUNT(names)];
    if (history == NULL) {
        sw_arena_init(&arena, SW_MAX_ARENA);
        const char *own = sw_arena_format(&arena, "%s/history", fuzz_folder());
        const char *root = sw_arena_format(&arena, "%s/root", fuzz_folder());
        fuzz_claim(own != NULL && root != NULL && sw_dir_make(root, 0777, NULL) == 0);
        fuzz_write("root/compose.yaml", SW_STR("services: {}\n"));
        for (size_t i = 0; i < SW_COUNT(names); i++)
            files[i] = (struct sw_record_file){sw_arena_format(&arena, "profile/%s", names[i]),
                                               sw_str_from(profile_text), false};
        const struct sw_record_draft draft = {
            .profile = "demo", .summary = "x", .text = "", .files = files, .files_count = SW_COUNT(files)};
        fuzz_claim(sw_history_open(&history, "/", own, NULL, NULL) == 0);
        fuzz_claim(sw_history_append(&kept, &arena, history, &draft, NULL) == 0);
        kept.number = 7; /* so that facts of a rollback or a push may name builds before it */
    }
    *record = kept;
    return history;
}

static bool may_come_back(const char *name)
{
    for (size_t i = 0; i < MAY_COME_BACK; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

int fuzz_restore(const uint8_t *data, size_t size)
{
    char root[128];
    struct sw_record record;
    struct sw_record_facts facts;
    struct sw_restore restore;
    struct sw_error error = {0};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_history *history = open_history(&record);
    (void)snprintf(root, sizeof root, "%s/root", fuzz_folder());
    const struct sw_restore_scope scope = {.root = root, .folder = "", .image = IMAGE};
    if (sw_record_facts_parse(&facts, &arena, &record, (struct sw_str){(const char *)data, size}, NULL) != 0)
        return 0;
    if (sw_restore_read(&restore, &arena, history, &record, &facts, &scope, &error) != 0) {
        fuzz_claim(error.text[0] != '\0');
        return 0;
    }
    for (size_t i = 0; i < restore.files_count; i++)
        fuzz_claim(may_come_back(restore.files[i].name));
    for (size_t i = 0; i < restore.tags_count; i++) {
        const char *tag = restore.tags[i].name;
        fuzz_claim(strncmp(tag, IMAGE, strlen(IMAGE)) == 0 && strchr(":@", tag[strlen(IMAGE)]) != NULL);
    }
    return 0;
}
