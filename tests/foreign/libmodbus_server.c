/* A Modbus server by libmodbus, on TCP or on a serial port, that serves the words it is told.
 *
 *   libmodbus_server tcp PORT SIZE     a port of loopback; 0 takes a free one
 *   libmodbus_server rtu DEVICE SIZE   115200 baud, no parity, two stop bits
 *
 * Each table has SIZE places.
 *
 * Standard input: lines "TABLE ADDRESS WORD" (coil, discrete, holding, input), then "serve". It then prints
 * {"ready": true, "address": …} and answers lines "count N" with what it was asked. It ends with its standard input. */

#include <arpa/inet.h>
#include <errno.h>
#include <modbus/modbus.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

/* The unit that it is, on every transport. */
#define UNIT 1
#define LINE_MAX_BYTES 128

static modbus_t *context;
static modbus_mapping_t *tables;
static unsigned long reads, others;

static void fail(const char *what) {
    fprintf(stderr, "%s: %s\n", what, modbus_strerror(errno));
    exit(1);
}

/* Puts a word where a line says. */
static void put(const char *line) {
    char table[16];
    unsigned address, word;
    if (sscanf(line, "%15s %u %u", table, &address, &word) != 3) {
        fprintf(stderr, "not TABLE ADDRESS WORD: %s\n", line);
        exit(1);
    }
    int at = (int)address;
    if (strcmp(table, "coil") == 0 && at < tables->nb_bits)
        tables->tab_bits[at] = word != 0;
    else if (strcmp(table, "discrete") == 0 && at < tables->nb_input_bits)
        tables->tab_input_bits[at] = word != 0;
    else if (strcmp(table, "holding") == 0 && at < tables->nb_registers)
        tables->tab_registers[at] = (uint16_t)word;
    else if (strcmp(table, "input") == 0 && at < tables->nb_input_registers)
        tables->tab_input_registers[at] = (uint16_t)word;
    else {
        fprintf(stderr, "no such place: %s\n", line);
        exit(1);
    }
}

/* Answers one request on the context's connection; 0 where that has ended. */
static int answer(void) {
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    int length = modbus_receive(context, query);
    if (length < 0)
        return 0;
    if (length == 0)
        return 1; /* for another unit */
    int function = query[modbus_get_header_length(context)];
    if (function >= 1 && function <= 4)
        reads++;
    else
        others++;
    return modbus_reply(context, query, length, tables) >= 0;
}

/* A line of standard input: false at its end. */
static int told(void) {
    char line[LINE_MAX_BYTES];
    if (fgets(line, sizeof line, stdin) == NULL)
        return 0;
    unsigned question;
    if (sscanf(line, "count %u", &question) == 1) {
        printf("{\"count\": %u, \"reads\": %lu, \"others\": %lu}\n", question, reads, others);
        fflush(stdout);
    }
    return 1;
}

static void serve_tcp(int listener) {
    fd_set open, ready;
    FD_ZERO(&open);
    FD_SET(STDIN_FILENO, &open);
    FD_SET(listener, &open);
    int most = listener;
    for (;;) {
        ready = open;
        if (select(most + 1, &ready, NULL, NULL, NULL) < 0)
            fail("select");
        if (FD_ISSET(STDIN_FILENO, &ready) && !told())
            return;
        for (int fd = STDIN_FILENO + 1; fd <= most; fd++) {
            if (!FD_ISSET(fd, &ready))
                continue;
            if (fd == listener) {
                int taken = accept(listener, NULL, NULL);
                if (taken < 0)
                    fail("accept");
                FD_SET(taken, &open);
                if (taken > most)
                    most = taken;
                continue;
            }
            modbus_set_socket(context, fd);
            if (!answer()) {
                close(fd);
                FD_CLR(fd, &open);
            }
        }
    }
}

static void serve_rtu(void) {
    fd_set ready;
    int line = modbus_get_socket(context);
    for (;;) {
        FD_ZERO(&ready);
        FD_SET(STDIN_FILENO, &ready);
        FD_SET(line, &ready);
        if (select(line + 1, &ready, NULL, NULL, NULL) < 0)
            fail("select");
        if (FD_ISSET(STDIN_FILENO, &ready) && !told())
            return;
        if (FD_ISSET(line, &ready))
            answer(); /* what it cannot read it throws away */
    }
}

int main(int count, char **words) {
    if (count != 4) {
        fprintf(stderr, "usage: libmodbus_server tcp PORT SIZE | rtu DEVICE SIZE\n");
        return 2;
    }
    int is_tcp = strcmp(words[1], "tcp") == 0;
    int size = atoi(words[3]);
    tables = modbus_mapping_new(size, size, size, size);
    context = is_tcp ? modbus_new_tcp("127.0.0.1", atoi(words[2]))
                     : modbus_new_rtu(words[2], 115200, 'N', 8, 2);
    if (tables == NULL || context == NULL)
        fail("libmodbus");
    modbus_set_slave(context, UNIT);
    /* Later lines are read one by one, while select looks at the descriptor: nothing may wait in between. */
    setvbuf(stdin, NULL, _IONBF, 0);
    char line[LINE_MAX_BYTES];
    while (fgets(line, sizeof line, stdin) != NULL && strcmp(line, "serve\n") != 0)
        put(line);
    if (!is_tcp) {
        if (modbus_connect(context) < 0)
            fail(words[2]);
        printf("{\"ready\": true, \"port\": \"%s\"}\n", words[2]);
        fflush(stdout);
        serve_rtu();
        return 0;
    }
    int listener = modbus_tcp_listen(context, 8);
    struct sockaddr_in own;
    socklen_t length = sizeof own;
    if (listener < 0 || getsockname(listener, (struct sockaddr *)&own, &length) < 0)
        fail("listen");
    printf("{\"ready\": true, \"address\": \"127.0.0.1:%u\"}\n", ntohs(own.sin_port));
    fflush(stdout);
    serve_tcp(listener);
    return 0;
}
