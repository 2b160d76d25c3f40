#include "base/error.h"

#include "base/limits.h"

#include <errno.h>
#include <stdarg.h>

SW_PRINTF(3, 0)
static void set(struct sw_error *error, enum sw_code code, const char *format, va_list arguments)
{
    memset(error, 0, sizeof *error);
    error->code = code;
    (void)vsnprintf(error->text, sizeof error->text, format, arguments);
}

int sw_fail(struct sw_error *error, enum sw_code code, const char *format, ...)
{
    if (error == NULL)
        return code;
    va_list arguments;
    va_start(arguments, format);
    set(error, code, format, arguments);
    va_end(arguments);
    return code;
}

int sw_fail_at(struct sw_error *error, enum sw_code code, const char *file, unsigned line, unsigned column,
               const char *format, ...)
{
    if (error == NULL)
        return code;
    va_list arguments;
    va_start(arguments, format);
    set(error, code, format, arguments);
    va_end(arguments);
    (void)snprintf(error->file, sizeof error->file, "%s", file == NULL ? "" : file);
    error->line = line;
    error->column = column;
    return code;
}

int sw_fail_errno(struct sw_error *error, enum sw_code code, const char *format, ...)
{
    if (error == NULL)
        return code;
    int number = errno;
    va_list arguments;
    va_start(arguments, format);
    set(error, code, format, arguments);
    va_end(arguments);
    size_t used = strlen(error->text);
    char reason[128];
#ifdef __GLIBC__
    const char *text = strerror_r(number, reason, sizeof reason);
#else /* as POSIX has it */
    const char *text = strerror_r(number, reason, sizeof reason) == 0 ? reason : "unknown error";
#endif
    (void)snprintf(error->text + used, sizeof error->text - used, ": %s", text);
    return code;
}

int sw_fail_memory(struct sw_error *error)
{
    (void)sw_fail(error, SW_EENV, "out of memory");
    (void)sw_error_hint(error, "what is made of one input may take %llu MiB: make the input smaller",
                        SW_MAX_ARENA / SW_MIB);
    return SW_EENV;
}

int sw_error_hint(struct sw_error *error, const char *format, ...)
{
    if (error == NULL)
        return SW_EINPUT;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(error->hint, sizeof error->hint, format, arguments);
    va_end(arguments);
    return error->code;
}

int sw_error_context(int code, struct sw_error *error, const char *format, ...)
{
    if (error == NULL)
        return code;
    char inner[sizeof error->text];
    memcpy(inner, error->text, sizeof inner);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    size_t used = strlen(error->text);
    (void)snprintf(error->text + used, sizeof error->text - used, ": %s", inner);
    return code;
}
