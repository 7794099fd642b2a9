package io.ringkeep.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// Stands between a client and an HTTP server and does what services and networks do to single
/// requests: answers that it is busy or that it denies them, loses an answer, takes away a header.
///
/// Requests are passed on whole, so signatures of a host or of a header that is taken away do not
/// hold behind it: see [S3Server#startOpen].
public final class HttpRelay implements AutoCloseable {
  /// What becomes of a request.
  public enum Fate {
    /// Passed on, and so is the answer.
    PASS,
    /// Not passed on: 503, `SlowDown`.
    BUSY,
    /// Not passed on: 403, `AccessDenied`.
    DENIED,
    /// Not passed on: 403, `ExpiredToken`.
    EXPIRED,
    /// Not passed on: 501, `NotImplemented`.
    UNKNOWN,
    /// Passed on, and the connection ends instead of an answer.
    LOSE_ANSWER,
    /// Not passed on: the connection ends.
    LOSE_REQUEST
  }

  /// Decides about requests, in the order in which they come.
  public interface Rule {
    Fate of(String method, String path, Map<String, List<String>> headers);
  }

  // The client sets these itself.
  private static final Set<String> OWN_HEADERS =
      Set.of("connection", "content-length", "expect", "host", "upgrade", "transfer-encoding");

  private final URI server;
  private final HttpServer listener;
  private final HttpClient client;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<String> stripped = ConcurrentHashMap.newKeySet();
  private final AtomicInteger requests = new AtomicInteger();
  // Guarded by `this`.
  private Rule rule = (method, path, headers) -> Fate.PASS;

  private HttpRelay(URI server) {
    this.server = server;
    this.client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    try {
      listener = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    listener.setExecutor(threads);
    listener.createContext("/", this::handle);
    listener.start();
  }

  /// A relay on a free loopback port.
  ///
  /// @param endpoint of the server, such as `http://127.0.0.1:40123`
  public static HttpRelay to(String endpoint) {
    return new HttpRelay(URI.create(endpoint));
  }

  /// Such as `http://127.0.0.1:40124`.
  public String endpoint() {
    return "http://" + TestServer.HOST + ":" + listener.getAddress().getPort();
  }

  /// Decides from here on.
  public synchronized void rule(Rule next) {
    rule = next;
  }

  /// Takes a header away from all requests to come.
  public void strip(String header) {
    stripped.add(header.toLowerCase(Locale.ROOT));
  }

  /// Requests so far.
  public int requests() {
    return requests.get();
  }

  private synchronized Fate fate(HttpExchange exchange) {
    return rule.of(
        exchange.getRequestMethod(),
        exchange.getRequestURI().getPath(),
        exchange.getRequestHeaders());
  }

  private void handle(HttpExchange exchange) throws IOException {
    requests.incrementAndGet();
    try (exchange) {
      Fate fate = fate(exchange);
      byte[] body;
      try (InputStream content = exchange.getRequestBody()) {
        body = content.readAllBytes();
      }
      switch (fate) {
        case LOSE_REQUEST -> throw new IOException("lost on purpose");
        case BUSY -> refuse(exchange, 503, "SlowDown");
        case DENIED -> refuse(exchange, 403, "AccessDenied");
        case EXPIRED -> refuse(exchange, 403, "ExpiredToken");
        case UNKNOWN -> refuse(exchange, 501, "NotImplemented");
        case LOSE_ANSWER -> {
          HttpResponse<byte[]> lost = pass(exchange, body);
          throw new IOException("lost on purpose: " + lost.statusCode());
        }
        case PASS -> answer(exchange, pass(exchange, body));
      }
    }
  }

  private static void refuse(HttpExchange exchange, int status, String code) throws IOException {
    byte[] body =
        "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>on purpose</Message></Error>"
            .formatted(code)
            .getBytes(StandardCharsets.UTF_8);
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.getResponseHeaders().add("Content-Type", "application/xml");
    exchange.sendResponseHeaders(status, head ? -1 : body.length);
    if (!head) {
      exchange.getResponseBody().write(body);
    }
  }

  private HttpResponse<byte[]> pass(HttpExchange exchange, byte[] body) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.resolve(exchange.getRequestURI().toString()))
            .method(
                exchange.getRequestMethod(),
                body.length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> {
          String header = name.toLowerCase(Locale.ROOT);
          if (!OWN_HEADERS.contains(header) && !stripped.contains(header)) {
            values.forEach(value -> request.header(name, value));
          }
        });
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("relay was closed", e);
    }
  }

  private static void answer(HttpExchange exchange, HttpResponse<byte[]> answer)
      throws IOException {
    answer
        .headers()
        .map()
        .forEach((name, values) -> {
          if (!OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
            exchange.getResponseHeaders().put(name, values);
          }
        });
    if (exchange.getRequestMethod().equals("HEAD")) {
      answer
          .headers()
          .firstValue("Content-Length")
          .ifPresent(length -> exchange.getResponseHeaders().set("Content-Length", length));
      exchange.sendResponseHeaders(answer.statusCode(), -1);
      return;
    }
    byte[] body = answer.body();
    exchange.sendResponseHeaders(answer.statusCode(), body.length == 0 ? -1 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  @Override
  public void close() {
    listener.stop(0);
    client.shutdownNow();
    threads.shutdownNow();
  }
}
