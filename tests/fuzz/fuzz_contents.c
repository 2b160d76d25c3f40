/* Any image: each line of the input is a file of one of two layers ("1PATH CONTENT", "2PATH CONTENT"), the manifest ("mJSON") or the
 * configuration ("cJSON"). A tar's checksums would keep nearly every mutation from being read, so the tars are made here; input that
 * begins with "raw" is the archive itself. All that is counted once adds up in every way. */
#include "base/limits.h"
#include "contents/contents.h"

#include "fuzz.h"
#include "support.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST_BYTES = 1 << 20 };

struct tar {
    struct archive *archive;
    char bytes[MOST_BYTES];
    size_t used;
};

static void begin(struct tar *tar)
{
    tar->archive = archive_write_new();
    tar->used = 0;
    fuzz_claim(tar->archive != NULL && archive_write_set_format_pax_restricted(tar->archive) == ARCHIVE_OK);
    fuzz_claim(archive_write_open_memory(tar->archive, tar->bytes, sizeof tar->bytes, &tar->used) ==
               ARCHIVE_OK);
}

static void add(struct tar *tar, struct sw_str name, struct sw_str content)
{
    char path[SW_MAX_PATH_SIZE];
    struct archive_entry *entry = archive_entry_new();
    size_t n = name.n < sizeof path - 1 ? name.n : sizeof path - 1;
    memcpy(path, name.p, n);
    path[n] = '\0';
    fuzz_claim(entry != NULL);
    archive_entry_copy_pathname(entry, path);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)content.n);
    if (archive_write_header(tar->archive, entry) == ARCHIVE_OK)
        (void)archive_write_data(tar->archive, content.p, content.n);
    archive_entry_free(entry);
}

static struct sw_str end(struct tar *tar)
{
    (void)archive_write_close(tar->archive);
    archive_write_free(tar->archive);
    return (struct sw_str){tar->bytes, tar->used};
}

static struct sw_str make_image(struct sw_str input)
{
    static struct tar layers[2], image;
    struct sw_str manifest = SW_STR("[{\"Config\":\"c\",\"Layers\":[\"1\",\"2\"]}]"),
                  configuration = SW_STR("{}");
    begin(&layers[0]);
    begin(&layers[1]);
    while (input.p != NULL) {
        struct sw_str content = sw_str_cut(&input, '\n');
        char kind = content.n == 0 ? '\0' : content.p[0];
        content = sw_str_drop(content, content.n > 0);
        if (kind == 'm')
            manifest = content;
        else if (kind == 'c')
            configuration = content;
        else if (kind == '1' || kind == '2') {
            struct sw_str name = sw_str_cut(&content, ' ');
            add(&layers[kind - '1'], name, content.p == NULL ? SW_STR("") : content);
        }
    }
    begin(&image);
    add(&image, SW_STR("1"), end(&layers[0]));
    add(&image, SW_STR("2"), end(&layers[1]));
    add(&image, SW_STR("c"), configuration);
    add(&image, SW_STR("manifest.json"), manifest);
    return end(&image);
}

static int take_some(void *self, void *out, size_t n, size_t *got, struct sw_error *error)
{
    (void)error;
    struct sw_str *rest = self;
    *got = rest->n < n ? rest->n : n;
    memcpy(out, rest->p, *got);
    *rest = sw_str_drop(*rest, *got);
    return 0;
}

static uint64_t sum_of(const struct sw_contents_bytes *bytes)
{
    return bytes->gpu_code + bytes->host_code + bytes->other;
}

static void claim_sums(const struct sw_contents *found)
{
    uint64_t layers = 0, hidden = 0, parts = sum_of(&found->rest);
    size_t files = found->rest.files;
    for (size_t i = 0; i < found->layer_count; i++) {
        fuzz_claim(found->layers[i].name != NULL && found->layers[i].command != NULL);
        layers += found->layers[i].size;
        hidden += found->layers[i].hidden;
    }
    for (size_t i = 0; i < found->project_count; i++) {
        parts += sum_of(&found->projects[i].bytes);
        files += found->projects[i].bytes.files;
    }
    fuzz_claim(hidden == found->hidden && layers == sum_of(&found->visible) + hidden);
    fuzz_claim(parts == sum_of(&found->visible) && files == found->visible.files);
    fuzz_claim(found->trim_after <= found->trim_before);
}

int fuzz_contents(const uint8_t *data, size_t size)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_str input = {(const char *)data, size};
    struct sw_str rest = sw_str_starts(input, "raw") ? sw_str_drop(input, strlen("raw")) : make_image(input);
    const struct sw_source source = {take_some, &rest};
    const struct sw_contents_input wanted = {
        .archive = &source, .spool = memfd_create("spool", MFD_CLOEXEC), .targets = {{89}, 1}};
    struct sw_contents found;
    struct sw_error error = {.code = SW_OK};
    fuzz_claim(wanted.spool >= 0);
    if (sw_contents_read(&found, &arena, &wanted, &error) == 0)
        claim_sums(&found);
    else
        fuzz_claim(error.text[0] != '\0' && error.code != SW_EENV);
    (void)close(wanted.spool);
    return 0;
}
