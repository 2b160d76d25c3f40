/* A tar, unpacked: nothing is written, changed or made outside of the folder, and in it are files, folders and links only. */
#include "base/file.h"
#include "base/limits.h"
#include "context/context.h"

#include "fuzz.h"
#include "support.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DESCRIPTORS = 16 };

static int check_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)path;
    (void)kind;
    (void)place;
    fuzz_claim(S_ISREG(status->st_mode) || S_ISDIR(status->st_mode) || S_ISLNK(status->st_mode));
    return 0;
}

/* The folder around holds `guard`, with the text that it had, and the folder of the tar. */
static void check_outside(const char *outside, const char *guard)
{
    size_t count = 0;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_KIB);
    fuzz_claim(sw_file_read(&text, guard, NULL) == 0 && strcmp(text.p, "kept") == 0);
    struct stat status;
    fuzz_claim(lstat(guard, &status) == 0 && status.st_nlink == 1 && (status.st_mode & 0777) == 0600);
    DIR *folder = opendir(outside);
    fuzz_claim(folder != NULL);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        count += entry->d_name[0] != '.' || entry->d_name[1] == '\0' || entry->d_name[1] != '.';
    (void)closedir(folder);
    fuzz_claim(count == 3);
}

int fuzz_unpack(const uint8_t *data, size_t size)
{
    char outside[128], inside[160], guard[160];
    (void)snprintf(outside, sizeof outside, "%s/unpack", fuzz_folder());
    (void)snprintf(inside, sizeof inside, "%s/in", outside);
    (void)snprintf(guard, sizeof guard, "%s/guard", outside);
    fuzz_claim(sw_dir_make(outside, 0777, NULL) == 0 &&
               sw_file_write(guard, SW_STR("kept"), 0600, NULL) == 0);
    struct sw_error error = {0};
    const struct sw_str tar = {(const char *)data, size};
    if (sw_context_unpack(tar, inside, &error) != 0)
        fuzz_claim(error.text[0] != '\0');
    check_outside(outside, guard);
    (void)nftw(inside, check_entry, DESCRIPTORS, FTW_PHYS);
    fuzz_claim(sw_dir_remove(outside, NULL) == 0);
    return 0;
}
