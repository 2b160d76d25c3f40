/* A Dockerfile, carried over into a profile: what is written is a profile without a fault. If the first line is ".txt" or
 * ".yaml", the rest is a requirements file or a Truss config. */
#include "author/draft.h"
#include "base/limits.h"
#include "profile/profile.h"

#include "fuzz.h"

#include <unistd.h>

static int read_draft(const void *self, struct sw_buffer *out, const char *path, struct sw_error *error)
{
    (void)path;
    sw_buffer_add_str(out, sw_buffer_str(self));
    return sw_buffer_check(out, "the draft", error);
}

static void check(const struct sw_buffer *text)
{
    const struct sw_profile_source source = {read_draft, text};
    struct sw_error error;
    SW_PROFILE_AUTO profile = {0};
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    if (sw_profile_load(&profile, "fuzz.yaml", &source, &findings, &error) != 0 ||
        sw_findings_count(&findings, SW_ERROR) > 0)
        abort();
}

/* The draft of a file; NULL if the file cannot be read as one. */
static struct sw_draft *read_file(const char *suffix, struct sw_str text)
{
    static struct sw_catalog catalog;
    if (catalog.gpus == NULL && sw_catalog_load(&catalog, NULL, NULL) != 0)
        abort();
    char path[64];
    (void)snprintf(path, sizeof path, "/dev/shm/fuzz-draft-XXXXXX%s", suffix);
    int file = mkstemps(path, (int)strlen(suffix));
    if (file < 0 || write(file, text.p, text.n) != (ssize_t)text.n)
        abort();
    struct sw_allowed_path folder = {"/dev/shm", SW_ACCESS_READ};
    const struct sw_permissions permissions = {.paths = &folder, .paths_count = 1};
    struct sw_draft *draft = sw_draft_new("fuzz", &catalog);
    int code = draft == NULL ? SW_EENV : sw_draft_read(draft, &permissions, path, NULL);
    (void)close(file);
    (void)unlink(path);
    if (code == 0)
        return draft;
    sw_draft_free(draft);
    return NULL;
}

int fuzz_draft(const uint8_t *data, size_t size)
{
    struct sw_str text = {(const char *)data, size}, rest = text;
    struct sw_str first = sw_str_cut(&rest, '\n');
    const char *suffix = sw_str_is(first, ".txt") ? ".txt" : sw_str_is(first, ".yaml") ? ".yaml" : "";
    if (suffix[0] != '\0' && rest.p != NULL)
        text = rest;
    struct sw_draft *draft = read_file(suffix, text);
    const struct sw_draft_form form = {"fuzz", "fuzz.yaml", "..", NULL};
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MAX_RENDERED_SIZE);
    if (draft != NULL) {
        if (sw_draft_write(&out, draft, &form, NULL) != 0)
            abort();
        check(&out);
    }
    sw_draft_free(draft);
    return 0;
}
