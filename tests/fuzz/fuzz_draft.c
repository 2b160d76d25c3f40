/* A file of a stack, carried over into a profile, which has no fault, and judged as it stands. The first line may be the ending
 * of the file's name, such as ".txt" or "Pipfile.lock"; else the file is a Dockerfile. */
#include "author/draft.h"
#include "base/limits.h"
#include "profile/plan.h"
#include "profile/profile.h"

#include "fuzz.h"
#include "support.h"

static struct sw_catalog catalog;

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
static struct sw_draft *read_file(const char *suffix, struct sw_str text, bool judged)
{
    if (catalog.gpus == NULL && sw_catalog_load(&catalog, NULL, NULL) != 0)
        abort();
    char name[32], path[128];
    (void)snprintf(name, sizeof name, "%s%s", suffix[0] == '.' ? "file" : "",
                   suffix[0] == '\0' ? "Dockerfile" : suffix);
    (void)snprintf(path, sizeof path, "%s/%s", fuzz_folder(), name);
    fuzz_write(name, text);
    struct sw_allowed_path folder = {fuzz_folder(), SW_ACCESS_READ};
    const struct sw_permissions permissions = {.paths = &folder, .paths_count = 1};
    struct sw_draft *draft = sw_draft_new("fuzz", &catalog, NULL);
    if (draft != NULL && judged)
        sw_draft_judge(draft);
    int code = draft == NULL ? SW_EENV : sw_draft_read(draft, &permissions, path, NULL);
    fuzz_remove(name);
    if (code == 0)
        return draft;
    sw_draft_free(draft);
    return NULL;
}

/* The profile of a judged file can be planned. */
static void judge(const char *suffix, struct sw_str text)
{
    struct sw_draft *draft = read_file(suffix, text, true);
    SW_PROFILE_AUTO profile = {0};
    SW_PLAN_AUTO plan = {0};
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    if (draft != NULL && (sw_draft_profile(&profile, draft, &findings, NULL) != 0 ||
                          sw_plan_resolve(&plan, &profile, &catalog, &findings, NULL) != 0))
        abort();
    sw_draft_free(draft);
}

int fuzz_draft(const uint8_t *data, size_t size)
{
    static const char *const suffixes[] = {".txt",    ".yaml",        ".toml", "uv.lock",
                                           "Pipfile", "Pipfile.lock", ""};
    struct sw_str text = {(const char *)data, size}, rest = text;
    struct sw_str first = sw_str_cut(&rest, '\n');
    const char *suffix = "";
    for (size_t i = 0; i < SW_COUNT(suffixes); i++)
        suffix = sw_str_is(first, suffixes[i]) ? suffixes[i] : suffix;
    if (suffix[0] != '\0' && rest.p != NULL)
        text = rest;
    struct sw_draft *draft = read_file(suffix, text, false);
    const struct sw_draft_form form = {
        .by = "fuzz", .path = "fuzz.yaml", .context = "..", .dockerfile = "../Dockerfile"};
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MAX_RENDERED_SIZE);
    if (draft != NULL) {
        if (sw_draft_write(&out, draft, &form, NULL) != 0)
            abort();
        check(&out);
    }
    if (draft != NULL && sw_draft_dockerfile(draft) != NULL) {
        sw_buffer_clear(&out);
        if (sw_draft_write_wrapped(&out, draft, &form, NULL) != 0)
            abort();
        check(&out);
    }
    sw_draft_free(draft);
    judge(suffix, text);
    return 0;
}
