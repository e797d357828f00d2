/* The limit of serving: what libuv alone can do, with nothing of a server around it.
 *
 *     limit PORT BYTES LOOPS
 *
 * Every request that ends in an empty line is answered with the same made-up image from memory and
 * with the header fields that Image Service sends; a body announced by Content-Length is swallowed.
 * No path, method or field is looked at otherwise, nothing is allocated for a request, and head and
 * body go out in one system call where the socket takes them. One process for each loop, all
 * listening on the same port. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

enum { BACKLOG = 1024, READ_BYTES = 1 << 18, LINE_BYTES = 8192, MAX_LOOPS = 64 };

struct connection {
    uv_tcp_t socket;
    uv_write_t rest;            /* at most one: the client waits for its answer */
    size_t body_left;           /* of an upload */
    size_t head_bytes;          /* kept in `head` while it has not ended */
    char head[LINE_BYTES];
};

static char answer_head[2048];
static uv_buf_t answer[2];      /* head, image */
static char read_buffer[READ_BYTES];

static void check(int code, const char *what) {
    if (code >= 0) return;
    fprintf(stderr, "limit: %s: %s\n", what, uv_strerror(code));
    exit(1);
}

static void make_answer(size_t bytes) {
    const char *fields =
        "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n"
        "ETag: \"10176741ae5238b33a62163134d5733af0e5236d2816b262391902345defc3c8\"\r\n"
        "Last-Modified: Wed, 25 Nov 2026 19:03:19 GMT\r\n"
        "Cache-Control: public, max-age=31536000, immutable\r\n"
        "Access-Control-Allow-Origin: *\r\n"
        "Access-Control-Expose-Headers: Accept-Ranges, Content-Length, Content-Range, ETag, "
        "X-Request-Id\r\n"
        "Cross-Origin-Resource-Policy: cross-origin\r\nAccept-Ranges: bytes\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Content-Security-Policy: default-src 'none'; sandbox\r\n"
        "Content-Length: %zu\r\nDate: Wed, 25 Nov 2026 19:03:19 GMT\r\n"
        "X-Request-Id: 85696a02f138403600000003\r\n\r\n";
    int length = snprintf(answer_head, sizeof answer_head, fields, bytes);
    char *image = malloc(bytes);
    if (!image) exit(1);
    memset(image, 0x5a, bytes);
    answer[0] = uv_buf_init(answer_head, (unsigned)length);
    answer[1] = uv_buf_init(image, (unsigned)bytes);
}

static void closed(uv_handle_t *handle) { free(handle->data); }

static void drop(struct connection *connection) {
    uv_handle_t *handle = (uv_handle_t *)&connection->socket;
    if (!uv_is_closing(handle)) uv_close(handle, closed);
}

static void rest_written(uv_write_t *request, int status) {
    if (status < 0) drop(request->data);
}

static void respond(struct connection *connection) {
    uv_stream_t *stream = (uv_stream_t *)&connection->socket;
    uv_buf_t left[2] = {answer[0], answer[1]};
    int written = uv_try_write(stream, left, 2);
    if (written < 0 && written != UV_EAGAIN) { drop(connection); return; }
    size_t done = written < 0 ? 0 : (size_t)written;
    if (done == left[0].len + left[1].len) return;
    for (int i = 0; i < 2; i++) {
        size_t cut = done < left[i].len ? done : left[i].len;
        left[i].base += cut;
        left[i].len -= cut;
        done -= cut;
    }
    connection->rest.data = connection;
    if (uv_write(&connection->rest, stream, left, 2, rest_written)) drop(connection);
}

/* Keeps what came until the empty line is there, and then answers, or counts down the body. */
static void take_head(struct connection *connection, const char *bytes, size_t count) {
    char *head = connection->head;
    if (connection->head_bytes + count >= LINE_BYTES) {
        /* An upload's first piece: its head ends within what fits. */
        size_t fits = LINE_BYTES - 1 - connection->head_bytes;
        memcpy(head + connection->head_bytes, bytes, fits);
        head[LINE_BYTES - 1] = 0;
    } else {
        memcpy(head + connection->head_bytes, bytes, count);
        head[connection->head_bytes + count] = 0;
    }
    size_t total = connection->head_bytes + count;
    char *end = strstr(head, "\r\n\r\n");
    if (!end) {
        if (total >= LINE_BYTES) drop(connection); else connection->head_bytes = total;
        return;
    }
    connection->head_bytes = 0;
    size_t length = 0;
    if (head[0] == 'P') {
        char *field = strcasestr(head, "\r\nContent-Length:");
        if (field && field < end) length = strtoull(field + 17, NULL, 10);
    }
    size_t after = total - (size_t)(end + 4 - head);
    connection->body_left = length > after ? length - after : 0;
    if (!connection->body_left) respond(connection);
}

static void received(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer) {
    struct connection *connection = stream->data;
    if (count < 0) { drop(connection); return; }
    if (count == 0) return;
    size_t bytes = (size_t)count;
    if (!connection->body_left && !connection->head_bytes && buffer->base[0] == 'G'
        && !memcmp(buffer->base + bytes - 4, "\r\n\r\n", 4)) {
        respond(connection);    /* a whole GET, as nearly always */
    } else if (connection->body_left) {
        connection->body_left -= bytes < connection->body_left ? bytes : connection->body_left;
        if (!connection->body_left) respond(connection);
    } else {
        take_head(connection, buffer->base, bytes);
    }
}

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    (void)handle, (void)suggested;
    *buffer = uv_buf_init(read_buffer, READ_BYTES);
}

static void connected(uv_stream_t *listener, int status) {
    check(status, "listen");
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection) exit(1);
    check(uv_tcp_init(listener->loop, &connection->socket), "socket");
    connection->socket.data = connection;
    if (uv_accept(listener, (uv_stream_t *)&connection->socket)) { drop(connection); return; }
    uv_tcp_nodelay(&connection->socket, 1);
    uv_read_start((uv_stream_t *)&connection->socket, give_buffer, received);
}

/* libuv 1.44 cannot share a port, so the socket is made by hand. */
static int listening_socket(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on)
        || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on)
        || bind(fd, (struct sockaddr *)&address, sizeof address)) {
        perror("limit: bind");
        exit(1);
    }
    return fd;
}

int main(int count, char **arguments) {
    if (count != 4) { fprintf(stderr, "usage: limit PORT BYTES LOOPS\n"); return 2; }
    signal(SIGPIPE, SIG_IGN);   /* a client that goes while a large image is on its way */
    make_answer(strtoull(arguments[2], NULL, 10));
    int loops = atoi(arguments[3]);
    for (int i = 1; i < loops && i < MAX_LOOPS; i++) {
        if (fork() == 0) { prctl(PR_SET_PDEATHSIG, SIGTERM); break; }
    }
    uv_loop_t *loop = uv_default_loop();
    uv_tcp_t listener;
    check(uv_tcp_init(loop, &listener), "socket");
    check(uv_tcp_open(&listener, listening_socket(atoi(arguments[1]))), "open");
    check(uv_listen((uv_stream_t *)&listener, BACKLOG, connected), "listen");
    return uv_run(loop, UV_RUN_DEFAULT);
}
