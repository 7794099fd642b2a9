package io.ringkeep.cli.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepositoryPlaceTest {
  @Test
  void parse_pathOrFileUrl_isTheFolder() {
    assertThat(RepositoryPlace.parse("/srv/backup")).isEqualTo(Path.of("/srv/backup"));
    assertThat(RepositoryPlace.parse("file:///srv/back%20up")).isEqualTo(Path.of("/srv/back up"));
    assertThat(RepositoryPlace.parse("backup")).isEqualTo(Path.of("backup").toAbsolutePath());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"s3://key:secret@bucket/prefix", "sftp://me:secret@host/x", "redis://h:secret@h"})
  void parse_otherPlaces_areRefusedWithoutRepeatingThem(String place) {
    assertThatExceptionOfType(InvalidRequest.class)
        .isThrownBy(() -> RepositoryPlace.parse(place))
        .satisfies(e -> assertThat(e.getMessage()).contains("folder").doesNotContain("secret"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"file://host/x", "file://", "file:///%zz", "a\0b"})
  void parse_brokenPath_isRefused(String place) {
    assertThatExceptionOfType(InvalidRequest.class).isThrownBy(() -> RepositoryPlace.parse(place));
  }
}
