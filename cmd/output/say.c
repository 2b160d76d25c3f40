#include "output/say.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "base/text.h"

#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

/* The flags, width, precision and length of a conversion. */
struct spec {
    bool left;
    int width, precision; /* -1: none */
    bool is_long, is_long_long, is_size;
};

/* A number in a format, or the argument for "*"; -1 if there is none. */
static int read_number(const char **at, va_list *arguments)
{
    if (**at == '*') {
        (*at)++;
        return va_arg(*arguments, int);
    }
    int number = -1;
    for (; sw_is_digit((unsigned char)**at); (*at)++)
        number = (number < 0 ? 0 : number * 10) + (**at - '0');
    return number;
}

static struct spec read_spec(const char **at, va_list *arguments)
{
    struct spec spec = {.precision = -1};
    for (; **at == '-'; (*at)++)
        spec.left = true;
    spec.width = read_number(at, arguments);
    if (**at == '.') {
        (*at)++;
        spec.precision = read_number(at, arguments);
    }
    for (; **at == 'l' || **at == 'z'; (*at)++) {
        spec.is_long_long = **at == 'l' && spec.is_long;
        spec.is_long = **at == 'l';
        spec.is_size = **at == 'z';
    }
    return spec;
}

static void pad(struct sw_buffer *out, size_t columns, int width)
{
    for (size_t i = columns; width > 0 && i < (size_t)width; i++)
        sw_buffer_add_char(out, ' ');
}

static void add_text(struct sw_buffer *out, const struct spec *spec, struct sw_str text)
{
    SW_BUFFER_AUTO clean;
    sw_buffer_init(&clean, out->max);
    if (spec->left || spec->width <= 0) {
        size_t start = out->n;
        sw_text_add_clean(out, text);
        if (spec->width > 0)
            pad(out, sw_text_width(sw_str_drop(sw_buffer_str(out), start)), spec->width);
        return;
    }
    sw_text_add_clean(&clean, text);
    pad(out, sw_text_width(sw_buffer_str(&clean)), spec->width);
    sw_text_add_clean(out, text);
}

static void add_number(struct sw_buffer *out, const struct spec *spec, bool is_signed, va_list *arguments)
{
    char text[32];
    unsigned long long value = spec->is_size        ? va_arg(*arguments, size_t)
                               : spec->is_long_long ? va_arg(*arguments, unsigned long long)
                               : spec->is_long      ? va_arg(*arguments, unsigned long)
                               : is_signed          ? (unsigned long long)va_arg(*arguments, int)
                                                    : va_arg(*arguments, unsigned);
    if (is_signed)
        (void)snprintf(text, sizeof text, "%lld", (long long)value);
    else
        (void)snprintf(text, sizeof text, "%llu", value);
    add_text(out, spec, sw_str_from(text));
}

static void add_conversion(struct sw_buffer *out, const char **at, va_list *arguments)
{
    const struct spec spec = read_spec(at, arguments);
    char kind = *(*at)++;
    if (kind == 's') {
        const char *text = va_arg(*arguments, const char *);
        size_t n = text == NULL          ? 0
                   : spec.precision >= 0 ? strnlen(text, (size_t)spec.precision)
                                         : strlen(text);
        add_text(out, &spec, (struct sw_str){text, n});
    } else if (kind == 'c') {
        const char c = (char)va_arg(*arguments, int);
        add_text(out, &spec, (struct sw_str){&c, 1});
    } else if (kind == 'd' || kind == 'u') {
        add_number(out, &spec, kind == 'd', arguments);
    } else {
        sw_buffer_add_char(out, kind);
    }
}

void say(FILE *to, const char *format, ...)
{
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, 4 * SW_MAX_JSON_SIZE);
    va_list arguments;
    va_start(arguments, format);
    for (const char *at = format; *at != '\0';) {
        const char *percent = strchrnul(at, '%');
        sw_buffer_add(&out, at, (size_t)(percent - at));
        at = percent;
        if (*at == '%') {
            at++;
            add_conversion(&out, &at, &arguments);
        }
    }
    va_end(arguments);
    (void)say_bytes(to, sw_buffer_str(&out));
}

void say_lines(FILE *to, struct sw_str text)
{
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, 4 * SW_MAX_JSON_SIZE);
    sw_text_add_clean_lines(&out, text, "");
    (void)say_bytes(to, sw_buffer_str(&out));
}

void say_own(FILE *to, const char *text)
{
    (void)fputs(text, to);
}

bool say_is_runner(void)
{
    const char *actions = getenv("GITHUB_ACTIONS");
    return actions != NULL && strcmp(actions, "true") == 0;
}

bool say_is_shown(FILE *to)
{
    struct stat status;
    bool regular = fstat(fileno(to), &status) == 0 && S_ISREG(status.st_mode);
    return isatty(fileno(to)) != 0 || (say_is_runner() && !regular);
}

bool say_data(FILE *to, struct sw_str text)
{
    if (!say_is_shown(to))
        return say_bytes(to, text);
    say_lines(to, text);
    return ferror(to) == 0;
}

bool say_bytes(FILE *to, struct sw_str bytes)
{
    return fwrite(bytes.p, 1, bytes.n, to) == bytes.n;
}
