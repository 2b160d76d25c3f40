/* The trimmer of images: in installed packages only the GPU code stays that the driver takes for the GPUs of the image, and of the
 * other files only those that a process could load.
 *
 *     trim --for 9.0,12.0 [--cuda 128]... [--keep PROJECT|nvidia]... [--remove KIND]... [--journal FILE] FOLDER...
 *     trim --for 9.0 --only LIBRARY [OUT]    one library, written to OUT; without OUT nothing is written
 *
 * FOLDER is a folder of packages (site-packages); KIND is libraries, archives, headers, tests or bytecode. The journal is
 * /opt/slipway/trim.json by default (journal.h).
 *
 * Exit status: 0 done, even if a file was left as it was; 1 a file could not be written; 2 usage. */
#include "rules.h"
#include "site.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOURNAL "/opt/slipway/trim.json"

enum { STATUS_DONE = 0, STATUS_FAILED = 1, STATUS_USAGE = 2, MIB = 1 << 20 };

struct arguments {
    struct request request;
    const char *journal;
    bool only;
    char **rest; /* folders, or a library and its copy */
    int count;
};

static int complain(const char *what, const char *detail)
{
    (void)fprintf(stderr, "slipway trim: %s: %s\n", what, detail);
    return STATUS_FAILED;
}

static bool add_name(const char **names, size_t *count, const char *name)
{
    if (*count == REQUEST_MOST_NAMES)
        return false;
    names[(*count)++] = name;
    return true;
}

static bool take(struct arguments *a, const char *option, const char *value)
{
    struct request *request = &a->request;
    if (strcmp(option, "--for") == 0)
        return sw_device_targets_parse(&request->targets, value);
    if (strcmp(option, "--cuda") == 0)
        return add_name(request->cudas, &request->cuda_count, value);
    if (strcmp(option, "--keep") == 0)
        return add_name(request->keep, &request->keep_count, value);
    if (strcmp(option, "--journal") == 0) {
        a->journal = value;
        return true;
    }
    unsigned rule = strcmp(option, "--remove") == 0 ? rule_parse(value) : 0;
    request->remove |= rule;
    return rule != 0;
}

static bool read_arguments(struct arguments *a, int argc, char **argv)
{
    int at = 1;
    a->journal = JOURNAL;
    while (at < argc && strncmp(argv[at], "--", 2) == 0) {
        a->only |= strcmp(argv[at], "--only") == 0;
        if (a->only) {
            at++;
            break;
        }
        if (at + 1 >= argc || !take(a, argv[at], argv[at + 1]))
            return false;
        at += 2;
    }
    a->rest = argv + at;
    a->count = argc - at;
    return a->request.targets.count > 0 && a->count > 0 && (!a->only || a->count <= 2);
}

static void print_codes(const char *word, const struct sw_device_codes *codes)
{
    (void)printf("%s", word);
    for (size_t i = 0; i < codes->count; i++) {
        char text[SW_DEVICE_CODE_TEXT_SIZE];
        sw_device_code_text(text, &codes->items[i]);
        (void)printf(" %s", text);
    }
    (void)printf("\n");
}

static void print_library(const struct sw_trimming *library)
{
    print_codes("kept:", &library->kept);
    print_codes("dropped:", &library->dropped);
    (void)printf("code: %llu -> %llu bytes in %llu fat binaries\n", (unsigned long long)library->code_before,
                 (unsigned long long)library->code_after, (unsigned long long)library->fatbins);
    if (library->note[0] != '\0')
        (void)printf("%s: %s\n", library->sound ? "left whole" : "left as it is", library->note);
}

static int trim_one(const struct arguments *a)
{
    struct sw_trimming library;
    struct stat status;
    char digest[SW_TRIMMING_DIGEST_SIZE];
    int fd = open(a->rest[0], O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) ||
        !sw_trimming_plan(&library, fd, (uint64_t)status.st_size, &a->request.targets))
        return complain(a->rest[0], errno == 0 ? "it cannot be read" : strerror(errno));
    print_library(&library);
    if (a->count == 2) {
        int out = open(a->rest[1], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (out < 0 || !sw_trimming_write(digest, &library, fd, (uint64_t)status.st_size, out) ||
            close(out) != 0)
            return complain(a->rest[1], strerror(errno));
        (void)printf("sha256=%s\n", digest);
    }
    sw_trimming_release(&library);
    return STATUS_DONE;
}

static int write_journal(const struct arguments *a, const struct journal *journal)
{
    FILE *to = fopen(a->journal, "we");
    if (to == NULL)
        return complain(a->journal, strerror(errno));
    journal_write(to, journal, &a->request.targets);
    return fclose(to) == 0 ? STATUS_DONE : complain(a->journal, strerror(errno));
}

static int trim_folders(const struct arguments *a)
{
    struct journal journal = {0};
    struct totals totals = {0};
    const char *fault = journal_read(&journal, a->journal);
    int status = fault == NULL ? STATUS_DONE : complain(a->journal, fault);
    for (int i = 0; i < a->count && status == STATUS_DONE; i++) {
        fault = site_trim(&totals, &journal, a->rest[i], &a->request);
        if (fault != NULL)
            status = complain(a->rest[i], fault);
    }
    if (status == STATUS_DONE)
        status = write_journal(a, &journal);
    if (status == STATUS_DONE)
        (void)printf("slipway trim: GPU code %llu -> %llu MiB: %zu libraries written, %zu left as they are; "
                     "%zu files removed, %llu MiB\n",
                     (unsigned long long)totals.code_before / MIB,
                     (unsigned long long)totals.code_after / MIB, totals.changed, totals.left, totals.removed,
                     (unsigned long long)totals.removed_bytes / MIB);
    journal_release(&journal);
    return status;
}

int main(int argc, char **argv)
{
    static struct arguments arguments;
    if (!read_arguments(&arguments, argc, argv)) {
        (void)fputs("usage: trim --for 9.0,12.0 [--cuda 128]... [--keep PROJECT]... [--remove KIND]... "
                    "[--journal FILE] FOLDER...\n",
                    stderr);
        return STATUS_USAGE;
    }
    (void)umask(022);
    return arguments.only ? trim_one(&arguments) : trim_folders(&arguments);
}
