#include "http/cache.h"

#include "base/clock.h"
#include "base/limits.h"
#include "http/header.h"
#include "http/uri.h"

enum { DEFAULT_AGE_S = 600, LONGEST_AGE_S = 24 * 3600 };

/* A request under way. */
struct errand {
    const struct sw_cache_request *request;
    struct sw_cache_answer *answer;
    struct sw_buffer key;
    struct sw_buffer kept; /* a page that is not fresh any more */
    char *etag, *last_modified;
    bool done;
};

void sw_cache_answer_init(struct sw_cache_answer *answer)
{
    *answer = (struct sw_cache_answer){0};
    sw_buffer_init(&answer->content, SW_MAX_STORE_ENTRY);
}

void sw_cache_answer_release(struct sw_cache_answer *answer)
{
    sw_buffer_release(&answer->content);
}

bool sw_cache_page_parse(struct sw_cache_page *page, struct sw_str text)
{
    struct sw_cache_page found = {0};
    uint64_t until = 0;
    if (!sw_str_to_u64(sw_str_cut(&text, '\n'), &until) || until > INT64_MAX || text.p == NULL)
        return false;
    found.until = (int64_t)until;
    found.etag = sw_str_cut(&text, '\n');
    if (text.p == NULL)
        return false;
    found.last_modified = sw_str_cut(&text, '\n');
    if (text.p == NULL)
        return false;
    found.content = text;
    *page = found;
    return true;
}

static int64_t now_s(void)
{
    return sw_clock_epoch() / SW_SECOND_NS;
}

static char *copy_or_null(struct sw_str text)
{
    return text.n == 0 ? NULL : strndup(text.p, text.n);
}

static int init_errand(struct errand *errand, const struct sw_cache_request *request,
                       struct sw_cache_answer *answer)
{
    *errand = (struct errand){.request = request, .answer = answer};
    answer->code = 0;
    answer->error = (struct sw_error){0};
    sw_buffer_clear(&answer->content);
    sw_buffer_init(&errand->key, SW_MAX_URL_SIZE);
    sw_buffer_init(&errand->kept, SW_MAX_STORE_ENTRY);
    sw_buffer_addf(&errand->key, "%s ", request->form);
    sw_uri_resolve(&errand->key, sw_str_from(request->url), sw_str_from(request->url));
    return sw_buffer_check(&errand->key, "the URL", &answer->error);
}

static void release_errand(struct errand *errand)
{
    sw_buffer_release(&errand->key);
    sw_buffer_release(&errand->kept);
    free(errand->etag);
    free(errand->last_modified);
}

/* Return true if the kept page will do. A date further ahead than any page may stay fresh comes from a clock
 * that was wrong. */
static bool is_fresh(const struct sw_cache *cache, const struct sw_cache_page *page)
{
    int64_t left = page->until - now_s();
    return cache->offline || (left > 0 && left <= LONGEST_AGE_S);
}

static void look(struct errand *errand, struct sw_cache *cache)
{
    struct sw_cache_page page;
    struct sw_str key = sw_buffer_str(&errand->key);
    if (sw_store_get(&errand->kept, cache->store, key) &&
        sw_cache_page_parse(&page, sw_buffer_str(&errand->kept))) {
        errand->done = is_fresh(cache, &page);
        if (errand->done)
            sw_buffer_add_str(&errand->answer->content, page.content);
        errand->etag = copy_or_null(page.etag);
        errand->last_modified = copy_or_null(page.last_modified);
    }
    if (errand->done || !cache->offline)
        return;
    errand->done = true;
    SW_BUFFER_AUTO shown;
    sw_buffer_init(&shown, SW_MAX_URL_SIZE);
    sw_uri_add_shown(&shown, sw_str_from(errand->request->url));
    errand->answer->code = sw_fail(&errand->answer->error, SW_EENV,
                                   "'%s' is not in the cache, and nothing may be fetched", shown.p);
    (void)sw_error_hint(&errand->answer->error, "run it once without --offline");
}

/* The seconds for which the page stays fresh; negative: it must not be kept. */
static int64_t age_of(const struct sw_fetch_response *response)
{
    struct sw_str control = sw_header_find(sw_buffer_str(&response->headers), "Cache-Control"), value;
    uint64_t age = DEFAULT_AGE_S, passed = 0;
    if (sw_header_directive(control, "no-store", NULL))
        return -1;
    if (sw_header_directive(control, "no-cache", NULL))
        return 0;
    if (sw_header_directive(control, "max-age", &value) && !sw_str_to_u64(value, &age))
        age = 0;
    (void)sw_str_to_u64(sw_header_find(sw_buffer_str(&response->headers), "Age"), &passed);
    age = age > LONGEST_AGE_S ? LONGEST_AGE_S : age;
    return passed >= age ? 0 : (int64_t)(age - passed);
}

/* The validator of the answer, else the validator that was sent: a 304 need not repeat it. */
static struct sw_str validator(struct sw_str headers, const char *name, const char *sent)
{
    struct sw_str value = sw_header_find(headers, name);
    return value.n > 0 ? value : sw_str_from(sent);
}

static void keep_page(struct errand *errand, struct sw_cache *cache, const struct sw_fetch_response *response)
{
    bool confirmed = response->status == 304;
    struct sw_str headers = sw_buffer_str(&response->headers);
    int64_t age = age_of(response);
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_STORE_ENTRY);
    sw_buffer_addf(&text, "%lld\n", (long long)now_s() + age);
    sw_buffer_add_str(&text, validator(headers, "ETag", confirmed ? errand->etag : NULL));
    sw_buffer_add_char(&text, '\n');
    sw_buffer_add_str(&text, validator(headers, "Last-Modified", confirmed ? errand->last_modified : NULL));
    sw_buffer_add_char(&text, '\n');
    sw_buffer_add_str(&text, sw_buffer_str(&errand->answer->content));
    if (age >= 0 && text.state == SW_BUFFER_OK)
        sw_store_put(cache->store, sw_buffer_str(&errand->key), sw_buffer_str(&text));
}

static int take_body(struct errand *errand, struct sw_cache *cache, const struct sw_fetch_response *response,
                     struct sw_error *error)
{
    struct sw_buffer *content = &errand->answer->content;
    int code = errand->request->convert(content, response, error);
    if (code == 0)
        code = sw_buffer_check(content, "its answer", error);
    if (code == 0)
        keep_page(errand, cache, response);
    else
        sw_buffer_clear(content);
    return code;
}

static void take_answer(struct errand *errand, struct sw_cache *cache,
                        const struct sw_fetch_response *response)
{
    struct sw_cache_answer *answer = errand->answer;
    struct sw_cache_page page;
    answer->code = response->code;
    if (response->code != 0) {
        answer->error = response->error;
    } else if (response->status == 304 && sw_cache_page_parse(&page, sw_buffer_str(&errand->kept))) {
        sw_buffer_add_str(&answer->content, page.content);
        keep_page(errand, cache, response);
    } else {
        answer->code = take_body(errand, cache, response, &answer->error);
        if (answer->code == 0)
            return;
        SW_BUFFER_AUTO shown;
        sw_buffer_init(&shown, sizeof answer->error.text / 2);
        sw_uri_add_shown(&shown, sw_str_from(errand->request->url));
        (void)sw_error_context(answer->code, &answer->error, "cannot read '%s'", shown.p);
    }
}

/* All requests on their way. */
struct errands {
    struct sw_cache *cache;
    struct errand *list;
};

static int ask(void *self, size_t i, struct sw_fetch_request *request, struct sw_error *error)
{
    const struct errand *errand = &((struct errands *)self)->list[i];
    (void)error;
    if (!errand->done)
        *request = (struct sw_fetch_request){.url = errand->request->url,
                                             .accept = errand->request->accept,
                                             .etag = errand->etag,
                                             .last_modified = errand->last_modified};
    return 0;
}

static void take(void *self, size_t i, struct sw_fetch_response *response)
{
    const struct errands *errands = self;
    take_answer(&errands->list[i], errands->cache, response);
}

int sw_cache_get_all(struct sw_cache_answer *answers, struct sw_cache *cache,
                     const struct sw_cache_request *requests, size_t count, struct sw_error *error)
{
    if (count == 0)
        return 0;
    struct errand *errands = calloc(count, sizeof *errands);
    if (errands == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        answers[i].code = init_errand(&errands[i], &requests[i], &answers[i]);
        if (answers[i].code != 0)
            errands[i].done = true;
        else
            look(&errands[i], cache);
    }
    struct errands all = {cache, errands};
    const struct sw_fetch_batch batch = {ask, take, &all};
    int code = sw_fetch_batch(cache->fetcher, &batch, count, error);
    for (size_t i = 0; i < count; i++)
        release_errand(&errands[i]);
    free(errands);
    return code;
}
