package io.ringkeep.cli.verb;

import io.ringkeep.backup.SourcePolicy;
import io.ringkeep.cli.session.OutputFormat;
import io.ringkeep.redis.TlsFiles;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.Proof;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/// Options that take one word of a few: `PREFER_REPLICA` is written `prefer-replica`.
final class Choices {
  private static final List<Class<? extends Enum<?>>> TYPES =
      List.of(
          SourcePolicy.class,
          Encryption.class,
          OutputFormat.class,
          TlsFiles.Verification.class,
          Existing.class,
          Loader.class,
          Proof.class);

  private Choices() {}

  /// Teaches `commandLine` to read them all.
  static void register(CommandLine commandLine) {
    TYPES.forEach(type -> register(commandLine, type));
  }

  private static <T> void register(CommandLine commandLine, Class<T> type) {
    commandLine.registerConverter(type, word -> parse(type, word));
  }

  /// The constant that `word` stands for.
  private static <T> T parse(Class<T> type, String word) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> word(constant).equals(word))
        .findFirst()
        .orElseThrow(() ->
            new TypeConversionException(
                "'%s' is none of %s"
                    .formatted(
                        word,
                        Arrays.stream(type.getEnumConstants())
                            .map(Choices::word)
                            .collect(Collectors.joining(", ")))));
  }

  /// How a constant is written.
  static String word(Object constant) {
    return constant.toString().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
