/* Preloaded, it makes opendir() of a folder called "busy" compute for ever: a loop that looks at no request to end. */
#include <dirent.h>
#include <dlfcn.h>
#include <string.h>

DIR *opendir(const char *name)
{
    static volatile unsigned long rounds;
    DIR *(*real)(const char *) = NULL;
    const size_t n = strlen(name);
    while (n >= 4 && strcmp(name + n - 4, "busy") == 0)
        rounds++;
    *(void **)&real = dlsym(RTLD_NEXT, "opendir");
    return real(name);
}
