package io.ringkeep.redis.rdb;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestServer;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// No server at hand has arrays, but those since 7.2 write scores by the same function.
class FloatTextIT {
  @ParameterizedTest
  @MethodSource("servers")
  void of_anyDouble_isWhatAServerWritesForAScore(Engine engine) throws Exception {
    Random random = Seeds.random("floats of " + engine);
    int digitsThatJavaWritesOtherwise = 0;
    try (TestServer server = TestServer.start(engine)) {
      for (int batch = 0; batch < Seeds.rounds(30); batch++) {
        List<Double> scores = new ArrayList<>();
        List<String> add = new ArrayList<>(List.of("ZADD", "scores"));
        List<String> read = new ArrayList<>(List.of("ZMSCORE", "scores"));
        for (int i = 0; i < 1000; i++) {
          double score = score(random);
          scores.add(score);
          add.add(Double.toString(score));
          add.add("m" + i);
          read.add("m" + i);
        }
        server.call(add.toArray(String[]::new));
        List<?> replies = Raw.list(server.call(read.toArray(String[]::new)));
        for (int i = 0; i < scores.size(); i++) {
          String written = Raw.text(replies.get(i));
          boolean whole = !written.contains(".") && !written.contains("e");
          String text = new String(FloatText.of(scores.get(i)), US_ASCII);
          assertThat(text).isEqualTo(whole ? written + ".0" : written);
          if (!sameDigits(text, Double.toString(scores.get(i)))) {
            digitsThatJavaWritesOtherwise++;
          }
        }
      }
    }
    assertThat(digitsThatJavaWritesOtherwise).isPositive();
  }

  private static boolean sameDigits(String one, String other) {
    return new BigDecimal(one).compareTo(new BigDecimal(other)) == 0;
  }

  static Stream<Engine> servers() {
    return Stream.of(Engines.redis80(), Engines.newestValkey()).flatMap(Optional::stream);
  }

  private static double score(Random random) {
    double score =
        switch (random.nextInt(4)) {
          case 0 -> random.nextInt(2_000_000) / 1000.0;
          case 1 -> random.nextGaussian();
          case 2 -> Math.scalb(random.nextDouble(), random.nextInt(200) - 100);
          default -> Double.longBitsToDouble(random.nextLong());
        };
    return Double.isFinite(score) ? score : 0.1;
  }
}
