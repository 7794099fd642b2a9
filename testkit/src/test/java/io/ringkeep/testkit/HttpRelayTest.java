package io.ringkeep.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.sun.net.httpserver.HttpServer;
import io.ringkeep.testkit.HttpRelay.Fate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpRelayTest {
  private final AtomicInteger received = new AtomicInteger();
  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer server;
  private HttpRelay relay;

  /// A server that sends back what it gets, with a header of the request.
  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          received.incrementAndGet();
          byte[] body = exchange.getRequestBody().readAllBytes();
          String header = exchange.getRequestHeaders().getFirst("X-Kept");
          exchange.getResponseHeaders().set("X-Seen", String.valueOf(header));
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    relay = HttpRelay.to("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    relay.close();
    server.stop(0);
    client.close();
  }

  private HttpResponse<String> send() throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(relay.endpoint() + "/a?b=c"))
            .header("X-Kept", "yes")
            .PUT(HttpRequest.BodyPublishers.ofString("hello"))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void pass_anyRequest_arrivesWithHeadersAndBody() throws Exception {
    HttpResponse<String> answer = send();

    assertThat(answer.body()).isEqualTo("hello");
    assertThat(answer.headers().firstValue("X-Seen")).hasValue("yes");
    relay.strip("x-kept");
    assertThat(send().headers().firstValue("X-Seen")).hasValue("null");
    assertThat(relay.requests()).isEqualTo(2);
  }

  @Test
  void rule_eachFate_doesWhatItSays() throws Exception {
    relay.rule((method, path, headers) -> Fate.BUSY);
    assertThat(send().statusCode()).isEqualTo(503);
    relay.rule((method, path, headers) -> Fate.DENIED);
    assertThat(send().statusCode()).isEqualTo(403);
    relay.rule((method, path, headers) -> Fate.UNKNOWN);
    assertThat(send().statusCode()).isEqualTo(501);
    assertThat(received).hasValue(0);
    relay.rule((method, path, headers) -> Fate.LOSE_REQUEST);
    assertThatIOException().isThrownBy(this::send);
    assertThat(received).hasValue(0);
    relay.rule((method, path, headers) -> Fate.LOSE_ANSWER);
    assertThatIOException().isThrownBy(this::send);
    assertThat(received).hasPositiveValue();
  }
}
