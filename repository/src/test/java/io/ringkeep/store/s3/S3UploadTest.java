package io.ringkeep.store.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.ringkeep.repository.Seeds;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectUpload;
import io.ringkeep.testkit.HttpRelay;
import io.ringkeep.testkit.HttpRelay.Fate;
import io.ringkeep.testkit.S3Server;
import io.ringkeep.testkit.TcpRelay;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Objects that are larger than a part.
class S3UploadTest {
  private static S3Server server;
  private static byte[] content;

  @BeforeAll
  static void startServer() {
    server = S3Server.startOpen();
    content = new byte[2 * Part.BYTES + 12_345];
    Seeds.random("S3UploadTest").nextBytes(content);
  }

  @AfterAll
  static void stopServer() {
    server.close();
    content = new byte[0];
  }

  private static void write(ObjectUpload upload, int bytes) throws IOException {
    int step = 1_234_567;
    for (int offset = 0; offset < bytes; offset += step) {
      upload.write(ByteBuffer.wrap(content, offset, Math.min(step, bytes - offset)));
    }
  }

  @Test
  void commit_severalParts_areOneObjectSeenAtOnce() throws IOException {
    try (S3Store store = S3Stores.newStore(server)) {
      try (ObjectUpload upload = store.upload("large")) {
        write(upload, content.length);
        assertThat(store.size("large")).isEmpty();
        assertThat(store.list("")).isEmpty();

        assertThat(upload.commit()).isTrue();
      }
      assertThat(store.list("")).containsExactly(new ObjectInfo("large", content.length));
      assertThat(store.read("large")).isEqualTo(ByteBuffer.wrap(content));
      ByteBuffer across = ByteBuffer.allocateDirect(1000);
      store.read("large", Part.BYTES - 500L, across);
      assertThat(across.flip()).isEqualTo(ByteBuffer.wrap(content, Part.BYTES - 500, 1000));
      try (ObjectUpload late = store.upload("large")) {
        write(late, Part.BYTES + 1);
        assertThat(late.commit()).isFalse();
      }
      assertThat(store.size("large")).hasValue(content.length);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {Part.BYTES - 1, Part.BYTES, Part.BYTES + 1})
  void commit_aboutOnePart_isOneRequestIfItFits(int bytes) throws IOException {
    AtomicInteger posts = new AtomicInteger();
    try (HttpRelay relay = HttpRelay.to(server.endpoint());
        S3Store store = S3Stores.at(relay.endpoint(), server.newBucket());
        ObjectUpload upload = store.upload("o")) {
      relay.rule((method, path, headers) -> {
        posts.addAndGet(method.equals("POST") ? 1 : 0);
        return Fate.PASS;
      });
      write(upload, bytes);
      assertThat(upload.commit()).isTrue();
      assertThat(posts).hasValue(bytes > Part.BYTES ? 2 : 0);
      assertThat(store.read("o")).isEqualTo(ByteBuffer.wrap(content, 0, bytes));
    }
  }

  @Test
  void close_withoutCommit_leavesNoBytesInTheBucket() throws IOException {
    String bucket = server.newBucket();
    try (S3Store store = S3Stores.at(server.endpoint(), bucket)) {
      try (ObjectUpload upload = store.upload("large")) {
        write(upload, Part.BYTES + 1_000_000);
      }
      assertThat(store.list("")).isEmpty();
      assertThat(server.storedBytes(bucket)).isZero();
    }
  }

  @Test
  void commit_keyIsTakenInBetween_leavesTheOther() throws IOException {
    try (S3Store store = S3Stores.newStore(server);
        ObjectUpload upload = store.upload("large")) {
      write(upload, Part.BYTES + 1);
      store.createIfAbsent("large", ByteBuffer.wrap("early".getBytes(UTF_8)));

      assertThat(upload.commit()).isFalse();
      assertThat(store.size("large")).hasValue(5);
    }
  }

  @Test
  void commit_keyIsTakenBehindTheLook_isRefusedByTheService() throws IOException {
    String bucket = server.newBucket();
    try (HttpRelay relay = HttpRelay.to(server.endpoint());
        S3Store direct = S3Stores.at(server.endpoint(), bucket);
        S3Store store = S3Stores.at(relay.endpoint(), bucket);
        ObjectUpload upload = store.upload("large")) {
      write(upload, Part.BYTES + 1);
      relay.rule((method, path, headers) -> {
        if (method.equals("POST")) {
          create(direct);
        }
        return Fate.PASS;
      });

      assertThat(upload.commit()).isFalse();
      assertThat(store.size("large")).hasValue(5);
    }
  }

  private static void create(S3Store store) {
    try {
      store.createIfAbsent("large", ByteBuffer.wrap("early".getBytes(UTF_8)));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void commit_serviceKnowsNoConditionThere_looksBeforehand() throws IOException {
    try (HttpRelay relay = HttpRelay.to(server.endpoint());
        S3Store store = S3Stores.at(relay.endpoint(), server.newBucket())) {
      relay.rule((method, path, headers) ->
          method.equals("POST") && headers.containsKey("If-none-match") ? Fate.UNKNOWN : Fate.PASS);
      for (boolean first : new boolean[] {true, false}) {
        try (ObjectUpload upload = store.upload("large")) {
          write(upload, Part.BYTES + 1);
          assertThat(upload.commit()).isEqualTo(first);
        }
      }
    }
  }

  @Test
  void commit_answerIsLost_knowsItsOwnObject() throws IOException {
    AtomicInteger posts = new AtomicInteger();
    try (HttpRelay relay = HttpRelay.to(server.endpoint());
        S3Store store = S3Stores.at(relay.endpoint(), server.newBucket());
        ObjectUpload upload = store.upload("large")) {
      write(upload, Part.BYTES + 1);
      relay.rule((method, path, headers) ->
          method.equals("POST") && posts.getAndIncrement() == 0 ? Fate.LOSE_ANSWER : Fate.PASS);

      assertThat(upload.commit()).isTrue();
      assertThat(posts).hasValueGreaterThan(1);
      assertThat(store.size("large")).hasValue(Part.BYTES + 1);
    }
  }

  @Test
  void write_connectionsAreCut_goesOn() throws Exception {
    try (TcpRelay relay = TcpRelay.to("127.0.0.1", server.port());
        S3Store store = S3Stores.at("http://" + relay.address(), server.newBucket())) {
      try (ObjectUpload upload = store.upload("large")) {
        write(upload, Part.BYTES + 1);
        Thread cutter = Thread.startVirtualThread(() -> cut(relay));
        upload.write(ByteBuffer.wrap(content, Part.BYTES + 1, content.length - Part.BYTES - 1));
        assertThat(upload.commit()).isTrue();
        cutter.join();
      }
      assertThat(relay.connections()).isGreaterThan(2);
      assertThat(store.read("large")).isEqualTo(ByteBuffer.wrap(content));
    }
  }

  private static void cut(TcpRelay relay) {
    try {
      for (int i = 0; i < 5; i++) {
        Thread.sleep(20);
        relay.cut();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void write_serviceGoesAway_failsAndLeavesNoObject() throws IOException {
    String bucket = server.newBucket();
    try (TcpRelay relay = TcpRelay.to("127.0.0.1", server.port());
        S3Store store = S3Stores.at("http://" + relay.address(), bucket)) {
      assertThatIOException()
          .isThrownBy(() -> {
            try (ObjectUpload upload = store.upload("large")) {
              write(upload, Part.BYTES + 1);
              relay.refuse();
              write(upload, Part.BYTES + 1);
              upload.commit();
            }
          })
          .withMessageContaining("large");
      relay.heal();

      assertThat(store.size("large")).isEmpty();
    }
  }
}
