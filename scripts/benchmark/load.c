/* A load generator for what wrk cannot do: uploads with new bytes each time, HEAD, an exact number
 * of requests, a fixed rate. One thread, epoll, keep-alive connections, one request at a time on
 * each.
 *
 *     load [option=value...]
 *         port=N  connections=N  requests=N | seconds=S
 *         method=GET  path=/...  paths=FILE (one a line, in turn)  field='Name: value' (repeatable)
 *         image=BYTES  form=1 (multipart; otherwise the image itself)  serial=N (of the first)
 *         rate=N (requests a second, all connections together)  expect=STATUS
 *
 * Prints one line of JSON. Requests are counted that were answered with the expected status within
 * the time; those under way at the end are waited for and not counted, except in `all`. */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 16384, MAX_PATHS = 1 << 20, EVENTS = 256, DRAIN_SECONDS = 30 };

struct connection {
    int fd;
    bool busy, sending;
    double started, due;            /* due: when this one may start the next, with a rate */
    struct message message;
    struct answer answer;
};

static struct {
    int port, connections, expect;
    size_t requests;
    double seconds, rate;
    uint64_t serial;
    char fields[HEAD_BYTES / 2];
} options = {.connections = 1, .expect = 200};

static struct shape shape = {.method = "GET", .path = "/"};
static char **paths;
static size_t path_count, next_path;
static struct connection *connections;
static int poller, busy_count;
static size_t started_count, done_count, all_count, failed_count;
static double begin, deadline, *latencies;
static size_t latency_room;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void fail(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void watch(struct connection *connection, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = connection};
    if (epoll_ctl(poller, operation, connection->fd, &event)) fail("epoll_ctl");
}

static void open_connection(struct connection *connection) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int on = 1;
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->fd < 0) fail("socket");
    if (connect(connection->fd, (struct sockaddr *)&to, sizeof to)) fail("connect");
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(connection, EPOLL_CTL_ADD, EPOLLIN);
}

static void remember(double latency) {
    if (done_count == latency_room) {
        latency_room = latency_room ? 2 * latency_room : 1 << 16;
        latencies = realloc(latencies, latency_room * sizeof *latencies);
        if (!latencies) fail("latencies");
    }
    latencies[done_count++] = latency;
}

static bool may_start(double time) {
    if (options.requests) return started_count < options.requests;
    return time < deadline;
}

static void finished(struct connection *connection, double time) {
    connection->busy = false;
    busy_count--;
    all_count++;
    if (connection->answer.status != options.expect) {
        if (!failed_count++)
            fprintf(stderr, "load: answered with %d\n", connection->answer.status);
    } else if (options.requests || time <= deadline) {
        remember(time - connection->started);
    }
}

/* A connection that the server closed is a failed request, and the next one gets a new connection:
 * hiding it would make a server that drops clients look fast. */
static void broken(struct connection *connection) {
    if (connection->busy) {
        connection->busy = false;
        busy_count--;
        all_count++;
        if (!failed_count++) fprintf(stderr, "load: a connection broke: %s\n", strerror(errno));
    }
    close(connection->fd);
    memset(&connection->answer, 0, sizeof connection->answer);
    open_connection(connection);
}

static void send_more(struct connection *connection) {
    int result = send_some(connection->fd, &connection->message);
    bool sending = result == 0;
    if (result < 0) { broken(connection); return; }
    if (sending != connection->sending) {
        connection->sending = sending;
        watch(connection, EPOLL_CTL_MOD, sending ? EPOLLIN | EPOLLOUT : EPOLLIN);
    }
}

static void start(struct connection *connection, double time) {
    const char *path = path_count ? paths[next_path++ % path_count] : shape.path;
    compose(&connection->message, &shape, path, options.serial++);
    connection->started = time;
    connection->busy = true;
    connection->sending = false;
    busy_count++;
    started_count++;
    if (options.rate > 0) connection->due += options.connections / options.rate;
    send_more(connection);
}

static void handle(struct connection *connection, uint32_t events) {
    if (events & EPOLLOUT) send_more(connection);
    if (!(events & (EPOLLIN | EPOLLERR | EPOLLHUP))) return;
    if (!connection->busy) { broken(connection); return; }
    int result = receive_some(connection->fd, &connection->answer, strcmp(shape.method, "HEAD"));
    if (result < 0) { broken(connection); return; }
    if (result == 0) return;
    double time = now();
    finished(connection, time);
    if (options.rate == 0 && may_start(time)) start(connection, time);
}

/* Starts what is due, and tells for how many milliseconds there is nothing to start. */
static int start_due(void) {
    double time = now(), next = time + 1;
    for (int i = 0; i < options.connections; i++) {
        struct connection *connection = &connections[i];
        if (connection->busy || !may_start(time)) continue;
        if (connection->due <= time) start(connection, time);
        else if (connection->due < next) next = connection->due;
    }
    double wait = (next - time) * 1000;
    return wait < 1 ? 1 : (int)wait;
}

static void run(void) {
    struct epoll_event events[EVENTS];
    begin = now();
    deadline = begin + options.seconds;
    for (int i = 0; i < options.connections; i++)
        connections[i].due = options.rate > 0 ? begin + i / options.rate : begin;
    for (;;) {
        int wait = 100;
        if (options.rate > 0 || busy_count < options.connections) wait = start_due();
        double time = now();
        if (busy_count == 0 && !may_start(time)) break;
        if (!options.requests && time > deadline + DRAIN_SECONDS) break;
        int count = epoll_wait(poller, events, EVENTS, wait);
        for (int i = 0; i < count; i++) handle(events[i].data.ptr, events[i].events);
    }
}

static void read_paths(const char *name) {
    FILE *file = fopen(name, "r");
    if (!file) fail(name);
    paths = calloc(MAX_PATHS, sizeof *paths);
    char *line = NULL;
    size_t room = 0;
    while (paths && path_count < MAX_PATHS && getline(&line, &room, file) > 0) {
        line[strcspn(line, "\n")] = 0;
        paths[path_count++] = strdup(line);
    }
    free(line);
    fclose(file);
}

static void set_option(char *name, char *value) {
    if (!strcmp(name, "port")) options.port = atoi(value);
    else if (!strcmp(name, "connections")) options.connections = atoi(value);
    else if (!strcmp(name, "requests")) options.requests = strtoull(value, NULL, 10);
    else if (!strcmp(name, "seconds")) options.seconds = atof(value);
    else if (!strcmp(name, "rate")) options.rate = atof(value);
    else if (!strcmp(name, "expect")) options.expect = atoi(value);
    else if (!strcmp(name, "serial")) options.serial = strtoull(value, NULL, 10);
    else if (!strcmp(name, "method")) shape.method = value;
    else if (!strcmp(name, "path")) shape.path = value;
    else if (!strcmp(name, "paths")) read_paths(value);
    else if (!strcmp(name, "image")) shape.image_bytes = strtoull(value, NULL, 10);
    else if (!strcmp(name, "form")) shape.form = atoi(value);
    else if (!strcmp(name, "field")) {
        size_t length = strlen(options.fields);
        snprintf(options.fields + length, sizeof options.fields - length, "%s\r\n", value);
    } else { fprintf(stderr, "load: unknown option %s\n", name); exit(2); }
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double percentile(double share) {
    return done_count ? latencies[(size_t)(share * (double)(done_count - 1))] * 1e6 : 0;
}

static void report(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
                 + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
    double ended = now(), elapsed = options.requests || ended < deadline ? ended - begin
                                                                         : options.seconds;
    qsort(latencies, done_count, sizeof *latencies, ascending);
    printf("{\"requests\": %zu, \"all\": %zu, \"failed\": %zu, \"seconds\": %.6f, "
           "\"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f, \"load_cpu_seconds\": %.4f, "
           "\"wall_seconds\": %.6f}\n",
           done_count, all_count, failed_count, elapsed, percentile(0.5), percentile(0.99),
           percentile(0.999), cpu, ended - begin);
}

int main(int count, char **arguments) {
    for (int i = 1; i < count; i++) {
        char *value = strchr(arguments[i], '=');
        if (!value) { fprintf(stderr, "load: %s has no value\n", arguments[i]); return 2; }
        *value++ = 0;
        set_option(arguments[i], value);
    }
    shape.fields = options.fields;
    if (options.connections < 1 || options.connections > MAX_CONNECTIONS
        || (!options.requests && options.seconds <= 0)
        || (shape.image_bytes && shape.image_bytes < IMAGE_HEAD_BYTES)) {
        fprintf(stderr, "load: unusable options\n");
        return 2;
    }
    make_filler(0x9e3779b97f4a7c15);
    poller = epoll_create1(EPOLL_CLOEXEC);
    connections = calloc((size_t)options.connections, sizeof *connections);
    if (poller < 0 || !connections) fail("start");
    for (int i = 0; i < options.connections; i++) open_connection(&connections[i]);
    run();
    report();
    return 0;
}
