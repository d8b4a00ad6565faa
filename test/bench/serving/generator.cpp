// Sends requests at a rate, whatever the server does, and tells how long answers took from the moment that each was due.
//
// generator PORT REQUESTS RATE SECONDS CONNECTIONS SEED
//
// REQUESTS is a file of records: the length of a request (32 bits, little endian), its bytes, and the number that must be
// answered (a double); a number that is none lets any answer pass. Arrivals are a Poisson process; one that finds no connection
// free waits, and its wait counts. The first second does not count. Whoever runs this gives it a core of its own: it never
// sleeps. Writes one line of JSON, in microseconds.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

struct Request {
  std::string bytes;
  double expected;
};

struct Connection {
  int socket;
  bool busy = false;
  double due = 0;
  double expected = 0;
  std::string reply;
};

static double now() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

[[noreturn]] static void fail(const std::string& what) {
  fprintf(stderr, "%s\n", what.c_str());
  exit(1);
}

static std::vector<Request> readRequests(const char* path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), {});
  std::vector<Request> requests;
  for (size_t at = 0; at + 4 <= bytes.size();) {
    uint32_t length;
    memcpy(&length, &bytes[at], 4);
    Request request{bytes.substr(at + 4, length), 0};
    memcpy(&request.expected, &bytes[at + 4 + length], 8);
    requests.push_back(request);
    at += 12 + length;
  }
  if (requests.empty()) fail("there are no requests");
  return requests;
}

static int open(int port) {
  int handle = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(handle, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("the server cannot be reached");
  int on = 1;
  setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(handle, F_SETFL, O_NONBLOCK);
  return handle;
}

// Whether the reply is there as a whole.
static bool isWhole(const std::string& reply) {
  size_t end = reply.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  std::string head = reply.substr(0, end);
  std::transform(head.begin(), head.end(), head.begin(), ::tolower);
  size_t at = head.find("content-length:");
  if (at == std::string::npos) fail("an answer has no length: " + head);
  return reply.size() >= end + 4 + std::stoul(head.substr(at + 15));
}

static void check(const std::string& reply, double expected) {
  if (reply.compare(0, 12, "HTTP/1.1 200") != 0) fail("an answer is none: " + reply);
  if (std::isnan(expected)) return;
  // The numbers of the output, which is a flat list.
  size_t at = reply.find("\"data\":[");
  double found = at == std::string::npos ? NAN : strtod(&reply[at + 8], nullptr);
  if (!(std::abs(found - expected) <= 1e-5 * std::max(1.0, std::abs(expected)))) fail("an answer is wrong: " + reply);
}

static double quantile(const std::vector<double>& sorted, double share) {
  return sorted[std::min(sorted.size() - 1, static_cast<size_t>(sorted.size() * share))] * 1e6;
}

int main(int count, char** values) {
  if (count != 7) fail("generator PORT REQUESTS RATE SECONDS CONNECTIONS SEED");
  const int port = atoi(values[1]);
  const std::vector<Request> requests = readRequests(values[2]);
  const double rate = atof(values[3]), seconds = atof(values[4]);
  std::vector<Connection> connections(atoi(values[5]));
  for (Connection& each : connections) each.socket = open(port);
  std::mt19937_64 random(atoi(values[6]));
  std::exponential_distribution<double> gap(rate);

  const double begin = now(), counted = begin + 1, end = counted + seconds;
  std::deque<double> waiting;
  std::vector<double> times;
  size_t sent = 0, open = 0;
  char buffer[65536];
  for (double next = begin + gap(random); next < end || !waiting.empty() || open > 0;) {
    const double time = now();
    if (time > end + 30) fail("answers do not come");
    for (; next <= time && next < end; next += gap(random)) waiting.push_back(next);
    for (Connection& each : connections) {
      if (each.busy) {
        const ssize_t got = read(each.socket, buffer, sizeof buffer);
        if (got == 0 || (got < 0 && errno != EAGAIN)) fail("the server closed a connection");
        if (got < 0) continue;
        each.reply.append(buffer, got);
        if (!isWhole(each.reply)) continue;
        const double took = now() - each.due;
        check(each.reply, each.expected);
        if (each.due >= counted) times.push_back(took);
        each.busy = false;
        open--;
      }
      if (waiting.empty()) continue;
      const Request& request = requests[sent++ % requests.size()];
      each.due = waiting.front();
      waiting.pop_front();
      each.expected = request.expected;
      each.reply.clear();
      each.busy = true;
      open++;
      if (write(each.socket, request.bytes.data(), request.bytes.size()) != static_cast<ssize_t>(request.bytes.size()))
        fail("a request could not be written at once");
    }
  }
  if (times.empty()) fail("nothing was asked");
  std::sort(times.begin(), times.end());
  printf("{\"requests\":%zu,\"p50\":%.1f,\"p99\":%.1f,\"p999\":%.1f}\n", times.size(), quantile(times, 0.5),
         quantile(times, 0.99), quantile(times, 0.999));
}
