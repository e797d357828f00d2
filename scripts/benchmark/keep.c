/* The limits of keeping: what hashing and the disk allow, with nothing of a server around it.
 *
 *     keep hash PORT DIRECTORY       receives and hashes: SHA-256 alone, one thread
 *     keep one PORT DIRECTORY        receives, hashes, writes, flushes and names it, one thread
 *     keep threads PORT DIRECTORY    a thread for each connection, which does for each upload the
 *                                    file work that Image Service promises, step by step
 *
 * An upload is a PUT with Content-Length whose body is the image itself: no form to take apart, no
 * header to look at. The answer has the hash. Blocking calls only. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BACKLOG = 1024,
    PIECE_BYTES = 1 << 18,      /* what Image Service reads and writes at once */
    PATH_BYTES = 128,
    STACK_BYTES = 1 << 19,
    RECORD_BYTES = 112,         /* a journal record with one image: DiskFormat.md */
    DIGEST_BYTES = 32,
};

enum mode { HASH, ONE, THREADS };

static enum mode mode;
static int journal;
static pthread_mutex_t journal_order = PTHREAD_MUTEX_INITIALIZER;

static void die(const char *what) { perror(what); exit(1); }
static void must(int result, const char *what) { if (result < 0) die(what); }

static void write_all(int fd, const char *bytes, size_t count) {
    while (count) {
        ssize_t written = write(fd, bytes, count);
        if (written < 0) die("write");
        bytes += written;
        count -= (size_t)written;
    }
}

/* A record of the journal's size. The flush comes after the lock, as one flush may serve several
 * threads: the file system joins those that wait at the same time. */
static void append_record(const unsigned char *digest) {
    char record[RECORD_BYTES] = {0};
    memcpy(record + 32, digest, DIGEST_BYTES);
    pthread_mutex_lock(&journal_order);
    write_all(journal, record, sizeof record);
    pthread_mutex_unlock(&journal_order);
    must(fdatasync(journal), "fdatasync of the journal");
}

/* The order of BlobFiles.md: data durable, name, directory durable, record durable, then 200. */
static void commit(int file, const char *temporary, const unsigned char *digest, const char *hex) {
    char directory[16], name[PATH_BYTES];
    snprintf(directory, sizeof directory, "blobs/%.2s", hex);
    snprintf(name, sizeof name, "%s/%s", directory, hex);
    must(fdatasync(file), "fdatasync");
    close(file);
    if (mode == ONE) {
        must(rename(temporary, name), "rename");
        return;
    }
    if (link(temporary, name) < 0 && errno != EEXIST) die("link");
    int folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    must(folder, "open of the directory");
    must(fsync(folder), "fsync of the directory");
    close(folder);
    append_record(digest);
    must(unlink(temporary), "unlink");
}

/* Takes a body whose first `have` bytes are in the buffer already. */
static int receive(int client, char *buffer, size_t have, size_t left, char *hex) {
    static _Atomic unsigned long serial;
    char temporary[PATH_BYTES];
    int file = -1;
    if (mode != HASH) {
        snprintf(temporary, sizeof temporary, "incoming/upload-%lu", serial++);
        file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        must(file, temporary);
    }
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    EVP_DigestInit_ex(hash, EVP_sha256(), NULL);
    while (left) {
        while (have < PIECE_BYTES && have < left) {
            ssize_t count = recv(client, buffer + have, PIECE_BYTES - have, 0);
            if (count <= 0) {
                if (file >= 0) { close(file); unlink(temporary); }
                EVP_MD_CTX_free(hash);
                return -1;
            }
            have += (size_t)count;
        }
        EVP_DigestUpdate(hash, buffer, have);
        if (file >= 0) write_all(file, buffer, have);
        left -= have;
        have = 0;
    }
    unsigned char digest[DIGEST_BYTES];
    EVP_DigestFinal_ex(hash, digest, NULL);
    EVP_MD_CTX_free(hash);
    for (int i = 0; i < DIGEST_BYTES; i++) sprintf(hex + 2 * i, "%02x", digest[i]);
    if (file >= 0) commit(file, temporary, digest, hex);
    return 0;
}

/* One request; -1 when the connection ends. The load sends nothing before it has its answer. */
static int serve_one(int client, char *buffer) {
    size_t have = 0;
    char *end = NULL, hex[2 * DIGEST_BYTES + 1], answer[256];
    while (!end) {
        if (have == PIECE_BYTES) return -1;
        ssize_t count = recv(client, buffer + have, PIECE_BYTES - have, 0);
        if (count <= 0) return -1;
        have += (size_t)count;
        end = memmem(buffer, have, "\r\n\r\n", 4);
    }
    *end = 0;
    char *field = strcasestr(buffer, "\r\nContent-Length:");
    if (!field) return -1;
    size_t length = strtoull(field + 17, NULL, 10);
    have -= (size_t)(end + 4 - buffer);
    memmove(buffer, end + 4, have);
    if (receive(client, buffer, have, length, hex)) return -1;
    int bytes = snprintf(answer, sizeof answer,
                         "HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n%s", hex);
    return send(client, answer, (size_t)bytes, MSG_NOSIGNAL) == bytes ? 0 : -1;
}

static void *serve(void *argument) {
    int client = (int)(intptr_t)argument;
    char *buffer = malloc(PIECE_BYTES + 1);
    if (!buffer) die("malloc");
    while (serve_one(client, buffer) == 0) {}
    free(buffer);
    close(client);
    return NULL;
}

static void make_directories(void) {
    mkdir("incoming", 0700);
    mkdir("blobs", 0700);
    for (int i = 0; i < 256; i++) {
        char name[PATH_BYTES];
        snprintf(name, sizeof name, "blobs/%02x", i);
        mkdir(name, 0700);
    }
    journal = open("journal", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    must(journal, "journal");
    sync();
}

static int listen_on(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(fd, "socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    must(bind(fd, (struct sockaddr *)&address, sizeof address), "bind");
    must(listen(fd, BACKLOG), "listen");
    return fd;
}

int main(int count, char **arguments) {
    if (count != 4) { fprintf(stderr, "usage: keep hash|one|threads PORT DIRECTORY\n"); return 2; }
    mode = arguments[1][0] == 'h' ? HASH : arguments[1][0] == 'o' ? ONE : THREADS;
    must(chdir(arguments[3]), arguments[3]);
    make_directories();
    int listener = listen_on(atoi(arguments[2]));
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    for (;;) {
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        must(client, "accept");
        int on = 1;
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        void *argument = (void *)(intptr_t)client;
        pthread_t thread;
        if (mode != THREADS) serve(argument);
        else if (pthread_create(&thread, &attributes, serve, argument)) die("thread");
    }
}
