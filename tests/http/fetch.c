/* Fetches URLs, all at once, and prints what came of each, for fetch_test.py.
 *
 * usage: fetch [OPTION=VALUE]... URL...     an option holds for all
 * prints, a line for each URL: CODE, HTTP status, total, where from, the body, text and hint, separated by tabs */
#include "http/fetch.h"
#include "base/clock.h"
#include "base/text.h"

#include <signal.h>
#include <sys/time.h>

enum { MOST = 300 };

static struct sw_cancel cancel;

static void on_alarm(int number)
{
    (void)number;
    sw_cancel_request(&cancel);
}

static long number(const char *text)
{
    return strtol(text, NULL, 10);
}

static void cancel_after(long milliseconds)
{
    const struct itimerval timer = {.it_value = {milliseconds / 1000, milliseconds % 1000 * 1000}};
    (void)signal(SIGALRM, on_alarm);
    (void)setitimer(ITIMER_REAL, &timer, NULL);
}

static bool set(struct sw_fetch_options *options, struct sw_fetch_request *request, char *word)
{
    struct sw_str value = sw_str_from(word), name = sw_str_cut(&value, '=');
    if (sw_str_is(name, "ca"))
        options->ca_file = value.p;
    else if (sw_str_is(name, "netrc"))
        options->netrc = value.p;
    else if (sw_str_is(name, "http_proxy"))
        options->http_proxy = value.p;
    else if (sw_str_is(name, "no_proxy"))
        options->no_proxy = value.p;
    else if (sw_str_is(name, "stall"))
        options->stall_ns = number(value.p) * SW_SECOND_NS;
    else if (sw_str_is(name, "connect"))
        options->connect_ns = number(value.p) * SW_SECOND_NS;
    else if (sw_str_is(name, "total"))
        options->total_ns = number(value.p) * SW_SECOND_NS;
    else if (sw_str_is(name, "cancel"))
        cancel_after(number(value.p));
    else if (sw_str_is(name, "accept"))
        request->accept = value.p;
    else if (sw_str_is(name, "etag"))
        request->etag = value.p;
    else if (sw_str_is(name, "offset"))
        request->range.offset = (uint64_t)number(value.p);
    else if (sw_str_is(name, "size"))
        request->range.size = (uint64_t)number(value.p);
    else if (sw_str_is(name, "last"))
        request->range = (struct sw_fetch_range){.size = (uint64_t)number(value.p), .from_end = true};
    else if (sw_str_is(name, "max"))
        request->max = (size_t)number(value.p);
    else
        return false;
    return true;
}

static void print(const struct sw_fetch_response *response)
{
    SW_BUFFER_AUTO body;
    sw_buffer_init(&body, 4096);
    sw_text_add_clean(&body,
                      (struct sw_str){response->body.p, response->body.n < 200 ? response->body.n : 200});
    (void)printf("%d\t%ld\t%llu%s\t%s\t%s\t%s\t%s\n", response->code, response->status,
                 (unsigned long long)response->total, response->ranges_ignored ? " ignored" : "",
                 response->url.p, body.p, response->error.text, response->error.hint);
}

int main(int argc, char **argv)
{
    static struct sw_fetch_request requests[MOST];
    static struct sw_fetch_response responses[MOST];
    struct sw_fetch_options options = {.cancel = &cancel, .pause_ns = 10 * SW_MILLISECOND_NS};
    struct sw_fetch_request request = {0};
    struct sw_fetcher *fetcher = NULL;
    struct sw_error error = {0};
    sw_cancel_init(&cancel);
    int first = 1;
    while (first < argc && set(&options, &request, argv[first]))
        first++;
    size_t count = 0;
    for (int i = first; i < argc && count < MOST; i++, count++) {
        requests[count] = request;
        requests[count].url = argv[i];
        sw_fetch_response_init(&responses[count]);
    }
    int code = sw_fetcher_new(&fetcher, &options, &error);
    if (code == 0)
        code = sw_fetch_all(responses, fetcher, requests, count, &error);
    if (code != 0)
        (void)printf("%d\t0\t0\t\t\t%s\t%s\n", code, error.text, error.hint);
    for (size_t i = 0; i < count; i++) {
        if (code == 0)
            print(&responses[i]);
        sw_fetch_response_release(&responses[i]);
    }
    sw_fetcher_free(fetcher);
    sw_cancel_release(&cancel);
    return 0;
}
