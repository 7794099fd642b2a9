package io.ringkeep.cli.session;

import io.ringkeep.advice.Cadence;
import io.ringkeep.advice.Importance;
import io.ringkeep.backup.SourcePolicy;
import io.ringkeep.backup.Via;
import io.ringkeep.lookup.Undelete.Present;
import io.ringkeep.redis.TlsFiles;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.restore.Conflict;
import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.Proof;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/// Options that take one word of a few: `PREFER_REPLICA` is written `prefer-replica`.
public final class Choices {
  private static final List<Class<? extends Enum<?>>> TYPES =
      List.of(
          SourcePolicy.class,
          Via.class,
          Encryption.class,
          OutputFormat.class,
          TlsFiles.Verification.class,
          Existing.class,
          Present.class,
          Loader.class,
          Proof.class,
          Conflict.class,
          Importance.class,
          Cadence.Kind.class);

  private Choices() {}

  /// The words of one type, for completion in a shell.
  abstract static class Words extends AbstractList<String> {
    private final List<String> words;

    Words(Class<?> type) {
      words = words(type);
    }

    @Override
    public String get(int index) {
      return words.get(index);
    }

    @Override
    public int size() {
      return words.size();
    }
  }

  /// For `--from`.
  public static final class OfSourcePolicy extends Words {
    OfSourcePolicy() {
      super(SourcePolicy.class);
    }
  }

  /// For `--via`.
  public static final class OfVia extends Words {
    OfVia() {
      super(Via.class);
    }
  }

  /// For `--encryption`.
  public static final class OfEncryption extends Words {
    OfEncryption() {
      super(Encryption.class);
    }
  }

  /// For `--output`.
  public static final class OfOutputFormat extends Words {
    OfOutputFormat() {
      super(OutputFormat.class);
    }
  }

  /// For `--source-tls-verify` and `--target-tls-verify`.
  public static final class OfVerification extends Words {
    OfVerification() {
      super(TlsFiles.Verification.class);
    }
  }

  /// For `--existing`.
  public static final class OfExisting extends Words {
    OfExisting() {
      super(Existing.class);
    }
  }

  /// For `--existing` of `undelete`.
  public static final class OfPresent extends Words {
    OfPresent() {
      super(Present.class);
    }
  }

  /// For `--loader`.
  public static final class OfLoader extends Words {
    OfLoader() {
      super(Loader.class);
    }
  }

  /// For `--proof`.
  public static final class OfProof extends Words {
    OfProof() {
      super(Proof.class);
    }
  }

  /// For `--on-conflict`.
  public static final class OfConflict extends Words {
    OfConflict() {
      super(Conflict.class);
    }
  }

  /// For `--importance`.
  public static final class OfImportance extends Words {
    OfImportance() {
      super(Importance.class);
    }
  }

  /// For `--cadence`.
  public static final class OfCadence extends Words {
    OfCadence() {
      super(Cadence.Kind.class);
    }
  }

  /// Teaches `commandLine` to read them all.
  public static void register(CommandLine commandLine) {
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
                "'%s' is none of %s".formatted(word, String.join(", ", words(type)))));
  }

  private static List<String> words(Class<?> type) {
    return Arrays.stream(type.getEnumConstants()).map(Choices::word).toList();
  }

  /// How a constant is written.
  public static String word(Object constant) {
    return constant.toString().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
